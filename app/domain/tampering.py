"""Holding streams of the journal against their hashes, and what was done to them where they do not hold.

`verify` goes through a stream once, an entry at a time: enough where all is well. `explain` then takes the streams that
do not hold together, and finds which entry belongs to which place: an entry's hash covers its clinic, stream and place,
so one that was moved fits where it was kept, and nowhere else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.domain.audit import LATE, BadRow, ChainCheck, Head, Tampering
from app.domain.facts import START
from app.domain.instants import to_text
from app.domain.journal import Entry, entry_hash

MOST_LOOSE = 200
"""Entries out of place that are tried everywhere; of more it is only said where they are."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a stream beside its entries.

    `row`: its row's own head. `seals`, `outside`: by position the hashes that the log's seals, and anchors kept
    elsewhere, hold. `sealed`: how far its row says that it is sealed; None where that is not looked at.
    """

    row: Head | None = None
    seals: Mapping[int, str] = field(default_factory=dict)
    outside: Mapping[int, str] = field(default_factory=dict)
    sealed: int | None = None

    @property
    def hashes(self) -> dict[int, str]:
        """Position and hash; what is kept elsewhere outranks our own."""
        own = {self.row.position: self.row.hash} if self.row is not None and self.row.position else {}
        return own | dict(self.seals) | dict(self.outside)


@dataclass(frozen=True, slots=True)
class Faulty:
    """A stream that does not hold, whole."""

    clinic_id: UUID
    stream: str
    entries: Sequence[Entry]
    known: Known
    check: ChainCheck


def verify(stream: str, entries: Iterable[Entry], known: Known, wall: datetime | None = None) -> ChainCheck:
    """Checks a stream entry by entry, in order of position; `wall`: the wall clock, where the tail's age counts."""
    return _walk(stream, entries, known, [], wall)


def _walk(
    stream: str, entries: Iterable[Entry], known: Known, loose: list[Entry], wall: datetime | None = None
) -> ChainCheck:
    """As `verify`; what is out of place goes into `loose`."""
    hashes, wrong = known.hashes, list[BadRow]()
    head: Head | None = None
    prev: str | None = START
    links = end = 0
    for entry in entries:
        place = entry.position
        if place > end + 1:
            wrong.append(_missing(end + 1, place - 1))
            prev = hashes.get(place - 1)
        bad = _fault(entry, prev, end, known, hashes)
        if bad is not None:
            wrong.append(bad)
            if bad.kind is not Tampering.REWRITTEN:
                loose.append(entry)
        links += not wrong
        if wall is not None and known.sealed is not None and place > known.sealed and wall - entry.wall_at > LATE:
            because = f"it is of {to_text(entry.wall_at)} and not sealed: sealing stopped, or it was slipped in"
            wrong.append(BadRow(place, entry.id, because, Tampering.UNSEALED))
        prev, end, head = entry.hash, max(place, end), entry.head
    if (furthest := max(hashes, default=0)) > end:
        wrong.append(_cut_off(end, furthest))
    return ChainCheck(stream, links, head, tuple(wrong), 0)


def _missing(first: int, last: int) -> BadRow:
    because = f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
    return BadRow(first, None, because, Tampering.MISSING)


def _cut_off(end: int, furthest: int) -> BadRow:
    because = (
        f"the stream ends at {end}, but a seal, an anchor or its own row knows entry {furthest}: its tail was cut off"
    )
    return BadRow(end + 1, None, because, Tampering.CUT_OFF)


def _fault(entry: Entry, prev: str | None, end: int, known: Known, hashes: Mapping[int, str]) -> BadRow | None:
    place = entry.position
    if place <= end:
        return BadRow(place, entry.id, "the stream has this position already", Tampering.ADDED)
    if prev is not None and entry.hash != entry_hash(prev, entry):
        because = "it does not follow from the entry before it, or its content was changed after it was kept"
        return BadRow(place, entry.id, because)
    if hashes.get(place, entry.hash) != entry.hash:
        by = "an anchor kept elsewhere" if place in known.outside else "a seal or its own row"
        because = f"{by} holds another hash for it: it was written anew, it or an entry before it"
        return BadRow(place, entry.id, because, Tampering.REWRITTEN)
    if known.row is not None and place > known.row.position:
        because = f"its stream's row ends at {known.row.position}: it was slipped in behind the last entry"
        return BadRow(place, entry.id, because, Tampering.ADDED)
    return None


# --- which entry belongs where ---------------------------------------------------------------------------------------

Place = tuple[UUID, str, int]


def _place(entry: Entry) -> Place:
    return entry.clinic_id, entry.stream, entry.position


@dataclass(frozen=True, slots=True)
class _Here:
    """The entry that belongs to a place. `fits`: by its hash; else only because what follows was linked to it."""

    entry: Entry
    fits: bool


def explain(faulty: Sequence[Faulty]) -> dict[tuple[UUID, str], tuple[BadRow, ...]]:
    """By clinic and stream: what was done to it, as nearly as the hashes tell."""
    loose = [entry for one in faulty for entry in _loose(one)]
    if len(loose) > MOST_LOOSE:
        return {(one.clinic_id, one.stream): one.check.wrong for one in faulty}
    placed = {(one.clinic_id, one.stream): _placed(one, loose) for one in faulty}
    belongs = {_place(here.entry): (*key, place) for key, found in placed.items() for place, here in found.items()}
    told = {}
    for one in faulty:
        key = one.clinic_id, one.stream
        found = list(_told(one, placed[key], belongs, _end(one, loose)))
        others = [bad for bad in one.check.wrong if bad.kind in {Tampering.REWRITTEN, Tampering.UNSEALED}]
        told[key] = tuple(sorted([*found, *others], key=lambda bad: bad.position)) or one.check.wrong
    return told


def _loose(one: Faulty) -> list[Entry]:
    found: list[Entry] = []
    _walk(one.stream, one.entries, one.known, found)
    return found


def _fits(entry: Entry, one: Faulty, place: int, prev: str) -> bool:
    there = replace(entry, clinic_id=one.clinic_id, stream=one.stream, position=place)
    return entry.hash == entry_hash(prev, there)


def _placed(one: Faulty, loose: Sequence[Entry]) -> dict[int, _Here]:
    """By position, the entry that was kept there, wherever it stands now."""
    rows = {entry.position: entry for entry in reversed(one.entries)}
    hashes, found = one.known.hashes, dict[int, _Here]()
    prev: str | None = START
    for place in range(1, _end(one, loose) + 1):
        tried = [*([rows[place]] if place in rows else []), *(entry for entry in loose if entry is not rows.get(place))]
        here = (
            None
            if prev is None
            else next((_Here(entry, True) for entry in tried if _fits(entry, one, place, prev)), None)
        )
        if here is None:
            after = [*([rows[place + 1]] if place + 1 in rows else []), *loose]
            here = next(
                (_Here(entry, False) for entry in tried if _is_followed(entry, after, one, place, hashes)), None
            )
        if here is not None:
            found[place] = here
        prev = here.entry.hash if here is not None else hashes.get(place)
    return found


def _is_followed(entry: Entry, after: Iterable[Entry], one: Faulty, place: int, hashes: Mapping[int, str]) -> bool:
    if place in hashes:
        return hashes[place] == entry.hash
    return any(_fits(other, one, place + 1, entry.hash) for other in after if other is not entry)


def _end(one: Faulty, loose: Sequence[Entry]) -> int:
    """The last place that is looked at: a row may say any number, and no more can have stood behind than is loose."""
    end = max((entry.position for entry in one.entries), default=0)
    return min(max([end, *one.known.hashes]), end + len(loose) + 1)


def _told(one: Faulty, placed: Mapping[int, _Here], belongs: Mapping[Place, Place], last: int) -> Iterator[BadRow]:
    rows = {entry.position: entry for entry in one.entries}
    end, known = max(rows, default=0), one.known.row.position if one.known.row is not None else None
    absent: list[int] = []
    shifted: dict[int, int] = {}
    unknown_before = False
    for place in range(1, last + 1):
        row, here = rows.get(place), placed.get(place)
        kept_as = belongs.get(_place(row)) if row is not None else None
        if row is not None and kept_as is not None and kept_as != _place(row):
            yield from _stands_here(row, kept_as, belongs, shifted)
        elif row is not None and kept_as is None:
            if here is not None or (known is not None and place > known):
                yield BadRow(place, row.id, "it was not kept there: it was slipped in", Tampering.ADDED)
            else:
                yield BadRow(place, row.id, "its content was changed after it was kept")
        elif row is not None and here is not None and not here.fits and not unknown_before:
            because = "its content was changed after it was kept, or that of the entry before it"
            yield BadRow(place, row.id, because)
        if here is not None and _place(here.entry)[:2] != (one.clinic_id, one.stream):
            clinic = "" if here.entry.clinic_id == one.clinic_id else f" of clinic {here.entry.clinic_id}"
            because = f"it stands as entry {here.entry.position} of {here.entry.stream}{clinic}"
            yield BadRow(place, here.entry.id, because, Tampering.MOVED)
        gone = here is None and (row is None or kept_as is not None) and not (known is not None and place > known)
        if gone:
            absent.append(place)
        unknown_before = gone or (unknown_before and here is not None and not here.fits)
    yield from _runs(absent, end)
    yield from _shifts(shifted)


def _stands_here(
    row: Entry, kept_as: Place, belongs: Mapping[Place, Place], shifted: dict[int, int]
) -> Iterator[BadRow]:
    place = row.position
    if kept_as[:2] != _place(row)[:2]:
        clinic = "" if kept_as[0] == row.clinic_id else f" of clinic {kept_as[0]}"
        because = f"it was kept as entry {kept_as[2]} of {kept_as[1]}{clinic}"
        yield BadRow(place, row.id, because, Tampering.MOVED)
    elif belongs.get(kept_as) == _place(row):
        yield BadRow(place, row.id, f"it was kept as entry {kept_as[2]}, which stands as {place}", Tampering.SWAPPED)
    else:
        shifted[place] = kept_as[2]


def _runs(absent: Sequence[int], end: int) -> Iterator[BadRow]:
    """What is missing, a run of neighbours at once; cut off, where nothing follows."""
    first = None
    for place, after in zip(absent, [*absent[1:], None], strict=False):
        first = first or place
        if after != place + 1:
            yield _cut_off(first - 1, place) if first > end else _missing(first, place)
            first = None


def _shifts(shifted: Mapping[int, int]) -> Iterator[BadRow]:
    """What was moved within its stream, a run of neighbours that moved alike at once."""
    last: tuple[int, int] | None = None
    for place, kept_as in sorted(shifted.items()):
        if last is None or (place, kept_as - place) != (last[0] + 1, last[1]):
            because = f"it was kept as entry {kept_as}, and those behind it likewise"
            yield BadRow(place, None, because, Tampering.MOVED)
        last = place, kept_as - place
