"""What can be done to the log and to the rows made from the journal; see `records`."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, delete, insert, select, update

from app.db import tables
from app.domain.audit import LOG
from tests.tampering.ground import Ground
from tests.tampering.records import BROKEN_CONTENT, Planted, T, kind

Row = dict[str, Any]


def rows_of(ground: Ground, table: Table, clinic_id: UUID) -> list[Row]:
    """Every row of this clinic."""
    own = table.c.id if table is tables.clinics else table.c.clinic_id
    found = ground.connection.execute(select(table).where(own == clinic_id).order_by(*table.primary_key.columns))
    return [dict(row._mapping) for row in found]


def _is(table: Table, row: Row) -> Any:
    return [column == row[column.name] for column in table.primary_key.columns]


def change(ground: Ground, table: Table, row: Row, **values: Any) -> None:
    """Other values in one row."""
    ground.connection.execute(update(table).where(*_is(table, row)).values(**values))


def take(ground: Ground, table: Table, row: Row) -> None:
    ground.connection.execute(delete(table).where(*_is(table, row)))


def add(ground: Ground, table: Table, row: Row) -> None:
    ground.connection.execute(insert(table), row)


def other_value(chance: Random, value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + chance.choice([1, 2, 7])
        case datetime():
            return value + timedelta(days=1)
        case date():
            return value + timedelta(days=1)
        case UUID():
            return uuid4()
        case dict():
            return {**value, "another": 1}
        case str() if len(value) == 64:
            return f"{chance.getrandbits(256):064x}"
        case str():
            return f"{value}x"
        case _:
            return None


# --- the log ---------------------------------------------------------------------------------------------------------


def _links(ground: Ground, chance: Random, *, of_events: bool | None = None) -> tuple[UUID, list[Row]]:
    clinic_id = chance.choice(ground.clinics)
    found = rows_of(ground, tables.log_links, clinic_id)
    if of_events is not None:
        found = [row for row in found if (row["event_id"] is not None) == of_events]
    return clinic_id, found


def _event(ground: Ground, clinic_id: UUID, link: Row) -> Row:
    return next(row for row in rows_of(ground, tables.log_events, clinic_id) if row["id"] == link["event_id"])


def in_log(clinic_id: UUID, kinds: Any, what: str, *positions: int, **other: Any) -> Planted:
    return Planted(clinic_id, LOG, frozenset(positions), frozenset(kinds), what, **other)


@kind
def a_read_changed(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance, of_events=True)
    link = chance.choice(links)
    row = _event(ground, clinic_id, link)
    name = chance.choice([name for name, value in row.items() if name not in ("clinic_id", "id") and value is not None])
    change(ground, tables.log_events, row, **{name: other_value(chance, row[name])})
    return in_log(clinic_id, {T.CHANGED}, f"{name} of a {row['action']}", link["position"])


@kind
def a_read_gone(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance, of_events=True)
    link = chance.choice(links)
    take(ground, tables.log_events, _event(ground, clinic_id, link))
    return in_log(clinic_id, {T.MISSING}, "an event", link["position"])


@kind
def a_read_moved_to_another_clinic(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance, of_events=True)
    link = chance.choice(links)
    row = _event(ground, clinic_id, link)
    elsewhere = next(one for one in ground.clinics if one != clinic_id)
    change(ground, tables.log_events, row, clinic_id=elsewhere)
    if chance.random() < 0.5:
        return in_log(clinic_id, {T.MISSING}, "where it was", link["position"])
    return in_log(elsewhere, {T.ADDED}, "where it came")


@kind
def reads_swapped(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance, of_events=True)
    one, other = chance.sample(links, 2)
    first, second = _event(ground, clinic_id, one), _event(ground, clinic_id, other)
    values = [
        {name: value for name, value in row.items() if name not in ("clinic_id", "id")} for row in (first, second)
    ]
    change(ground, tables.log_events, first, **values[1])
    change(ground, tables.log_events, second, **values[0])
    return in_log(clinic_id, {T.CHANGED, T.SWAPPED}, "contents", one["position"])


@kind
def a_read_slipped_in(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance, of_events=True)
    row = {**_event(ground, clinic_id, chance.choice(links)), "id": uuid4()}
    add(ground, tables.log_events, row)
    if chance.random() < 0.5:
        return in_log(clinic_id, {T.ADDED}, "not in line for a seal")
    add(ground, tables.log_pending, {"clinic_id": clinic_id, "event_id": row["id"]})
    return in_log(clinic_id, {T.UNSEALED}, "in line for a seal", later=timedelta(minutes=2))


@kind
def a_link_changed(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance)
    link = chance.choice(links)
    names = [
        "hash",
        "prev_hash",
        *(["event_id"] if link["event_id"] else ["head_stream", "head_position", "head_hash"]),
    ]
    name = chance.choice(names)
    change(ground, tables.log_links, link, **{name: other_value(chance, link[name])})
    kinds = {*BROKEN_CONTENT, T.MISSING}
    return in_log(clinic_id, kinds, name, link["position"])


@kind
def a_link_gone(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance)
    link = chance.choice(links)
    take(ground, tables.log_links, link)
    return in_log(clinic_id, {T.MISSING, T.CUT_OFF}, "a link", link["position"], anchored=link is links[-1])


@kind
def links_swapped(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance)
    one, other = chance.sample(links, 2)
    for row in (one, other):
        take(ground, tables.log_links, row)
    add(ground, tables.log_links, {**one, "position": other["position"]})
    add(ground, tables.log_links, {**other, "position": one["position"]})
    return in_log(clinic_id, {T.SWAPPED}, "links", one["position"], other["position"])


@kind
def the_log_cut_off(ground: Ground, chance: Random) -> Planted | None:
    clinic_id, links = _links(ground, chance)
    left = chance.randrange(1, len(links))
    for row in links[left:]:
        take(ground, tables.log_links, row)
    return in_log(clinic_id, {T.CUT_OFF}, f"{len(links) - left} links", left + 1, anchored=True)


# --- what is made from the journal -----------------------------------------------------------------------------------

MADE: dict[Table, tuple[str, ...]] = {
    tables.clinics: ("name", "timezone", "created_at"),
    tables.staff: ("username", "name", "role", "active", "revision"),
    tables.enrolments: ("name", "revision"),
    tables.walls: ("name", "initials", "in_use", "revision"),
    tables.protocol_versions: ("hash", "example", "document", "revision"),
    tables.protocol_approvals: ("name", "role", "approved_at"),
    tables.patients: ("family", "given", "record_number", "birth_date", "revision"),
    tables.courses: ("patient_id", "revision"),
    tables.sessions: (
        "revision", "patient_id", "course_id", "state", "listing", "due_at", "overdue_at", "next_change_at", "status",
        "status_since", "digest", "board", "at", "chair_key", "signer_id", "dose_started_at", "brief", "position",
        "hash", "sealed", "numbered",
    ),
    tables.streams: ("position", "hash", "sealed", "numbered"),
}  # fmt: skip
"""Columns that follow from journal and log."""
LISTINGS = ("planned", "active", "closed", "afterwards")


def _where(table: Table, row: Row) -> str:
    if table is tables.streams:
        return f"head of {row['stream']}"
    key = [str(row[column.name]) for column in table.primary_key.columns if column.name != "clinic_id"]
    return f"{table.name} {'/'.join(key)}"


def _one(ground: Ground, chance: Random, choices: Any = MADE) -> tuple[UUID, Table, Row] | None:
    clinic_id, table = chance.choice(ground.clinics), chance.choice(list(choices))
    found = rows_of(ground, table, clinic_id)
    return (clinic_id, table, chance.choice(found)) if found else None


@kind
def a_made_row_changed(ground: Ground, chance: Random) -> Planted | None:
    found = _one(ground, chance)
    if found is None:
        return None
    clinic_id, table, row = found
    name = chance.choice([name for name in MADE[table] if row[name] is not None])
    value = other_value(chance, row[name])
    if name == "listing":
        value = chance.choice([one for one in LISTINGS if one != row["listing"]])
    change(ground, table, row, **{name: value})
    where = _where(table, row)
    if table is tables.sessions and name in ("position", "hash", "sealed", "numbered"):
        where = f"head of session:{row['id']}"
    return Planted(clinic_id, where, frozenset(), frozenset({T.DIFFERS}), f"{table.name}.{name}")


@kind
def a_made_row_gone(ground: Ground, chance: Random) -> Planted | None:
    found = _one(ground, chance)
    if found is None:
        return None
    clinic_id, table, row = found
    take(ground, table, row)
    return Planted(clinic_id, _where(table, row), frozenset(), frozenset({T.DIFFERS}), table.name)


@kind
def a_made_row_added(ground: Ground, chance: Random) -> Planted | None:
    added: dict[Table, Callable[[Row], Row]] = {
        tables.staff: lambda row: {**row, "id": uuid4()},
        tables.enrolments: lambda row: {**row, "id": uuid4()},
        tables.walls: lambda row: {**row, "id": uuid4()},
        tables.protocol_versions: lambda row: {**row, "version": row["version"] + 5},
        tables.protocol_approvals: lambda row: {**row, "staff_id": uuid4()},
        tables.patients: lambda row: {**row, "id": uuid4()},
        tables.courses: lambda row: {**row, "id": uuid4()},
        tables.streams: lambda row: {**row, "stream": f"patient:{uuid4()}"},
    }
    found = _one(ground, chance, added)
    if found is None:
        return None
    clinic_id, table, row = found
    other = added[table](row)
    add(ground, table, other)
    return Planted(clinic_id, _where(table, other), frozenset(), frozenset({T.DIFFERS}), table.name)


@kind
def a_look_up_key_changed(ground: Ground, chance: Random) -> Planted | None:
    clinic_id = chance.choice(ground.clinics)
    table = chance.choice([tables.patient_keys, tables.usernames])
    row = chance.choice(rows_of(ground, table, clinic_id))
    whose = row["patient_id"] if table is tables.patient_keys else row["staff_id"]
    if chance.random() < 0.5:
        take(ground, table, row)
    else:
        name = "key" if table is tables.patient_keys else "username"
        change(ground, table, row, **{name: f"{row[name]}x"})
    return Planted(clinic_id, f"{table.name} {whose}", frozenset(), frozenset({T.DIFFERS}), table.name)


@kind
def the_feed_changed(ground: Ground, chance: Random) -> Planted | None:
    clinic_id = chance.choice(ground.clinics)
    found = rows_of(ground, tables.feed, clinic_id)
    row, other = chance.sample(found, 2)
    what = chance.choice(["gone", "swapped", "another"])
    if what == "gone":
        take(ground, tables.feed, row)
    elif what == "another":
        change(ground, tables.feed, row, entry=row["entry"] + 500)
    else:
        if row["stream"] != other["stream"]:
            return None  # between streams any order is right
        for one in (row, other):
            take(ground, tables.feed, one)
        add(ground, tables.feed, {**row, "position": other["position"]})
        add(ground, tables.feed, {**other, "position": row["position"]})
    return Planted(clinic_id, "feed", frozenset(), frozenset({T.DIFFERS}), what)
