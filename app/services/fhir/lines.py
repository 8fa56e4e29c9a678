"""Sessions as they are sent: the same resources as everywhere, the many readings by templates."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.db import session_entries, session_records
from app.db.work import Work
from app.domain.folding import fold
from app.domain.journal import Entry, Kind
from app.domain.records import ReadingHistory
from app.exchange import fhir
from app.exchange.fhir import READING_PARTS, Context, Resource, serialise
from app.exchange.observation_lines import ObservationLines, Plain
from app.services.fhir.selection import Selection
from app.services.fhir.written import Written, changed, in_order

NAMES_SYMPTOMS = '"symptoms":[{'
"""How a document says that a symptom was named. Free text cannot hold it: its quotes are escaped there."""


OF_ASSESSMENTS = frozenset({"GuidanceResponse", "Provenance"})
"""Types that look at assessments, which are half of what a session holds."""


class Page(Protocol):
    """What sessions are told to. `since`: it takes only what changed after that instant."""

    @property
    def since(self) -> datetime | None: ...
    def add_all(self, resources: Iterable[Resource]) -> None: ...
    def add(self, kind: str, lines: bytes, count: int) -> None: ...


class Lines:
    """What one slice of an export tells, by type. `since`: only what changed after that instant."""

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


class _Apart:
    """Each resource by itself."""

    since = None

    def __init__(self) -> None:
        self.found: list[Written] = []

    def add_all(self, resources: Iterable[Resource]) -> None:
        self.found.extend(Written(one["resourceType"], one["id"], serialise(one)) for one in resources)

    def add(self, _kind: str, lines: bytes, _count: int) -> None:
        self.found.extend(map(Written.on, lines.splitlines()))


def written_session(
    clinic_id: UUID, session_id: UUID, entries: list[Entry], kind: str, templates: ObservationLines
) -> list[Written]:
    """The newest version of each resource of one type, in the order of their ids."""
    page = _Apart()
    _tell(clinic_id, session_id, entries, (kind,), page, templates)
    return in_order(page.found)


def not_looked_at(types: Collection[str]) -> tuple[Kind, ...]:
    """Entries that nothing of these types is made from."""
    return () if OF_ASSESSMENTS.intersection(types) else (Kind.ASSESSMENT, Kind.BASELINE)


def tell_sessions(
    work: Work,
    selection: Selection,
    types: Collection[str],
    after: str | None,
    limit: int,
    page: Lines,
    templates: ObservationLines,
) -> list[str]:
    """Adds the next sessions to the page, as they stood at the selection's instant; their keys."""
    these = session_records.page(work, selection.which, None if after is None else UUID(after), limit)
    for this, entries in session_entries.own_entries(work, these, not_looked_at(types)).items():
        arrived = [entry for entry in entries if selection.as_of is None or entry.recorded_at <= selection.as_of]
        if any(entry.kind == Kind.SESSION for entry in arrived):
            _tell(work.clinic_id, this, arrived, types, page, templates)
    return [str(this) for this in these]


@dataclass(slots=True)
class _Raw:
    """The entries of one reading as they lie there: nothing of their documents has been read."""

    revisions: list[Entry]
    void: Entry | None = None


def _apart(entries: Iterable[Entry]) -> tuple[list[_Raw], list[Entry]]:
    """The readings, and everything else."""
    readings: dict[str, _Raw] = {}
    others = []
    for entry in entries:
        match entry.kind:
            case Kind.READING:
                readings.setdefault(entry.fact_id, _Raw([])).revisions.append(entry)
            case Kind.READING_VOID:
                readings[entry.fact_id].void = entry
            case _:
                others.append(entry)
    return list(readings.values()), others


def _parsed(session_id: UUID, raw: Iterable[_Raw]) -> tuple[ReadingHistory, ...]:
    entries = [entry for one in raw for entry in (*one.revisions, one.void) if entry is not None]
    return fold(session_id, sorted(entries, key=lambda entry: entry.position)).readings


def _tell(
    clinic_id: UUID,
    session_id: UUID,
    entries: list[Entry],
    types: Collection[str],
    page: Page,
    templates: ObservationLines,
) -> None:
    raw, rest = _apart(entries)
    record = fold(session_id, rest)
    context = fhir.context_of(clinic_id, record)
    for kind in fhir.SESSION_TYPES:
        if kind not in types:
            continue
        match kind:
            case "Observation":
                others = [reading for reading in raw if not _told_plainly(reading, context, page, templates)]
            case "Condition":
                others = [one for one in raw if any(NAMES_SYMPTOMS in said.text for said in one.revisions)]
            case _:
                others = []
        told = replace(record, readings=_parsed(session_id, others))
        page.add_all(fhir.resources_of_session(told, context, [kind]))


def _told_plainly(reading: _Raw, context: Context, page: Page, templates: ObservationLines) -> bool:
    """Whether a template could tell it: one revision, never voided, and never moved to another phase."""
    if reading.void is not None or len(reading.revisions) > 1:
        return False
    only = reading.revisions[0]
    plain = Plain(only.text.encode(), only.recorded_at, only.by, only.tablet_id, only.reason)
    lines = templates.of(context, plain)
    if lines is None:
        return False
    if page.since is None or only.recorded_at > page.since:
        page.add("Observation", lines, len(READING_PARTS))
    return True
