"""What the running service writes to standard error: one JSON object a line, and only what is on the list.

Everything else is dropped, whoever hands it in, so that a patient's value cannot end up in a log by accident. Of an
exception only its kind and the lines of code are kept: its message may quote what was typed.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

ALLOWED = frozenset(
    {"event", "level", "logger", "timestamp", "kind", "at", "route", "job", "failure", "clinic", "session"}
)
"""`clinic` and `session` are ids."""


def _only_allowed(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record, failure = entry.get("_record"), entry.get("exc_info")
    if isinstance(failure, tuple) and failure[0] is not None:
        kind, _, trace = failure
        entry["kind"] = kind.__name__
        entry["at"] = " > ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-6:]
        )
    if record is not None:
        # the words of the program, without what was filled in
        entry["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    return {key: value for key, value in entry.items() if key in ALLOWED}


def start_journal(level: int = logging.WARNING) -> None:
    """Send every log record of this process to standard error in this form."""
    import structlog  # noqa: PLC0415  # what does not serve starts without it

    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before, processors=[_only_allowed, structlog.processors.JSONRenderer(sort_keys=True)]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
