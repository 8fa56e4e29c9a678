"""What somebody who owns the database can do to it, kind by kind; each says what the verifier has to name.

A kind is a function of the ground and of chance. It changes rows and returns what was planted: `None` where chance
chose something that cannot be (a stream too short).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from app.db.journal import of_stream
from app.db.rows import entry_row
from app.db.work import service_actor
from app.domain.audit import LOG, Tampering
from app.domain.facts import START
from app.domain.journal import Entry, entry_hash, session_of
from tests.tampering.ground import Ground

T = Tampering
BROKEN_CONTENT = frozenset({T.CHANGED, T.REWRITTEN})


@dataclass(frozen=True)
class Planted:
    """What has to be named: in `clinic_id` at `where`, at one of these positions (none: any), as one of these kinds."""

    clinic_id: UUID
    where: str
    positions: frozenset[int]
    kinds: frozenset[Tampering]
    what: str
    anchored: bool = False
    later: timedelta = timedelta()

    def named(self, broken: Iterable[Any]) -> bool:
        """Whether it is among what the verifier names."""
        return any(
            one.clinic_id == self.clinic_id
            and (one.where == self.where or (one.kind is T.DIFFERS and one.where.startswith(self.where)))
            and (not self.positions or one.position in self.positions)
            and one.kind in self.kinds
            for one in broken
        )


Kind = Callable[[Ground, Random], Planted | None]
KINDS: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    KINDS[function.__name__.replace("_", " ")] = function
    return function


# --- the journal -----------------------------------------------------------------------------------------------------


def streams(ground: Ground, clinic_id: UUID) -> list[str]:
    key = _id(ground, clinic_id)
    return [row[0] for row in ground.rows("SELECT DISTINCT stream FROM journal WHERE clinic_id = :c ORDER BY 1", c=key)]


def _id(ground: Ground, value: UUID) -> Any:
    return str(value) if ground.on_sqlite else value


def entries_of(ground: Ground, clinic_id: UUID, stream: str) -> list[Entry]:
    return list(of_stream(ground.work(service_actor(clinic_id)), stream))


def chosen(ground: Ground, chance: Random, at_least: int = 1) -> tuple[UUID, str, list[Entry]]:
    """A clinic and one of its streams with so many entries."""
    while True:
        clinic_id = chance.choice(ground.clinics)
        stream = chance.choice(streams(ground, clinic_id))
        found = entries_of(ground, clinic_id, stream)
        if len(found) >= at_least:
            return clinic_id, stream, found


def put(ground: Ground, entry: Entry, at: tuple[UUID, str, int] | None = None) -> None:
    """The row of an entry written over, wherever it stood (`at`) before."""
    take(ground, *(at or (entry.clinic_id, entry.stream, entry.position)))
    add(ground, entry)


def take(ground: Ground, clinic_id: UUID, stream: str, position: int) -> None:
    ground.execute(
        "DELETE FROM journal WHERE clinic_id = :c AND stream = :s AND position = :p",
        c=_id(ground, clinic_id), s=stream, p=position,
    )  # fmt: skip


def add(ground: Ground, entry: Entry) -> None:
    from sqlalchemy import insert

    from app.db.tables import journal

    ground.connection.execute(insert(journal), entry_row(entry))


def planted(entry: Entry, what: str, kinds: Iterable[Tampering], *more: int, **other: Any) -> Planted:
    positions = frozenset({entry.position, *more})
    return Planted(entry.clinic_id, entry.stream, positions, frozenset(kinds), what, **other)


def _other_text(chance: Random, text: str) -> str:
    """The canonical JSON of the document with one of its values changed."""
    document = json.loads(text)
    leaves: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(one, dict | list) and one:
                walk(one)
            else:
                leaves.append((value, key))

    walk(document)
    if not leaves:
        return '{"another":1}'
    holder, key = chance.choice(leaves)
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + chance.choice([-10, -1, 1, 10])
    elif isinstance(value, str):
        holder[key] = value + "x" if chance.random() < 0.5 else "y"
    else:
        holder[key] = "z"
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _changed(chance: Random, entry: Entry) -> tuple[str, Entry]:
    """An entry with one field changed, and which."""
    field = chance.choice(
        ["text"] * 6
        + ["by name", "by role", "by id", "reason", "recorded_at", "wall_at", "at", "action", "fact_id", "kind"]
        + ["revision", "tablet_id", "sent_as", "patient_id", "id"]
    )
    match field:
        case "text":
            return field, replace(entry, text=_other_text(chance, entry.text))
        case "by name":
            return field, replace(entry, by=replace(entry.by, name="Somebody Else"))
        case "by role":
            return field, replace(entry, by=replace(entry.by, role="lead" if entry.by.role != "lead" else "nurse"))
        case "by id":
            return field, replace(entry, by=replace(entry.by, staff_id=uuid4()))
        case "recorded_at" | "wall_at":
            later = getattr(entry, field) + timedelta(microseconds=chance.choice([1, 1_000_000, -60_000_000]))
            return field, replace(entry, **{field: later})
        case "at":
            at = entry.at + timedelta(minutes=1) if entry.at else entry.recorded_at
            return field, replace(entry, at=at)
        case "action" | "fact_id" | "kind" | "reason":
            return field, replace(entry, **{field: f"{getattr(entry, field)}x"})
        case "revision":
            return field, replace(entry, revision=entry.revision + 50)
        case _:
            return field, replace(entry, **{field: uuid4()})


@kind
def changed(ground: Ground, chance: Random) -> Planted | None:
    _, _, found = chosen(ground, chance)
    entry = chance.choice(found)
    field, other = _changed(chance, entry)
    put(ground, other, (entry.clinic_id, entry.stream, entry.position))
    return planted(entry, f"{field} of a {entry.kind}", {T.CHANGED})


@kind
def named_for_another_session(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance, 2)
    if session_of(stream) is None:
        return None
    others = [
        session_of(one) for one in streams(ground, clinic_id) if session_of(one) not in (None, session_of(stream))
    ]
    entry = chance.choice(found)
    ground.execute(
        "UPDATE journal SET session_id = :o WHERE clinic_id = :c AND stream = :s AND position = :p",
        o=_id(ground, chance.choice(others)), c=_id(ground, clinic_id), s=stream, p=entry.position,
    )  # fmt: skip
    return planted(entry, "session_id", {T.CHANGED})


@kind
def changed_with_its_hash(ground: Ground, chance: Random) -> Planted | None:
    _, _, found = chosen(ground, chance)
    place = chance.randrange(len(found))
    field, other = _changed(chance, found[place])
    other = replace(other, hash=entry_hash(found[place - 1].hash if place else START, other))
    put(ground, other, (other.clinic_id, other.stream, other.position))
    return planted(other, f"{field} and hash", BROKEN_CONTENT, place + 2)


@kind
def hash_changed(ground: Ground, chance: Random) -> Planted | None:
    _, _, found = chosen(ground, chance)
    entry = chance.choice(found)
    put(ground, replace(entry, hash=f"{chance.getrandbits(256):064x}"))
    return planted(entry, "hash", BROKEN_CONTENT, entry.position + 1)


@kind
def missing(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance)
    entry = chance.choice(found)
    take(ground, clinic_id, stream, entry.position)
    return planted(entry, f"a {entry.kind}", {T.CUT_OFF if entry is found[-1] else T.MISSING})


@kind
def missing_and_the_rest_moved_up(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance, 4)
    place = chance.randrange(len(found) - 2)
    take(ground, clinic_id, stream, found[place].position)
    for entry in found[place + 1 :]:
        put(ground, replace(entry, position=entry.position - 1), (clinic_id, stream, entry.position))
    return planted(found[place], f"a {found[place].kind}", {T.MISSING})


def _copy(chance: Random, entry: Entry, position: int, prev: str | None) -> Entry:
    """An entry that never was; with a hash that follows from `prev`, where one is given."""
    other = replace(entry, id=uuid4(), fact_id=str(uuid4()), position=position, hash=f"{chance.getrandbits(256):064x}")
    return other if prev is None else replace(other, hash=entry_hash(prev, other))


@kind
def added_behind_the_last(ground: Ground, chance: Random) -> Planted | None:
    _, _, found = chosen(ground, chance)
    linked = chance.random() < 0.5
    other = _copy(chance, chance.choice(found), len(found) + 1, found[-1].hash if linked else None)
    add(ground, other)
    return planted(other, f"a {other.kind}, {'linked' if linked else 'not linked'}", {T.ADDED})


@kind
def slipped_into_the_unsealed_tail(ground: Ground, chance: Random) -> Planted | None:
    _, _, found = chosen(ground, chance)
    other = _copy(chance, chance.choice(found), len(found) + 1, found[-1].hash)
    add(ground, other)
    _head(ground, other, other.position)
    return planted(other, f"a {other.kind}, its stream's row moved on", {T.UNSEALED}, later=timedelta(minutes=2))


def _head(ground: Ground, entry: Entry, position: int, **more: int) -> None:
    """The row of the stream says that it ends there."""
    session_id = session_of(entry.stream)
    table, place = ("streams", "stream = :s") if session_id is None else ("sessions", "id = :s")
    values = {"position": position, "hash": entry.hash, **more}
    said = ", ".join(f"{name} = :{name}" for name in values)
    ground.execute(
        f"UPDATE {table} SET {said} WHERE clinic_id = :c AND {place}",
        **values, c=_id(ground, entry.clinic_id), s=entry.stream if session_id is None else _id(ground, session_id),
    )  # fmt: skip


@kind
def added_between(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance, 3)
    place = chance.randrange(1, len(found))
    for entry in reversed(found[place:]):
        put(ground, replace(entry, position=entry.position + 1), (clinic_id, stream, entry.position))
    other = _copy(chance, chance.choice(found), place + 1, found[place - 1].hash if chance.random() < 0.5 else None)
    add(ground, other)
    kinds = {T.ADDED, *BROKEN_CONTENT}
    return planted(other, f"a {other.kind}", kinds, place + 2)


@kind
def swapped(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance, 2)
    one, other = chance.sample(found, 2)
    for entry in (one, other):
        take(ground, clinic_id, stream, entry.position)
    add(ground, replace(one, position=other.position))
    add(ground, replace(other, position=one.position))
    return planted(one, f"with entry {other.position}", {T.SWAPPED})


@kind
def swapped_between_streams(ground: Ground, chance: Random) -> Planted | None:
    of_one, of_other = chosen(ground, chance), chosen(ground, chance)
    if of_one[:2] == of_other[:2]:
        return None
    one, other = chance.choice(of_one[2]), chance.choice(of_other[2])
    for entry in (one, other):
        take(ground, entry.clinic_id, entry.stream, entry.position)
    add(ground, replace(one, clinic_id=other.clinic_id, stream=other.stream, position=other.position))
    add(ground, replace(other, clinic_id=one.clinic_id, stream=one.stream, position=one.position))
    return planted(one, f"with entry {other.position} of {other.stream}", {T.MOVED})


@kind
def moved_to_another_stream(ground: Ground, chance: Random) -> Planted | None:
    """A session's entry to another session, a patient's to another patient, a clinic's to another clinic, and so on."""
    of_one, of_other = chosen(ground, chance), chosen(ground, chance)
    if of_one[:2] == of_other[:2]:
        return None
    one = chance.choice(of_one[2])
    take(ground, one.clinic_id, one.stream, one.position)
    end = len(of_other[2]) + 1
    add(ground, replace(one, clinic_id=of_other[0], stream=of_other[1], position=end))
    return planted(one, f"a {one.kind} to {of_other[1]}", {T.MOVED})


@kind
def cut_off(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance, 2)
    left = chance.randrange(1, len(found))
    for entry in found[left:]:
        take(ground, clinic_id, stream, entry.position)
    if chance.random() < 0.5:
        _head(ground, found[left - 1], left, sealed=left, numbered=left)
    return planted(found[left], f"{len(found) - left} entries", {T.CUT_OFF})


@kind
def a_whole_stream_gone(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, stream, found = chosen(ground, chance)
    for entry in found:
        take(ground, clinic_id, stream, entry.position)
    session_id, key = session_of(stream), _id(ground, clinic_id)
    if session_id is None:
        ground.execute("DELETE FROM streams WHERE clinic_id = :c AND stream = :s", c=key, s=stream)
    else:
        ground.execute("DELETE FROM sessions WHERE clinic_id = :c AND id = :s", c=key, s=_id(ground, session_id))
    return planted(found[0], "all of it", {T.CUT_OFF})


def _rewrite(ground: Ground, chance: Random, found: list[Entry]) -> tuple[int, list[Entry]]:
    """A stream written anew from a changed entry on, every hash right, and its row."""
    place = chance.randrange(len(found))
    _, found[place] = _changed(chance, found[place])
    for number in range(place, len(found)):
        before = found[number - 1].hash if number else START
        found[number] = replace(found[number], hash=entry_hash(before, found[number]))
        put(ground, found[number])
    _head(ground, found[-1], found[-1].position)
    return place, found


@kind
def rewritten_to_the_end(ground: Ground, chance: Random) -> Planted | None:
    _, _, found = chosen(ground, chance)
    place, found = _rewrite(ground, chance, found)
    behind = range(place + 1, len(found) + 1)
    return planted(found[place], "every hash behind made anew", {T.REWRITTEN}, *behind)


@kind
def rewritten_with_its_seals(ground: Ground, chance: Random) -> Planted | None:
    """The stream and the whole log behind: only what is kept elsewhere can tell."""
    clinic_id, stream, found = chosen(ground, chance)
    _, found = _rewrite(ground, chance, found)
    relink(ground, clinic_id, {(stream, entry.position): entry.hash for entry in found})
    return planted(found[-1], "every seal behind made anew", {T.REWRITTEN}, anchored=True)


def relink(ground: Ground, clinic_id: UUID, hashes: dict[tuple[str, int], str]) -> None:
    """The log's links made anew over the heads of streams as they are now."""
    from app.db.chains import _link_row, _log
    from app.domain.audit import Head, next_link

    head: Head | None = None
    made = []
    for link, event in list(_log(ground.work(service_actor(clinic_id)))):
        entry: Any = event
        if link.head is not None:
            place = link.head.stream, link.head.position
            entry = replace(link.head, hash=hashes.get(place, link.head.hash))
        new = next_link(head, LOG, entry)
        head = Head(LOG, new.position, new.hash)
        made.append(_link_row(clinic_id, new))
    for row in made:
        ground.execute(
            "UPDATE log_links SET head_hash = :head_hash, prev_hash = :prev_hash, hash = :hash"
            " WHERE clinic_id = :c AND position = :position",
            **{name: row[name] for name in ("head_hash", "prev_hash", "hash", "position")},
            c=_id(ground, clinic_id),
        )


@kind
def an_older_copy_put_back(ground: Ground, chance: Random) -> Planted | None:
    """What stands is all of a piece, and an anchor was taken of something later."""
    clinic_id = chance.choice(ground.clinics)
    stream = chance.choice([LOG, *streams(ground, clinic_id)])
    held = ground.anchors[clinic_id][stream]
    end = max(held)
    later = end + chance.randrange(1, 9)
    held[later] = f"{chance.getrandbits(256):064x}"
    return Planted(
        clinic_id, stream, frozenset({end + 1}), frozenset({T.CUT_OFF}), f"an anchor of {later}", anchored=True
    )
