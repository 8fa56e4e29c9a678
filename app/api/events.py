"""Events over HTTP: one shape for each kind, told apart by `kind`."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.readings import ReadingIn, VoidIn
from app.api.routes import router as make_router
from app.api.session_models import EventOut
from app.api.session_view import event_view
from app.api.strict import Body, Choice, Id, Identifier, Instant, Places3, Text, Whole
from app.domain.deciding.events import the_one
from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    Detail,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    SymptomResolved,
    Transferred,
)
from app.domain.people import Act
from app.domain.symptoms import SymptomCode
from app.domain.texts import NOTE
from app.services import events

router = make_router()


class Nothing(Body):
    def value(self) -> Detail:
        """As a domain value; so in every class below."""
        return None


class DoseStartedIn(Body):
    dose_mg: Places3
    planned_minutes: Whole | None = None
    lot: Annotated[str, Identifier(80)] | None = None

    def value(self) -> Detail:
        return DoseStarted(self.dose_mg, self.planned_minutes, self.lot)


class DeviceGivenIn(Body):
    dose_mg: Places3
    lot: Annotated[str, Identifier(80)] | None = None

    def value(self) -> Detail:
        return DeviceGiven(self.dose_mg, self.lot)


class RateChangedIn(Body):
    rate_ml_h: Places3

    def value(self) -> Detail:
        return RateChanged(self.rate_ml_h)


class MedicationIn(Body):
    code: Annotated[str, Text(80)]
    dose: Places3 | None = None
    unit: Annotated[str, Text(40)] | None = None
    route: Annotated[str, Text(40)] | None = None

    def value(self) -> Detail:
        return MedicationGiven(self.code, self.dose, self.unit, self.route)


class OxygenStartedIn(Body):
    flow_l_min: Places3

    def value(self) -> Detail:
        return OxygenStarted(self.flow_l_min)


class SymptomResolvedIn(Body):
    code: Choice[SymptomCode]

    def value(self) -> Detail:
        return SymptomResolved(self.code)


class ReadingRefIn(Body):
    id: Id
    revision: Whole


class BaselineAcceptedIn(Body):
    readings: Annotated[list[ReadingRefIn], Field(min_length=1, max_length=50)]

    def value(self) -> Detail:
        return BaselineAccepted(tuple(sorted(ReadingRef(ref.id, ref.revision) for ref in self.readings)))


class ConcernAcknowledgedIn(Body):
    concern_id: Annotated[str, Text(120)]

    def value(self) -> Detail:
        return ConcernAcknowledged(self.concern_id)


class TransferredIn(Body):
    to: Annotated[str, Text()]

    def value(self) -> Detail:
        return Transferred(self.to)


class AddendumIn(Body):
    """Text, with a whole late reading where there is one; the reading goes by the event's id."""

    text: Annotated[str, Text(NOTE, lines=True)]
    reading: ReadingIn | None = None

    def value_for(self, event_id: UUID) -> Detail:
        return Addendum(self.text, self.reading.value(event_id) if self.reading else None)


class PlainEventIn(Body):
    kind: Literal[
        "checked-in",
        "infusion-paused",
        "infusion-resumed",
        "infusion-stopped",
        "oxygen-stopped",
        "cancelled",
        "left-against-advice",
    ]
    at: Instant
    detail: Nothing | None = None


class InfusionStartedIn(Body):
    kind: Literal["infusion-started"]
    at: Instant
    detail: DoseStartedIn


class RateChangedEventIn(Body):
    kind: Literal["rate-changed"]
    at: Instant
    detail: RateChangedIn


class NasalDeviceGivenIn(Body):
    kind: Literal["nasal-device-given"]
    at: Instant
    detail: DeviceGivenIn


class MedicationGivenIn(Body):
    kind: Literal["medication-given"]
    at: Instant
    detail: MedicationIn


class OxygenStartedEventIn(Body):
    kind: Literal["oxygen-started"]
    at: Instant
    detail: OxygenStartedIn


class SymptomResolvedEventIn(Body):
    kind: Literal["symptom-resolved"]
    at: Instant
    detail: SymptomResolvedIn


class BaselineAcceptedEventIn(Body):
    kind: Literal["baseline-accepted"]
    at: Instant
    detail: BaselineAcceptedIn


class ConcernAcknowledgedEventIn(Body):
    kind: Literal["concern-acknowledged"]
    at: Instant
    detail: ConcernAcknowledgedIn


class TransferredEventIn(Body):
    kind: Literal["transferred"]
    at: Instant
    detail: TransferredIn


class AddendumEventIn(Body):
    kind: Literal["addendum"]
    at: Instant
    detail: AddendumIn


EventIn = Annotated[
    PlainEventIn
    | InfusionStartedIn
    | RateChangedEventIn
    | NasalDeviceGivenIn
    | MedicationGivenIn
    | OxygenStartedEventIn
    | SymptomResolvedEventIn
    | BaselineAcceptedEventIn
    | ConcernAcknowledgedEventIn
    | TransferredEventIn
    | AddendumEventIn,
    Field(discriminator="kind"),
]


def _detail(body: EventIn, event_id: UUID) -> Detail:
    match body.detail:
        case None:
            return None
        case AddendumIn():
            return body.detail.value_for(event_id)
        case _:
            return body.detail.value()


@router.put(
    "/v1/sessions/{session_id}/events/{event_id}",
    response_model=None,
    responses={200: {"model": EventOut}, 201: {"model": EventOut}, **refusals(409)},
)
async def put_event(session_id: Id, event_id: Id, body: EventIn, call: Annotated[Call, allow(Act.CHART)]) -> Response:
    """Keep an event. The session's state follows from its events, ordered by `at`.

    `baseline-accepted` and `concern-acknowledged` take a clinician.
    """
    event = Event(event_id, EventKind(body.kind), body.at, _detail(body, event_id))
    done = await call.write(events.put, session_id, event)
    return answer(event_view(the_one(done.record, event_id)), status=201 if done.new else 200)


@router.post(
    "/v1/sessions/{session_id}/events/{event_id}/void",
    response_model=None,
    responses={200: {"model": EventOut}, 201: {"model": EventOut}, **refusals(409)},
)
async def void_event(session_id: Id, event_id: Id, body: VoidIn, call: Annotated[Call, allow(Act.CHART)]) -> Response:
    """Mark an event as entered in error. It stays in the record and counts for nothing."""
    done = await call.write(events.void, session_id, event_id, body.reason)
    return answer(event_view(the_one(done.record, event_id)), status=201 if done.new else 200)
