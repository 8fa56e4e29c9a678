"""All tables of the flat export, and their rows as cells."""

from collections.abc import Iterator
from enum import StrEnum

from app.exchange.flat.cells import Cell, FlatTable
from app.exchange.flat.disguise import Disguise
from app.exchange.flat.event_columns import EVENTS, FINDINGS
from app.exchange.flat.reading_columns import READINGS, REVISIONS
from app.exchange.flat.session_columns import SESSIONS
from app.exchange.flat.wholes import WholeSession


class TableName(StrEnum):
    """The tables, as files and addresses call them."""

    SESSIONS = "sessions"
    READINGS = "readings"
    REVISIONS = "revisions"
    EVENTS = "events"
    FINDINGS = "findings"


TABLES: dict[TableName, FlatTable] = {
    TableName.SESSIONS: SESSIONS,
    TableName.READINGS: READINGS,
    TableName.REVISIONS: REVISIONS,
    TableName.EVENTS: EVENTS,
    TableName.FINDINGS: FINDINGS,
}
NEEDS_ASSESSMENTS = frozenset({TableName.SESSIONS, TableName.FINDINGS})


def rows_of(table: FlatTable, whole: WholeSession, disguise: Disguise | None) -> Iterator[tuple[Cell, ...]]:
    """The rows of one session, in the order of the columns shown. Empty text is no text."""
    columns = table.shown(without_identifiers=disguise is not None)
    for source in table.sources(whole):
        cells = ((column, column.read(source)) for column in columns)
        cleaned = ((column, None if value == "" else value) for column, value in cells)
        if disguise is None:
            yield tuple(value for _, value in cleaned)
        else:
            yield tuple(disguise.cell(whole, column, value) for column, value in cleaned)
