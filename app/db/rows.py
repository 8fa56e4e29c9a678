"""How entries of the journal and events of the log lie in their tables."""

from typing import Any

from app.domain.audit import AuditEvent
from app.domain.journal import Entry, session_of

_EVENT_COLUMNS = tuple(name for name in AuditEvent.__slots__ if name != "stream")


def event_row(event: AuditEvent) -> dict[str, Any]:
    """An event of the log."""
    return {name: getattr(event, name) for name in _EVENT_COLUMNS}


def entry_row(entry: Entry) -> dict[str, Any]:
    """An entry of the journal."""
    row = {name: getattr(entry, name) for name in Entry.__slots__ if name not in ("text", "by")}
    by = entry.by
    return {
        **row,
        "session_id": session_of(entry.stream),
        "document": entry.text,
        "by_id": by.staff_id,
        "by_name": by.name,
        "by_role": by.role,
    }
