"""Sessions as lines of NDJSON, for exports: the same resources as everywhere, the many readings by templates."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.db import raw_readings, session_histories
from app.db.raw_readings import RawReading
from app.db.session_histories import Part
from app.db.work import Work
from app.domain.histories import SessionHistory, as_of
from app.exchange import fhir
from app.exchange.fhir import READING_PARTS, Context, Resource, serialise
from app.exchange.observation_lines import ObservationLines, Plain
from app.services.fhir.asking import changed
from app.services.fhir.scope import Scope
from app.services.fhir.streams import parts_of, past_of

NAMES_SYMPTOMS = '"symptoms":[{'
"""How a document says that a symptom was named. Free text cannot hold it: its quotes are escaped there."""


class Lines:
    """What one slice tells, by type. `since`: only what changed after that instant."""

    def __init__(self, since: datetime | None) -> None:
        self.since = since
        self._text: dict[str, bytearray] = defaultdict(bytearray)
        self._count: dict[str, int] = defaultdict(int)

    def add_all(self, resources: Iterable[Resource]) -> None:
        """Those that are new enough."""
        for resource in resources:
            if self.since is not None and (at := changed(resource)) is not None and at <= self.since:
                continue
            self.add(resource["resourceType"], serialise(resource) + b"\n", 1)

    def add(self, kind: str, lines: bytes, count: int) -> None:
        """Whole lines."""
        self._text[kind] += lines
        self._count[kind] += count

    def told(self) -> dict[str, tuple[bytearray, int]]:
        """The lines of each type, and how many they are."""
        return {kind: (text, self._count[kind]) for kind, text in self._text.items()}


def tell_sessions(
    work: Work,
    scope: Scope,
    types: Collection[str],
    after: str | None,
    limit: int,
    page: Lines,
    templates: ObservationLines,
) -> list[str]:
    """Adds the next sessions to the page, as they stood at the scope's instant; their keys."""
    these = session_histories.page(work, scope.which, None if after is None else UUID(after), limit)
    parts = parts_of(types)
    raw = raw_readings.raw_readings(work, these) if Part.READINGS in parts else {}
    for history in session_histories.load(work, these, parts - {Part.READINGS}):
        then = history if scope.as_of is None else as_of(history, scope.as_of)
        if then is not None:
            _tell(work.clinic_id, then, _arrived(raw.get(history.record.id, ()), scope.as_of), types, page, templates)
    return [str(this) for this in these]


def _arrived(readings: Iterable[RawReading], instant: datetime | None) -> list[RawReading]:
    if instant is None:
        return list(readings)
    return [then for reading in readings if (then := reading.as_of(instant)) is not None]


def _tell(
    clinic_id: UUID,
    history: SessionHistory,
    raw: list[RawReading],
    types: Collection[str],
    page: Lines,
    templates: ObservationLines,
) -> None:
    record, past = history.record, past_of(history)
    context = fhir.context_of(clinic_id, record)
    for kind in fhir.SESSION_TYPES:
        if kind not in types:
            continue
        match kind:
            case "Observation":
                others = [reading for reading in raw if not _told_plainly(reading, context, page, templates)]
            case "Condition":
                others = [one for one in raw if any(NAMES_SYMPTOMS in said.document for said in one.revisions)]
            case _:
                others = []
        told = replace(record, readings=tuple(reading.parsed() for reading in others))
        page.add_all(fhir.resources_of_session(told, context, past, [kind]))


def _told_plainly(reading: RawReading, context: Context, page: Lines, templates: ObservationLines) -> bool:
    """Whether a template could tell it: one revision, never voided, and never moved to another phase."""
    if reading.void is not None or len(reading.revisions) > 1:
        return False
    only = reading.revisions[0]
    plain = Plain(only.document.encode(), only.recorded_at, only.by, only.tablet_id, only.reason)
    lines = templates.of(context, plain)
    if lines is None:
        return False
    if page.since is None or only.recorded_at > page.since:
        page.add("Observation", lines, len(READING_PARTS))
    return True
