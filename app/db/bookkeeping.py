"""How far each stream is sealed and told, and the numbers of the feed, held against journal and log: never made anew.

The feed's numbers are given once. They must tell every published entry up to where its stream is numbered, each once,
in the order of its stream, and have no gap.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, func, select

from app.db.journal import PAGE
from app.db.tables import feed, journal, log_links, sessions, streams
from app.db.work import Work
from app.domain.feed import PUBLISHED
from app.domain.journal import session_stream

_J, _F, _L = journal.c, feed.c, log_links.c
_NUMBERS = (
    select(_F.position, _F.stream, _F.entry, _J.action)
    .outerjoin(journal, (_J.clinic_id == _F.clinic_id) & (_J.stream == _F.stream) & (_J.position == _F.entry))
    .where(_F.clinic_id == bindparam("clinic"))
    .order_by(_F.position)
)
_PASSED_OVER = (
    select(_J.stream, _J.position)
    .outerjoin(feed, (_J.clinic_id == _F.clinic_id) & (_J.stream == _F.stream) & (_J.position == _F.entry))
    .where(
        _J.clinic_id == bindparam("clinic"),
        _F.position.is_(None),
        _J.action.in_(bindparam("told", expanding=True)),
    )
    .order_by(_J.stream, _J.position)
)
_SEALED = (
    select(_L.head_stream, func.max(_L.head_position).label("position"))
    .where(_L.clinic_id == bindparam("clinic"), _L.head_stream.is_not(None))
    .group_by(_L.head_stream)
)


def _rows(work: Work) -> dict[str, Any]:
    """Of every stream its row."""
    found: dict[str, Any] = {}
    for table in (streams, sessions):
        for row in work.all(select(table).where(table.c.clinic_id == bindparam("clinic"))):
            found[row.stream if table is streams else session_stream(row.id)] = row
    return found


def differences(work: Work) -> list[str]:
    """What is not as journal and log say."""
    rows = _rows(work)
    return [*_sealed(work, rows), *_numbered(work, rows)]


def _sealed(work: Work, rows: dict[str, Any]) -> Iterator[str]:
    sealed = {row.head_stream: row.position for row in work.all(_SEALED)}
    for stream, row in sorted(rows.items()):
        if row.sealed != sealed.get(stream, 0):
            yield f"head of {stream}: sealed"


def _numbered(work: Work, rows: dict[str, Any]) -> Iterator[str]:
    last: dict[str, int] = {}
    place = 0
    for row in work.flow(_NUMBERS, PAGE):
        if row.position != place + 1:
            yield f"feed {place + 1}: it is missing"
        if row.action not in PUBLISHED:
            yield f"feed {row.position}: stream, entry"
        elif row.entry <= last.get(row.stream, 0):
            yield f"feed {row.position}: it tells entry {row.entry} of {row.stream} after a later one"
        place, last[row.stream] = row.position, max(row.entry, last.get(row.stream, 0))
    numbered = {stream: row.numbered for stream, row in rows.items()}
    for row in work.all(_PASSED_OVER, told=sorted(PUBLISHED)):
        if row.position <= numbered.get(row.stream, 0):
            yield f"feed: entry {row.position} of {row.stream} was passed over"
    for stream, row in sorted(rows.items()):
        if row.numbered > row.position or row.numbered < last.get(stream, 0):
            yield f"head of {stream}: numbered"
