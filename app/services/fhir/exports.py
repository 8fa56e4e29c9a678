"""Bulk exports: ordering one, following it, fetching its files, taking it back; and reading the record slice by slice.

An export tells the record as it stood at its transaction time. Nothing in the record is ever changed and each part says
when it arrived, so any slice, read at any later time, tells the same: it needs no transaction that stays open, goes on
after a restart where it stopped, and lets nurses' writes through.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.db import exports
from app.db.work import Work
from app.domain.errors import NotFound, Refusal
from app.domain.exports import Export, ExportFile, ExportState, Key, Order, Progress, order_document
from app.exchange.fhir import Resource
from app.exchange.observation_lines import ObservationLines
from app.services.fhir.asking import NoSuchResource, find
from app.services.fhir.lines import Lines, tell_sessions
from app.services.fhir.selection import selection_of_export, uuids
from app.services.fhir.walks import WALKS, Walk, walks_of

AT_ONCE = 2
"""Exports of one clinic that may wait or run at the same time."""
LISTED = 50
OF_PATIENTS = frozenset(
    {
        "Patient",
        "EpisodeOfCare",
        "Encounter",
        "Observation",
        "Condition",
        "Procedure",
        "MedicationAdministration",
        "GuidanceResponse",
        "Provenance",
        "RelatedPerson",
        "Flag",
    }
)
"""The types that belong to patients: FHIR's patient compartment, of what is told here."""


class TooManyExports(Refusal):
    """As many exports of this clinic are under way as may be at once. Wait for one to end, or delete one."""

    code = "too-many-exports"
    retry_after = 60


class NoSuchExport(NotFound):
    """There is no export under this id, or it has ended: order a new one."""

    code = "no-such-export"


class ExportFailed(Refusal):
    """The export could not be finished. Order a new one."""

    code = "export-failed"


def owner_of(work: Work) -> str:
    """Who asks, so that nobody else may follow or fetch what they ordered."""
    return f"{work.signer.role}:{work.actor.id}"


def members(work: Work, group: str) -> tuple[UUID, ...] | None:
    """The patients of a Group, None for all of the clinic. Raises `NoSuchResource`."""
    found = find(work, "Group", group)
    if found is None:
        raise NoSuchResource
    return None if "member" not in found else _patients(found)


def _patients(group: Resource) -> tuple[UUID, ...]:
    named = (member["entity"]["reference"].rpartition("/")[2] for member in group["member"])
    return tuple(sorted(uuids(named) or ()))


def order(work: Work, export_id: UUID, wanted: Order, wall: datetime, group: str | None = None) -> Export:
    """Orders an export of the record as it stands now. Raises `TooManyExports`, or `NoSuchResource` of a group."""
    if group is not None:
        of_group = members(work, group)
        if of_group is not None:
            named = of_group if wanted.patients is None else tuple(sorted({*of_group} & {*wanted.patients}))
            wanted = replace(wanted, patients=named)
    if exports.count_open(work) >= AT_ONCE:
        raise TooManyExports
    export = Export(
        id=export_id,
        clinic_id=work.clinic_id,
        owner=owner_of(work),
        order=wanted,
        asked_at=work.now,
        transaction_time=work.now,
        state=ExportState.WAITING,
        progress=Progress(),
    )
    exports.keep(work, export, wall)
    work.audit("export.ordered", subject="export", subject_id=export_id, after=order_document(wanted))
    return export


def mine(work: Work, wall: datetime) -> list[Export]:
    """What the asker has ordered and whose time is not over: the newest of it, newest first."""
    return [
        one for one in exports.of_owner(work, owner_of(work), LISTED) if not (one.expires_at and one.expires_at < wall)
    ]


def follow(work: Work, export_id: UUID, wall: datetime) -> Export:
    """How it stands. Raises `NoSuchExport`, alike for an unknown one, another's, and one that has ended."""
    export = exports.find(work, export_id)
    if export is None or export.owner != owner_of(work) or export.state is ExportState.ENDED:
        raise NoSuchExport
    if export.expires_at is not None and export.expires_at < wall:
        raise NoSuchExport
    return export


def open_file(work: Work, export_id: UUID, name: str, wall: datetime) -> ExportFile:
    """One finished file, audited as read. Raises `NoSuchExport`."""
    export = follow(work, export_id, wall)
    if export.state is not ExportState.DONE:
        raise NoSuchExport
    found = next((file for file in export.progress.files if file.name == name), None)
    if found is None:
        raise NoSuchExport
    work.audit(
        "export.file-read",
        subject="export",
        subject_id=export_id,
        after={"type": found.type, "count": found.count, "size": found.size},
    )
    return found


def take_back(work: Work, export_id: UUID, wall: datetime) -> None:
    """Ends it, whether it waits, runs or is done. Raises `NoSuchExport`."""
    follow(work, export_id, wall)
    exports.end(work, export_id)
    work.audit("export.deleted", subject="export", subject_id=export_id)


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slice:
    """What one read gave: NDJSON by type with how many lines, where to go on (None: nothing is left), units read."""

    lines: dict[str, tuple[bytearray, int]]
    place: Key | None
    units: int


def _after(walks: Sequence[Walk], name: str) -> Key | None:
    names = [walk.name for walk in walks]
    rest = names[names.index(name) + 1 :]
    return (rest[0],) if rest else None


def read_slice(work: Work, wanted: Order, instant: datetime, place: Key | None, templates: ObservationLines) -> Slice:
    """The next few units from a place on, as the record stood at `instant`. Nobody is audited here: the order was."""
    walks = walks_of(wanted.types)
    if not walks:
        return Slice({}, None, 0)
    place = place or (walks[0].name,)
    walk = next(one for one in WALKS if one.name == place[0])
    types = tuple(kind for kind in walk.types if kind in wanted.types)
    key = place[1] if len(place) > 1 else None
    selection = selection_of_export(wanted.patients, wanted.since, instant)
    page = Lines(wanted.since)
    if walk.name == "sessions":
        keys = tell_sessions(work, selection, types, key, walk.at_once, page, templates)
    else:
        units = walk.after(work, selection, types, key, walk.at_once)
        for unit in units:
            page.add_all(unit.newest(types))
        keys = [unit.key for unit in units]
    following = (walk.name, keys[-1]) if len(keys) == walk.at_once else _after(walks, walk.name)
    return Slice(page.told(), following, len(keys))
