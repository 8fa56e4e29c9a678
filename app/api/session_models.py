"""The shapes of what `session_view` shows, for the OpenAPI. Tests hold every answer against them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.api.contract import Out
from app.api.courses import CourseSessionOut
from app.api.kept import ProofOut, SignerOut
from app.domain.assessment import Criterion, Outcome, Status
from app.domain.codes import Code
from app.domain.events import EventKind, Route
from app.domain.prompts import PromptAct
from app.domain.readings import Phase
from app.domain.records import Decision, FlagChange, NoticeKind
from app.domain.screening import Exclusion, SameDayAnswer
from app.domain.sessions import SessionState
from app.domain.vitals import ConsciousnessScale, DissociationGrade, OxygenKind, Vital

Number = int | float


class ProvenanceOut(Out):
    """Who typed it, when it arrived (clinic's clock), on which tablet, and why."""

    revision: int
    recorded_at: datetime
    recorded_by: SignerOut
    tablet_id: UUID | None
    reason: str | None


class OxygenOut(Out):
    kind: OxygenKind
    flow_l_min: Number | None


class ConsciousnessOut(Out):
    scale: ConsciousnessScale
    score: int | str


class DissociationOut(Out):
    grade: DissociationGrade
    instrument: str | None
    version: str | None
    score: int | None
    items: dict[str, int] | None


class SymptomOut(Out):
    code: str
    severity: str | None
    onset: datetime | None


class ReadingContentOut(Out):
    """A reading as typed; `revision` counts its corrections."""

    id: UUID
    revision: int
    measured_at: datetime
    heart_rate: int | None
    systolic: int | None
    diastolic: int | None
    respiratory_rate: int | None
    spo2: int | None
    oxygen: OxygenOut | None
    consciousness: ConsciousnessOut | None
    dissociation: DissociationOut | None
    symptoms: list[SymptomOut] | None
    gait_steady: bool | None
    orientated: bool | None
    not_measured: dict[str, str]
    confirmed_unlikely: list[Vital]
    note: str | None
    clock_doubtful: bool


class ReadingRevisionOut(ReadingContentOut, ProvenanceOut):
    """One revision of a reading."""


class ConcernOut(Out):
    id: str
    vital: Vital
    because: str
    must_be_acknowledged: bool
    acknowledged_by: UUID | None


class ReadingOut(ReadingRevisionOut):
    """The newest revision of a reading, its phase (null where it could not be worked out), and its concerns."""

    phase: Phase | None
    revisions: int
    void: ProvenanceOut | None
    concerns: list[ConcernOut]


class ReadingHistoryOut(Out):
    items: list[ReadingRevisionOut]
    next: str | None
    void: ProvenanceOut | None


class EventOut(ProvenanceOut):
    id: UUID
    kind: EventKind
    at: datetime
    detail: dict[str, Any] | None
    clock_doubtful: bool
    void: ProvenanceOut | None


class ProtocolRefOut(Out):
    id: str
    version: int


class HeaderFields(ProvenanceOut):
    id: UUID
    patient_id: UUID
    route: Route
    protocol: ProtocolRefOut
    chair: str | None
    planned_at: datetime | None
    course_id: UUID | None
    weight_kg: Number | None
    had_left_at: datetime | None


class HeaderOut(HeaderFields):
    """The session's header as kept."""


class PatientOfSessionOut(ProvenanceOut):
    id: UUID
    family_name: str
    given_name: str
    given_names: list[str]
    birth_date: date
    record_number: str
    sex: str | None


class CourseOfSessionOut(ProvenanceOut):
    patient_id: UUID
    planned_sessions: int
    interval_days: int | None
    note: str | None


class ScreeningOut(ProvenanceOut):
    """`same_day`: the same-day check, by the items of the session's protocol; what is not there nobody answered."""

    answers: dict[Exclusion, bool]
    same_day: dict[str, SameDayAnswer]
    asked_at: datetime | None


class OverrideOut(ProvenanceOut):
    exclusions: list[Exclusion]
    proof: ProofOut | None
    same_day: list[str]


class ClearanceOut(ProvenanceOut):
    until: datetime | None
    note: str | None
    same_day: list[str]


class EscortCallOut(Out):
    """The escort was reached by phone. It is no sighting."""

    number: str
    reached_at: datetime
    reached_by: str
    arrives_at: datetime | None


class EscortOut(ProvenanceOut):
    name: str
    relationship: str | None
    present: bool
    present_at: datetime | None
    phone: EscortCallOut | None


class RestsOnOut(Out):
    kind: Literal["reading", "event", "escort", "tablet"]
    id: str
    revision: int


class FindingOut(Out):
    """One criterion's outcome. `code` is permanent, `because` its sentence; `values` are `params` by an older name."""

    criterion: Criterion
    outcome: Outcome
    code: Code
    params: dict[str, Any]
    because: str
    rests_on: list[RestsOnOut]
    values: dict[str, Any]
    limits: dict[str, Any]


class BaselineVitalOut(Out):
    """Kept as sum and count, so that nothing is rounded; `shown` is for reading. Count 0: unknown."""

    sum: int
    count: int
    shown: int | None
    because: str
    rests_on: list[RestsOnOut]


class BaselineOut(Out):
    sound: bool | None
    accepted: bool
    because: str
    oxygen: OxygenOut | None
    vitals: dict[Vital, BaselineVitalOut]


class ProtocolHashOut(Out):
    id: str
    version: int
    hash: str


class AssessmentFields(Out):
    status: Status
    as_of: datetime
    lapses_at: datetime | None
    earliest_met_at: datetime | None
    protocol: ProtocolHashOut
    rules: str
    digest: str
    baseline: BaselineOut
    findings: list[FindingOut]


class ReadinessOut(AssessmentFields):
    """The latest kept assessment. `closed`: the session is closed, this is how it was left.

    `had_left_at`: the session is charted afterwards, this is how the patient left it then; no flag is up.
    """

    closed: bool
    had_left_at: datetime | None


class AssessmentOut(AssessmentFields):
    number: int
    recorded_at: datetime
    change: FlagChange | None


class AssessmentsOut(Out):
    items: list[AssessmentOut]
    next: str | None


class ConfirmationOut(Out):
    """`signed_afterwards`: over the assessment as of `had_left_at`; `examined_by` says who had examined the patient."""

    id: UUID
    decision: Decision
    digest: str
    own_assessment: str
    reason: str | None
    named: list[Criterion]
    signed_text: str
    signed_at: datetime
    signed_afterwards: bool
    had_left_at: datetime | None
    examined_by: str | None
    signed_by: SignerOut
    proof: ProofOut | None
    tablet_id: UUID | None
    information_arrived_after_signing: bool


class AcknowledgedOut(ProvenanceOut):
    note: str | None


class NoticeOut(Out):
    id: UUID
    kind: NoticeKind
    text: str
    raised_at: datetime
    signer_id: UUID | None
    confirmation_id: UUID | None
    digest: str | None
    acknowledged: AcknowledgedOut | None


class DischargeOut(ProvenanceOut):
    """`ready_at`: when the criteria were last met anew, null where they never were.

    `signed_afterwards`: the signature it rests on was given when the patient had left.
    """

    left_at: datetime
    instructions_given: bool
    note: str | None
    ready_at: datetime | None
    signed_afterwards: bool


class MissingOut(Out):
    """One thing that is missing before the dose. `after`: only after that instant; null: it is missing already.

    `refuses`: without it the service refuses a dose. The others are what recovery will be told by.
    """

    code: Code
    params: dict[str, Any]
    because: str
    refuses: bool
    after: datetime | None


TO_START = "What is missing before the dose may start. Null: it has begun, or what is missing cannot be told"
ToStart = Annotated[list[MissingOut] | None, Field(description=TO_START)]


class PromptOut(Out):
    """What a raised blood pressure asks for. It is shown and orders nothing. `due_at`: from when a set answers it.

    `reading_id`: the set that it rests on.
    """

    act: PromptAct
    code: Code
    params: dict[str, Any]
    because: str
    reading_id: UUID
    due_at: datetime


PROMPT = (
    "What a raised blood pressure asks for now, by the session's protocol. Null: nothing, or it could not be worked "
    "out, which `readiness` says then"
)


class DueOut(Out):
    due_at: datetime
    overdue_at: datetime


GROWS = (
    "Grows with every change of the session's record and of its patient's sheet, and never goes back: of two looks the "
    "one with the greater version is the newer. Not counted: the course, tablets' names, the passing of time"
)
LookVersion = Annotated[int, Field(description=GROWS)]


class SessionOut(HeaderFields):
    """The whole record."""

    version: LookVersion
    demo: bool
    state: SessionState
    phase: Phase | None
    phase_since: datetime | None
    due: DueOut | None
    patient: PatientOfSessionOut
    course: CourseOfSessionOut | None
    course_sessions: list[CourseSessionOut]
    screening: ScreeningOut | None
    overrides: list[OverrideOut]
    clearance: ClearanceOut | None
    course_clearance: ClearanceOut | None
    events: list[EventOut]
    readings: list[ReadingOut]
    baseline: BaselineOut
    to_start: ToStart
    prompt: Annotated[PromptOut | None, Field(description=PROMPT)]
    readiness: ReadinessOut
    escort: EscortOut | None
    confirmations: list[ConfirmationOut]
    notices: list[NoticeOut]
    discharge: DischargeOut | None
    tablets: Annotated[dict[UUID, str], Field(description="What the clinic's enrolled tablets are called, by id")]
