"""What sessions' own streams hold, without what is of the patient and the course."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select

from app.db.journal import entry_of
from app.db.tables import journal
from app.db.work import Work
from app.domain.journal import Entry, Kind, session_stream

_ENTRIES = (
    select(journal)
    .where(
        journal.c.clinic_id == bindparam("clinic"),
        journal.c.stream.in_(bindparam("streams", expanding=True)),
        journal.c.kind.not_in(bindparam("left_out", expanding=True)),
    )
    .order_by(journal.c.stream, journal.c.position)
)


def own_entries(work: Work, these: Collection[UUID], left_out: Collection[Kind] = ()) -> dict[UUID, list[Entry]]:
    """The entries of each of these sessions' streams in their order; those of some kinds can be left out."""
    streams = {session_stream(this): this for this in these}
    found: dict[UUID, list[Entry]] = {this: [] for this in these}
    values = {"streams": list(streams), "left_out": [kind.value for kind in left_out]}
    for row in work.all(_ENTRIES, **values) if streams else ():
        found[streams[row.stream]].append(entry_of(row))
    return found
