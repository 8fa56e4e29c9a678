"""How a backup is taken, checked and brought back: nothing bears its final name before all of it was proven."""

import contextlib
import fcntl
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

from app import __version__
from app.commands.ending import leave_if_asked, while_wanted
from app.commands.running import Running, Stop, joined, operator, running
from app.commands.verifying import Anchors, verifier
from app.db import copies
from app.db.copies import Means
from app.db.copying import CopyPlace
from app.db.engine import open_unserved
from app.db.refusals import DatabaseFault
from app.db.schema import newest, versions
from app.db.work import EVERY_CLINIC, NIL, NO_CLINIC
from app.domain.errors import Invalid
from app.domain.instants import from_text, to_text
from app.exchange import backup_file
from app.exchange.backup_file import BadBackup, Identity, Recipient
from app.services import audit, clinics
from app.settings import Settings

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_FOLDER = "infusion-vitals-"
_SHOWN = 5
"""Faults told of one backup; `audit verify` tells all."""


class DoesNotHold(Stop):
    """What a backup was taken from does not hold."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `heads`: the newest link of every chain, read before the copy was begun."""

    engine: str
    schema: str
    program: str
    instant: datetime
    epoch: UUID
    counts: Mapping[str, int]
    heads: Anchors

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Proven:
    """A backup that was brought back into an empty place and found whole there."""

    manifest: Manifest
    chains: int
    links: int

    def __str__(self) -> str:
        stood = f"as of {to_text(self.manifest.instant)}, schema {self.manifest.schema}"
        counted = f"{len(self.manifest.counts)} tables, {self.manifest.rows} rows, {self.chains} chains, {self.links}"
        return f"{stood}: {counted} links, all as they were"


# --- taking ----------------------------------------------------------------------------------------------------------


def back_up(settings: Settings, to: Path, recipients: Sequence[Recipient]) -> tuple[Proven, str]:
    """A new file at `to`, proven by bringing it back; and its SHA-256. Without recipients it is not encrypted."""
    # beside the operator's key, one of this process alone: what is proven are the bytes on the disk
    own = backup_file.new_identity()
    chosen = [*recipients, own.to_public()] if recipients else []
    with _means(settings) as means, running(settings) as run:
        with _unfinished(to) as file:
            run.seal()
            begun = _begun(run)
            leave_if_asked()
            with copies.snapshot(settings.database_url, means) as taken:
                told = {"engine": taken.engine, "schema": taken.schema, "counts": dict(taken.counts)}
                backup_file.write(file, begun | told, while_wanted(taken.pieces), chosen)
            file.settle()
            proven = check(file.path, [own], means)
            leave_if_asked()
            file.take()
        said = {"sha256": file.digest(), "bytes": file.size, "instant": begun["instant"], "encrypted": bool(chosen)}
        run.write(clinics.record_backup, operator(NIL), proven.manifest.instant, said)
    return proven, file.digest()


def _begun(run: Running) -> dict[str, Any]:
    """What was there when the backup was begun: whatever was acknowledged by then is in it."""
    instant = to_text(run.clock.wall())
    epoch = run.database.read_now(clinics.epoch, NO_CLINIC, run.now())
    known = run.database.read_now(audit.clinics_with_events, EVERY_CLINIC, run.now())
    heads = [run.database.read_now(audit.heads, operator(one), run.now()) for one in known]
    lines = [head.line() for each in heads for head in each]
    return {"program": __version__, "instant": instant, "epoch": str(epoch), "heads": lines}


class _Unfinished:
    """A file under another name, hidden beside the final one."""

    def __init__(self, final: Path) -> None:
        self._final, self.path = final, final.with_name(f".{final.name}.partial-{secrets.token_hex(4)}")
        self._hash, self.size = hashlib.sha256(), 0
        self._file: IO[bytes] = io.BytesIO()

    def begin(self) -> None:
        """Makes the file. Not before somebody sees to it that it goes again: one may be asked to end at any moment."""
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, data: bytes, /) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def digest(self) -> str:
        """SHA-256 over all that was written."""
        return self._hash.hexdigest()

    def settle(self) -> None:
        """All of it is on the disk."""
        copies.settle_file(self._file)
        self._file.close()

    def take(self) -> None:
        """Under its final name, where nothing may be."""
        self.name_it(self._final)

    def name_it(self, name: Path) -> None:
        try:
            os.link(self.path, name)
        except FileExistsError:
            raise Stop(f"{name} is there already, and nothing is written over: choose another name") from None
        except OSError:
            # a file system that knows no second names
            if name.exists():
                raise Stop(f"{name} is there already, and nothing is written over: choose another name") from None
            self.path.rename(name)
        self.path.unlink(missing_ok=True)
        copies.settle_folder(name.parent)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _unfinished(to: Path) -> Iterator[_Unfinished]:
    if to.exists():
        raise Stop(f"{to} is there already, and nothing is written over: choose another name")
    if not to.parent.is_dir():
        raise Stop(f"there is no folder {to.parent}: make it first")
    file = _Unfinished(to)
    try:
        file.begin()
        yield file
    except DoesNotHold as problem:
        # the copy is whole; what it was taken from does not hold. Better than none, and never taken for a good one
        apart = to.with_name(f"{to.name}.not-proven")
        file.name_it(apart)
        raise Stop(f"{problem}; the copy itself is whole, and kept as {apart}") from None
    except OSError as error:
        raise Stop(f"no backup was made: {error.filename or to.parent}: {error.strerror}") from None
    finally:
        file.close()


# --- checking --------------------------------------------------------------------------------------------------------


def check_backup(settings: Settings, file: Path, keys: Sequence[Identity], anchors: Anchors) -> Proven:
    """Bring a backup back into a scratch place and look whether it is whole there."""
    with _means(settings) as means:
        return check(file, keys, means, anchors)


def check(file: Path, keys: Sequence[Identity], means: Means, anchors: Anchors | None = None) -> Proven:
    """The same. Raises `BadBackup`, `DoesNotHold` or `NoCopy`."""
    with contextlib.ExitStack() as stack:

        def begin(manifest: Manifest) -> CopyPlace:
            return stack.enter_context(copies.scratch_place(manifest.engine, means))

        manifest, place = _filled(file, keys, begin)
        return _prove(place, manifest, anchors)


class _Leaving:
    """A place that is filled until this process is asked to end."""

    def __init__(self, place: CopyPlace) -> None:
        self._place = place

    def write(self, data: bytes, /) -> int:
        leave_if_asked()
        return self._place.write(data)


def _filled(file: Path, keys: Sequence[Identity], begin: Any) -> tuple[Manifest, CopyPlace]:
    found: list[tuple[Manifest, CopyPlace]] = []

    def begin_with(told: dict[str, Any]) -> _Leaving:
        manifest = _manifest(told)
        place: CopyPlace = begin(manifest)
        found.append((manifest, place))
        return _Leaving(place)

    with file.open("rb") as source:
        backup_file.read(source, keys, begin_with)
    [(manifest, place)] = found
    place.finish()
    return manifest, place


def _manifest(told: dict[str, Any]) -> Manifest:
    try:
        manifest = Manifest(
            told["engine"],
            told["schema"],
            told["program"],
            from_text(told["instant"]),
            UUID(told["epoch"]),
            {str(name): int(count) for name, count in told["counts"].items()},
            audit.read_anchors(told["heads"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, Invalid):
        raise BadBackup("This backup's manifest cannot be read: it is of another version of this program.") from None
    if manifest.schema != newest():
        then = ", and run `migrate` of this one then" if manifest.schema in versions() else " or a later one"
        raise BadBackup(
            f"This backup is of schema {manifest.schema}, and this program knows {newest()}: bring it back with the"
            f" program's version {manifest.program}{then}."
        )
    return manifest


def _prove(place: CopyPlace, manifest: Manifest, anchors: Anchors | None) -> Proven:
    """What was brought back, held against the manifest, its own chains, and anchors."""
    leave_if_asked()
    counted = copies.counts_of(place)
    differing = sorted(
        name for name in {*counted, *manifest.counts} if counted.get(name, -1) != manifest.counts.get(name, -1)
    )
    if differing:
        raise BadBackup(f"This backup is not whole: other rows than were counted in: {', '.join(differing)}.")
    try:
        with joined(open_unserved(place.url)) as run:
            names = run.database.read_now(audit.clinics_with_events, EVERY_CLINIC, run.now())
            held = _together(manifest.heads, anchors or {})
            verdicts = verifier(run, held, manifest.instant, lambda _, streams: while_wanted(streams)).verdicts(names)
            epoch = run.database.read_now(clinics.epoch, NO_CLINIC, run.now())
    except DatabaseFault as fault:
        raise BadBackup(f"This backup cannot be read where it was brought back: {fault}.") from None
    broken = [str(one) for verdict in verdicts.values() for one in verdict.broken]
    broken += [f"an anchor knows clinic {one}, the backup does not" for one in held if one not in verdicts]
    if epoch != manifest.epoch:
        broken.append("its epoch is another than the manifest's")
    if broken:
        more = f" and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        raise DoesNotHold(f"the record in it does not hold: {'; '.join(broken[:_SHOWN])}{more}")
    checks = [each for verdict in verdicts.values() for each in verdict.checks]
    return Proven(manifest, len(checks), sum(each.links for each in checks))


def _together(inside: Anchors, outside: Anchors) -> Anchors:
    """Both; those kept elsewhere outrank the backup's own."""
    clinics_, found = {*inside, *outside}, {}
    for clinic in clinics_:
        own, other = inside.get(clinic, {}), outside.get(clinic, {})
        found[clinic] = {one: {**own.get(one, {}), **other.get(one, {})} for one in {*own, *other}}
    return found


# --- bringing back ---------------------------------------------------------------------------------------------------


def bring_back(settings: Settings, file: Path, keys: Sequence[Identity], anchors: Anchors) -> Proven:
    """The backup in the empty place that the settings name: proven there, and its epoch another from now on."""
    with _means(settings) as means, copies.empty_place(settings.database_url, means) as place:

        def begin(manifest: Manifest) -> CopyPlace:
            engine = copies.engine_of(settings.database_url)
            if manifest.engine != engine:
                raise BadBackup(f"This is a backup of {manifest.engine}, and DATABASE_URL names a place of {engine}.")
            return place

        manifest, _ = _filled(file, keys, begin)
        proven = _prove(place, manifest, anchors)
        leave_if_asked()
        with joined(open_unserved(place.url), seal=True) as run:
            run.write(clinics.begin_anew, operator(NIL), uuid4(), run.clock.wall(), manifest.instant)
        place.take()
    return proven


# --- scratch ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _means(settings: Settings) -> Iterator[Means]:
    """A scratch folder of this process, which goes again, and with it any that a killed one left."""
    base = settings.backup_scratch
    if base is None:
        base = MEMORY
        if not copies.is_in_memory(base):
            raise Stop(
                "there is no folder in memory on this machine, and patients' data are not written to a disk in the"
                " clear unasked: name a folder on an encrypted one by BACKUP_SCRATCH"
            )
    elif not base.is_dir():
        raise Stop(f"BACKUP_SCRATCH names {base}, and there is no such folder")
    owner, server = settings.owner_database_url, settings.backup_scratch_database_url
    _clear_away(base)
    name = f"{_FOLDER}{secrets.token_hex(8)}"
    folder, unlocked = base / name, base / f".{name}"
    try:
        unlocked.mkdir(mode=0o700)
        with (unlocked / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # under this name it can be cleared away by others, unless it is locked
            unlocked.rename(folder)
            chosen = server or owner
            yield Means(
                folder,
                owner.get_secret_value() if owner else None,
                chosen.get_secret_value() if chosen else None,
                settings.postgresql_programs,
            )
    finally:
        for each in (unlocked, folder):
            shutil.rmtree(each, ignore_errors=True)


def _clear_away(base: Path) -> None:
    for left in base.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError):
            lock: IO[bytes]
            with (left / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
