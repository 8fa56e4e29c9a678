"""The shapes of the board and of its stream, for the OpenAPI."""

from datetime import date, datetime
from uuid import UUID

from app.api.contract import Out
from app.api.courses import PeaksOut
from app.api.session_models import LookVersion, ToStart
from app.domain.assessment import Criterion, Status
from app.domain.events import Route
from app.domain.readings import Phase
from app.domain.records import Decision
from app.domain.sessions import SessionState
from app.domain.vitals import DissociationGrade, Vital


class LastSetOut(Out):
    id: UUID
    measured_at: datetime
    heart_rate: int | None
    systolic: int | None
    diastolic: int | None
    respiratory_rate: int | None
    spo2: int | None
    dissociation: DissociationGrade | None


class BoardConcernOut(Out):
    """`vital`, `value`, `measured_at`: null in a line that was kept before they were part of it."""

    id: str
    vital: Vital | None
    value: int | None
    measured_at: datetime | None
    because: str
    acknowledge: bool


class BoardPatientOut(Out):
    id: UUID
    family_name: str
    given_name: str
    given_names: list[str]
    birth_date: date | None
    record_number: str


class BoardSignedOut(Out):
    """The decision that lets the patient leave. `until`: the first instant at which an override does not any more."""

    decision: Decision
    name: str
    signed_at: datetime
    until: datetime | None


class BoardItemOut(Out):
    """`status_since`: of the flag; `lapses_at`: when time ends a met flag; `failed`: what could not be worked out.

    `signed`: null also where the decision was taken back, or the dose went on after it.

    A tablet that falls silent ends it earlier, which is said when it does: a heartbeat moves no line.
    """

    id: UUID
    version: LookVersion
    patient: BoardPatientOut
    route: Route | None
    chair: str | None
    planned_at: datetime | None
    state: SessionState
    had_left_at: datetime | None
    phase: Phase | None
    phase_since: datetime | None
    planned_minutes: int | None
    last_set: LastSetOut | None
    due_at: datetime | None
    overdue_at: datetime | None
    overdue: bool
    status: Status | None
    status_since: datetime | None
    status_because: str | None
    lapses_at: datetime | None
    digest: str | None
    concerns: list[BoardConcernOut]
    peaks: PeaksOut | None
    signed: BoardSignedOut | None
    to_start: ToStart
    open_notices: int
    not_met: list[Criterion]
    unknown: list[Criterion]
    failed: list[str]


class BoardOut(Out):
    items: list[BoardItemOut]
    next: str | None
    demo: bool
    as_of: datetime


class WholeBoardOut(Out):
    """Every active session, in no order. `version` only grows while the service runs."""

    version: int
    demo: bool
    items: list[BoardItemOut]
    as_of: datetime


class BoardNewsOut(Out):
    """What the stream says: every active session at first, then those that changed, and those that no longer are.

    `version` is that of the whole board as of then: one more than in the event before where anything changed, else the
    same. Another one: an event was missed.
    """

    items: list[BoardItemOut]
    gone: list[UUID]
    as_of: datetime
    version: int
