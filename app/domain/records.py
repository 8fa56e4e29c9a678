"""What is kept of a patient, a course and a session, as values. `Kept` adds who typed it and when it arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from app.domain.assessment import outcomes_in
from app.domain.canonical import Document, Json
from app.domain.events import Event, Route
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.forms import FormAnswers, Programme
from app.domain.instants import to_text, to_text_or_none
from app.domain.readings import Reading
from app.domain.screening import Exclusion, SameDayAnswer
from app.domain.signatures import SignatureProof

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
    sent_as: UUID | None = None
    """The id under which a correction was sent."""


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
    same_day: tuple[str, ...] = ()
    """Of one session: items of its same-day check that it may go ahead with though they were answered wrongly."""


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """What is planned: whom, how, by which protocol version. `weight_kg` in kg, at most three places.

    `had_left_at`: the session is charted afterwards, and this is when the patient had left (see `leaving`).
    """

    patient_id: UUID
    route: Route
    protocol_id: str
    protocol_version: int
    chair: str | None = None
    planned_at: datetime | None = None
    course_id: UUID | None = None
    weight_kg: Decimal | None = None
    had_left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """All eight answered; true means the exclusion is present. `asked_at`: when the same-day check was asked."""

    answers: Mapping[Exclusion, bool]
    same_day: Mapping[str, SameDayAnswer] = field(default_factory=dict)
    """By the names that the session's protocol gives its items; what is not there nobody answered."""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScreeningOverride:
    """A clinician's signed word that these exclusions, and items of the same-day check, do not stop this session."""

    exclusions: tuple[Exclusion, ...]
    reason: str
    proof: SignatureProof | None = None
    same_day: tuple[str, ...] = ()

    def says_as(self, other: "ScreeningOverride") -> bool:
        """Whether it says the same, whatever proved it."""
        return replace(self, proof=None) == replace(other, proof=None)


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
    """An assessment as kept.

    `judged`: up to which position of the stream it looked. `inputs`: a digest of the facts in force there.
    `tablets`: whether each was in step. `findings`: all of them, by criterion, in the order they were asked.
    `digest` covers `document`. `raised_at`: when the flag was last raised, by this assessment or one before it.
    """

    number: int
    as_of: datetime
    recorded_at: datetime
    status: str
    digest: str
    rules: str
    protocol: Document
    judged: int
    inputs: str
    tablets: Sequence[Document]
    findings: Mapping[str, Document]
    baseline: Document
    lapses_at: datetime | None
    earliest_met_at: datetime | None
    next_change_at: datetime | None
    change: FlagChange | None
    raised_at: datetime | None = None

    @property
    def said(self) -> Document:
        """What it says that the next one may say again."""
        return {
            "rules": self.rules,
            "protocol": self.protocol,
            "criteria": list(self.findings),
            "findings": self.findings,
            "baseline": self.baseline,
        }

    @property
    def in_order(self) -> list[Document]:
        """The findings, in the order in which their criteria were asked."""
        return list(self.findings.values())

    @property
    def outcomes(self) -> dict[str, str]:
        """Each criterion's outcome, by their permanent names, in the order of the criteria."""
        return outcomes_in(self.findings)

    @property
    def document(self) -> Document:
        """What the digest covers."""
        return {
            "rules": self.rules,
            "protocol": self.protocol,
            "as_of": to_text(self.as_of),
            "inputs": self.inputs,
            "tablets": self.tablets,
            "findings": self.in_order,
        }

    @property
    def display(self) -> dict[str, Json]:
        """What a person is shown: the readiness of the contract."""
        return {
            "status": self.status,
            "as_of": to_text(self.as_of),
            "lapses_at": to_text_or_none(self.lapses_at),
            "earliest_met_at": to_text_or_none(self.earliest_met_at),
            "protocol": self.protocol,
            "rules": self.rules,
            "digest": self.digest,
            "baseline": self.baseline,
            "findings": self.in_order,
        }


class Decision(StrEnum):
    """What a clinician can sign."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A clinician's signed decision on one assessment. `signed_text` is word for word what was signed.

    `had_left_at`: signed afterwards, over the assessment as of this leaving; None: the patient was here. `examined_by`:
    who had examined them before they left, in the signer's words.
    """

    id: UUID
    decision: Decision
    digest: str
    own_assessment: str
    reason: str | None
    named: tuple[str, ...]
    """Criteria not met or unknown at signing: what an override takes responsibility for."""
    signed_text: str
    signed_at: datetime
    had_left_at: datetime | None = None
    examined_by: str | None = None
    proof: SignatureProof | None = None
    """What proved who signed."""


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
    """The patient left. `ready_at`: when the criteria were last met anew; `signed_afterwards`: after they had left."""

    left_at: datetime
    instructions_given: bool
    note: str | None
    ready_at: datetime | None
    signed_afterwards: bool = False


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session with everything that hangs off it: every revision, oldest first.

    `position`: that of the newest entry which the rules look at (a reading, an event, a void, the escort).
    """

    id: UUID
    headers: tuple[Kept[SessionHeader], ...]
    patients: tuple[Kept[Patient], ...]
    programmes: tuple[Kept[Programme], ...] = ()
    courses: tuple[Kept[Course], ...] = ()
    screenings: tuple[Kept[Screening], ...] = ()
    overrides: tuple[Kept[ScreeningOverride], ...] = ()
    clearances: tuple[Kept[Clearance], ...] = ()
    course_clearances: tuple[Kept[Clearance], ...] = ()
    events: tuple[EventHistory, ...] = ()
    readings: tuple[ReadingHistory, ...] = ()
    escorts: tuple[Kept[Escort], ...] = ()
    form_answers: tuple[Kept[FormAnswers], ...] = ()
    baselines: int = 0
    assessments: tuple[KeptAssessment, ...] = ()
    confirmations: tuple[Kept[Confirmation], ...] = ()
    notices: tuple[NoticeHistory, ...] = ()
    discharge: Kept[Discharge] | None = None
    tablets: tuple[TabletContact, ...] = ()
    position: int = 0

    @property
    def header(self) -> Kept[SessionHeader]:
        """The newest revision."""
        return self.headers[-1]

    @property
    def patient(self) -> Kept[Patient]:
        """The newest revision."""
        return self.patients[-1]

    @property
    def course(self) -> Kept[Course] | None:
        """The newest revision, None where the session is of no course."""
        return _last(self.courses)

    @property
    def screening(self) -> Kept[Screening] | None:
        """The newest revision."""
        return _last(self.screenings)

    @property
    def clearance(self) -> Kept[Clearance] | None:
        """A clinician's newest word on this one session."""
        return _last(self.clearances)

    @property
    def course_clearance(self) -> Kept[Clearance] | None:
        """A clinician's newest word on its course."""
        return _last(self.course_clearances)

    @property
    def escort(self) -> Kept[Escort] | None:
        """The newest revision."""
        return _last(self.escorts)

    @property
    def assessment(self) -> KeptAssessment | None:
        """The latest that was kept."""
        return _last(self.assessments)

    def events_in_force(self) -> tuple[Event, ...]:
        """Events that are not void."""
        return tuple([history.event.value for history in self.events if history.void is None])

    def readings_in_force(self) -> tuple[Reading, ...]:
        """The current revision of each reading that is not void."""
        return tuple([history.revisions[-1].value for history in self.readings if history.void is None])

    def facts(self) -> Facts:
        """What the rules are given: facts in force, escort, tablets."""
        return Facts(
            session_id=self.id,
            events=self.events_in_force(),
            readings=self.readings_in_force(),
            escort=self.escort.value if self.escort else None,
            tablets=self.tablets,
        )


def _last(kept: Sequence[T]) -> T | None:
    return kept[-1] if kept else None
