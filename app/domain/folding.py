"""The record of a session, folded from its journal: entry by entry, in order of position.

The record as of any earlier place or instant is the fold of the entries up to there. What belongs to the patient and
the course is kept in their own streams, and folded in alike.
"""

from collections.abc import Iterable
from typing import Any, assert_never
from uuid import UUID

from app.domain.changes import changed
from app.domain.documents import (
    clearance_from,
    confirmation_from,
    course_from,
    discharge_from,
    escort_from,
    event_from,
    form_answers_from,
    header_from,
    notice_from,
    override_from,
    patient_from,
    programme_from,
    reading_from,
    screening_from,
    void_from,
)
from app.domain.facts import TabletContact
from app.domain.instants import from_text, from_text_or_none
from app.domain.journal import Entry, Kind
from app.domain.records import (
    EventHistory,
    FlagChange,
    Kept,
    KeptAssessment,
    Notice,
    NoticeHistory,
    ReadingHistory,
    SessionRecord,
)

LOOKED_AT = frozenset({Kind.READING, Kind.READING_VOID, Kind.EVENT, Kind.EVENT_VOID, Kind.ESCORT})
"""What the rules look at: each such entry may change a verdict."""
_SHEETS: dict[Kind, tuple[str, Any]] = {
    Kind.SESSION: ("headers", header_from),
    Kind.PATIENT: ("patients", patient_from),
    Kind.PROGRAMME: ("programmes", programme_from),
    Kind.COURSE: ("courses", course_from),
    Kind.SCREENING: ("screenings", screening_from),
    Kind.OVERRIDE: ("overrides", override_from),
    Kind.CLEARANCE: ("clearances", clearance_from),
    Kind.COURSE_CLEARANCE: ("course_clearances", clearance_from),
    Kind.ESCORT: ("escorts", escort_from),
    Kind.FORM_ANSWERS: ("form_answers", form_answers_from),
    Kind.CONFIRMATION: ("confirmations", confirmation_from),
}
"""Kinds of which each entry is one more revision, or one more beside the others."""


AROUND = (Kind.PATIENT, Kind.PROGRAMME, Kind.COURSE, Kind.COURSE_CLEARANCE)
"""What a session's record holds of other streams."""


def _kept(entry: Entry, value: Any) -> Kept[Any]:
    return Kept(value, entry.revision, entry.by, entry.recorded_at, entry.tablet_id, entry.reason, entry.sent_as)


class Folding:
    """Entries so far, by what they are of. `add` takes the next entry, `record` tells what they come to."""

    def __init__(self, session_id: UUID, entries: Iterable[Entry] = ()) -> None:
        self._id = session_id
        self._sheets: dict[str, list[Kept[Any]]] = {name: [] for name, _ in _SHEETS.values()}
        self._events: dict[str, EventHistory] = {}
        self._readings: dict[str, ReadingHistory] = {}
        self._notices: dict[str, NoticeHistory] = {}
        self._assessments: list[KeptAssessment] = []
        self._discharge: Kept[Any] | None = None
        self._baselines = 0
        self._position = 0
        for entry in entries:
            self.add(entry)

    def own(self) -> "Folding":
        """A copy without what is of the patient and the course: their streams go on by themselves."""
        other = self.copy()
        for kind in AROUND:
            other._sheets[_SHEETS[kind][0]] = []  # noqa: SLF001 - its own kind
        return other

    def copy(self) -> "Folding":
        """The same entries so far; what is added to one is not added to the other."""
        other = Folding(self._id)
        other._sheets = {name: list(kept) for name, kept in self._sheets.items()}
        other._events, other._readings = dict(self._events), dict(self._readings)
        other._notices, other._assessments = dict(self._notices), list(self._assessments)
        other._discharge, other._baselines, other._position = self._discharge, self._baselines, self._position
        return other

    def join(self, other: "Folding") -> None:
        """What is of a patient's or a course's stream, folded by itself."""
        for name, kept in other._sheets.items():  # noqa: SLF001 - its own kind
            self._sheets[name] += kept

    def add(self, entry: Entry) -> None:
        """The next entry, of this session's stream or of its patient's or course's."""
        kind = Kind(entry.kind)
        if kind in LOOKED_AT:
            self._position = entry.position
        if kind in _SHEETS:
            name, read = _SHEETS[kind]
            self._sheets[name].append(_kept(entry, read(entry.document)))
            return
        match kind:
            case Kind.READING:
                held = self._readings.get(entry.fact_id)
                revisions = held.revisions if held else ()
                one = _kept(entry, reading_from(entry.document))
                self._readings[entry.fact_id] = ReadingHistory((*revisions, one), held.void if held else None)
            case Kind.EVENT:
                self._events[entry.fact_id] = EventHistory(_kept(entry, event_from(entry.document)))
            case Kind.READING_VOID:
                history = self._readings[entry.fact_id]
                void = _kept(entry, void_from(entry.document))
                self._readings[entry.fact_id] = ReadingHistory(history.revisions, void)
            case Kind.EVENT_VOID:
                event = self._events[entry.fact_id].event
                self._events[entry.fact_id] = EventHistory(event, _kept(entry, void_from(entry.document)))
            case Kind.NOTICE:
                self._notices[entry.fact_id] = NoticeHistory(notice_from(entry.document))
            case Kind.ACKNOWLEDGEMENT:
                notice: Notice = self._notices[entry.fact_id].notice
                self._notices[entry.fact_id] = NoticeHistory(notice, _kept(entry, entry.document["note"]))
            case Kind.ASSESSMENT:
                self._assessments.append(self._assessment(entry))
            case Kind.DISCHARGE:
                self._discharge = _kept(entry, discharge_from(entry.document))
            case Kind.BASELINE:
                self._baselines += 1
            case Kind.TABLET_RELEASE | Kind.SENDER:
                pass  # housekeeping of the session's tablets: no part of what is known of the patient
            case (
                Kind.CLINIC
                | Kind.SIGNING
                | Kind.CLINIC_SETTINGS
                | Kind.CLINIC_PAPERS
                | Kind.STAFF
                | Kind.CREDENTIALS
                | Kind.PROVIDER
                | Kind.IDENTITY
                | Kind.TABLET
                | Kind.TABLET_KEY
                | Kind.WALL
                | Kind.CLIENT
                | Kind.WEBHOOK
                | Kind.PROTOCOL
                | Kind.PROTOCOL_APPROVAL
                | Kind.ORGANISATION
                | Kind.BREAK_GLASS
                | Kind.BREAK_GLASS_END
            ):
                raise ValueError(f"an entry of the kind {kind} is of no session")
            case (
                Kind.SESSION
                | Kind.PATIENT
                | Kind.PROGRAMME
                | Kind.COURSE
                | Kind.SCREENING
                | Kind.OVERRIDE
                | Kind.CLEARANCE
                | Kind.COURSE_CLEARANCE
                | Kind.ESCORT
                | Kind.FORM_ANSWERS
                | Kind.CONFIRMATION
            ):
                pass  # sheets, taken above
            case _:
                assert_never(kind)

    def _assessment(self, entry: Entry) -> KeptAssessment:
        """What is kept of an assessment is what changed since the one before it."""
        kept = entry.document
        before = self._assessments[-1].said if self._assessments else {}
        said: Any = changed(before, kept["changed"])
        return KeptAssessment(
            number=entry.revision,
            as_of=from_text(kept["as_of"]),
            recorded_at=entry.recorded_at,
            status=kept["status"],
            digest=kept["digest"],
            rules=said["rules"],
            protocol=said["protocol"],
            judged=kept["judged"],
            inputs=kept["inputs"],
            tablets=kept["tablets"],
            findings={name: said["findings"][name] for name in said["criteria"]},
            baseline=said["baseline"],
            lapses_at=from_text_or_none(kept["lapses_at"]),
            earliest_met_at=from_text_or_none(kept["earliest_met_at"]),
            next_change_at=from_text_or_none(kept["next_change_at"]),
            change=FlagChange(kept["change"]) if kept["change"] else None,
            raised_at=from_text_or_none(kept["raised_at"]),
        )

    def record(self, tablets: tuple[TabletContact, ...] = ()) -> SessionRecord:
        """What the entries so far come to."""
        return SessionRecord(
            id=self._id,
            **{name: tuple(kept) for name, kept in self._sheets.items()},
            events=tuple(self._events.values()),
            readings=tuple(self._readings.values()),
            baselines=self._baselines,
            assessments=tuple(self._assessments),
            notices=tuple(self._notices.values()),
            discharge=self._discharge,
            tablets=tablets,
            position=self._position,
        )


def fold(session_id: UUID, entries: Iterable[Entry], tablets: tuple[TabletContact, ...] = ()) -> SessionRecord:
    """The record that these entries come to, in order."""
    return Folding(session_id, entries).record(tablets)
