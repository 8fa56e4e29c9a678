"""What is kept of a patient, a course and a session, as values. `Kept` adds who typed it and when it arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from app.domain.canonical import Document
from app.domain.events import Event, Route
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.readings import Reading
from app.domain.screening import Exclusion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who did it, as they were called then."""

    staff_id: UUID | None
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A value as kept: its revision (1 for facts), who and when (clinic's clock), on which tablet, and why."""

    value: T
    revision: int
    by: Signer
    recorded_at: datetime
    tablet_id: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Two identifiers and more: names, birth date, record number.

    A person may have one name alone: then the family name is empty, or there is no given name.
    """

    family_name: str
    given_names: tuple[str, ...]
    birth_date: date
    record_number: str
    sex: str | None = None

    @property
    def given_name(self) -> str:
        """The given names as one text; empty where there are none."""
        return " ".join(self.given_names)


@dataclass(frozen=True, slots=True)
class Course:
    """The series a session belongs to."""

    patient_id: UUID
    planned_sessions: int
    interval_days: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Clearance:
    """A clinician's word that treatment may go ahead; `until` None means no end was set."""

    until: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """What is planned: whom, how, by which protocol version. `weight_kg` in kg, at most three places."""

    patient_id: UUID
    route: Route
    protocol_id: str
    protocol_version: int
    chair: str | None = None
    planned_at: datetime | None = None
    course_id: UUID | None = None
    weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """All eight answered; true means the exclusion is present."""

    answers: Mapping[Exclusion, bool]


@dataclass(frozen=True, slots=True)
class ScreeningOverride:
    """A clinician's signed word that these exclusions, though present, do not stop this session."""

    exclusions: tuple[Exclusion, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Void:
    """A fact was entered in error. It stays visible and counts for nothing."""

    fact_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class ReadingHistory:
    """Every revision of one reading, oldest first, and its void where there is one."""

    revisions: tuple[Kept[Reading], ...]
    void: Kept[Void] | None = None

    @property
    def current(self) -> Kept[Reading]:
        """The newest revision."""
        return self.revisions[-1]


@dataclass(frozen=True, slots=True)
class EventHistory:
    """One event, and its void where there is one."""

    event: Kept[Event]
    void: Kept[Void] | None = None


class FlagChange(StrEnum):
    """What an assessment did to the flag, as an event of record."""

    RAISED = "raised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class KeptAssessment:
    """An assessment as kept. `document` is what `digest` covers; `display` is the readiness shown with it."""

    number: int
    as_of: datetime
    recorded_at: datetime
    status: str
    digest: str
    document: Document
    display: Document
    lapses_at: datetime | None
    next_change_at: datetime | None
    change: FlagChange | None


class Decision(StrEnum):
    """What a clinician can sign."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A clinician's signed decision on one assessment. `signed_text` is word for word what was signed."""

    id: UUID
    decision: Decision
    digest: str
    own_assessment: str
    reason: str | None
    named: tuple[str, ...]
    """Criteria not met or unknown at signing: what an override takes responsibility for."""
    signed_text: str
    signed_at: datetime


class NoticeKind(StrEnum):
    """Why a notice stands."""

    LATE_INFORMATION = "information-arrived-after-signing"
    AFTER_CLOSING = "information-arrived-after-closing"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the signer must look at and acknowledge; `signer_id` None where nobody had signed."""

    id: UUID
    kind: NoticeKind
    text: str
    raised_at: datetime
    signer_id: UUID | None
    confirmation_id: UUID | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class NoticeHistory:
    """A notice, and who acknowledged it where somebody did."""

    notice: Notice
    acknowledged: Kept[str | None] | None = None


@dataclass(frozen=True, slots=True)
class Discharge:
    """The patient left: when, instructions, condition in words. `ready_at`: when the criteria were last met anew."""

    left_at: datetime
    instructions_given: bool
    note: str | None
    ready_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session with everything that hangs off it."""

    id: UUID
    header: Kept[SessionHeader]
    patient: Kept[Patient]
    course: Kept[Course] | None
    screening: Kept[Screening] | None
    overrides: tuple[Kept[ScreeningOverride], ...]
    clearance: Kept[Clearance] | None
    course_clearance: Kept[Clearance] | None
    events: tuple[EventHistory, ...]
    readings: tuple[ReadingHistory, ...]
    escort: Kept[Escort] | None
    tablets: tuple[TabletContact, ...]
    assessment: KeptAssessment | None
    confirmations: tuple[Kept[Confirmation], ...]
    notices: tuple[NoticeHistory, ...]
    discharge: Kept[Discharge] | None

    def events_in_force(self) -> tuple[Event, ...]:
        """Events that are not void."""
        return tuple(history.event.value for history in self.events if history.void is None)

    def readings_in_force(self) -> tuple[Reading, ...]:
        """The current revision of each reading that is not void."""
        return tuple(history.current.value for history in self.readings if history.void is None)

    def facts(self) -> Facts:
        """What the rules are given: facts in force, escort, tablets."""
        return Facts(
            session_id=self.id,
            events=self.events_in_force(),
            readings=self.readings_in_force(),
            escort=self.escort.value if self.escort else None,
            tablets=self.tablets,
        )
