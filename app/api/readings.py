"""Readings over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.cursors import MOST, After, Limit, a_page, by_revision, read_number
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import ReadingHistoryOut, ReadingOut
from app.api.session_view import kept_reading, reading_view, void_view
from app.api.strict import Body, Choice, Id, IfMatch, Instant, Places3, Text, Whole
from app.domain.deciding.readings import the_one
from app.domain.people import Act
from app.domain.readings import Reading
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.texts import NOTE
from app.domain.typed import with_total
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from app.services import readings

router = make_router()


class RoomAirIn(Body):
    kind: Literal["room-air"]


class SupplementalIn(Body):
    kind: Literal["supplemental"]
    flow_l_min: Places3 | None = None


OxygenIn = Annotated[RoomAirIn | SupplementalIn, Field(discriminator="kind")]


class ConsciousnessIn(Body):
    """MOAA/S 0 to 5, RASS -5 to 4 (whole numbers), or one ACVPU letter."""

    scale: Choice[ConsciousnessScale]
    score: Whole | Annotated[str, Text(1)]


class DissociationIn(Body):
    """The nurse's own grade always; instrument, version and score (or item scores by number) where one was used."""

    grade: Choice[DissociationGrade]
    instrument: Annotated[str, Text(40)] | None = None
    version: Annotated[str, Text(40)] | None = None
    score: Whole | None = None
    items: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]?$")], Whole] | None = None


class SymptomIn(Body):
    code: Choice[SymptomCode]
    severity: Choice[Severity]
    onset: Instant | None = None


class ReadingIn(Body):
    """One timed set. A vital is a whole number, or null with its reason in `not_measured`; blank is neither."""

    measured_at: Instant
    heart_rate: Whole | None = None
    systolic: Whole | None = None
    diastolic: Whole | None = None
    respiratory_rate: Whole | None = None
    spo2: Whole | None = None
    oxygen: OxygenIn | None = None
    consciousness: ConsciousnessIn | None = None
    dissociation: DissociationIn | None = None
    symptoms: Annotated[list[SymptomIn], Field(max_length=60)] | None = None
    gait_steady: bool | None = None
    orientated: bool | None = None
    not_measured: dict[Annotated[str, Text(40)], Annotated[str, Text()]] = Field(default_factory=dict)
    confirmed_unlikely: Annotated[list[Choice[Vital]], Field(max_length=5)] = Field(default_factory=list)
    note: Annotated[str, Text(NOTE, lines=True)] | None = None

    def value(self, reading_id: UUID) -> Reading:
        """As a domain value, revision 1; item scores are added up."""
        typed = Reading(
            id=reading_id,
            revision=1,
            measured_at=self.measured_at,
            heart_rate=self.heart_rate,
            systolic=self.systolic,
            diastolic=self.diastolic,
            respiratory_rate=self.respiratory_rate,
            spo2=self.spo2,
            oxygen=_oxygen(self.oxygen),
            consciousness=Consciousness(self.consciousness.scale, self.consciousness.score)
            if self.consciousness
            else None,
            dissociation=_dissociation(self.dissociation),
            symptoms=None
            if self.symptoms is None
            else tuple(Symptom(named.code, named.severity, named.onset) for named in self.symptoms),
            gait_steady=self.gait_steady,
            orientated=self.orientated,
            not_measured=tuple(sorted(self.not_measured.items())),
            confirmed_unlikely=frozenset(self.confirmed_unlikely),
            note=self.note,
        )
        return with_total(typed)


def _oxygen(given: RoomAirIn | SupplementalIn | None) -> Oxygen | None:
    match given:
        case None:
            return None
        case SupplementalIn():
            return Oxygen(OxygenKind.SUPPLEMENTAL, given.flow_l_min)
        case RoomAirIn():
            return Oxygen(OxygenKind.ROOM_AIR)


def _dissociation(given: DissociationIn | None) -> Dissociation | None:
    if given is None:
        return None
    items = tuple(sorted((int(number), score) for number, score in (given.items or {}).items()))
    return Dissociation(given.grade, given.instrument, given.version, given.score, items)


class CorrectionIn(Body):
    """The whole corrected reading, and why. `id` makes the request repeatable."""

    id: Id | None = None
    reason: Annotated[str, Text()]
    reading: ReadingIn


class VoidIn(Body):
    """Why. A fact has one void: the same reason again is a repeat, with the same `id` or without one."""

    id: Id | None = None
    reason: Annotated[str, Text()]


@router.put(
    "/v1/sessions/{session_id}/readings/{reading_id}",
    response_model=None,
    responses={200: {"model": ReadingOut}, 201: {"model": ReadingOut}, **refusals(409)},
)
async def put_reading(
    session_id: Id, reading_id: Id, body: ReadingIn, call: Annotated[Call, allow(Act.CHART)]
) -> Response:
    """Keep a reading as typed. The same id and content again answers 200; other content 409 with both."""
    done = await call.write(readings.put, session_id, body.value(reading_id))
    return answer(reading_view(done.derived, the_one(done.record, reading_id)), status=201 if done.new else 200)


@router.post(
    "/v1/sessions/{session_id}/readings/{reading_id}/corrections",
    response_model=None,
    responses={200: {"model": ReadingOut}, 201: {"model": ReadingOut}, **refusals(409, 412)},
)
async def correct_reading(
    session_id: Id, reading_id: Id, body: CorrectionIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Keep the corrected reading as a new revision. If-Match names the revision that was looked at, where given."""
    done = await call.write(
        readings.correct,
        session_id,
        reading_id,
        body.id or uuid7(),
        body.reading.value(reading_id),
        body.reason,
        expected=if_match,
    )
    history = the_one(done.record, reading_id)
    return answer(
        reading_view(done.derived, history), status=201 if done.new else 200, revision=history.current.revision
    )


@router.post(
    "/v1/sessions/{session_id}/readings/{reading_id}/void",
    response_model=None,
    responses={200: {"model": ReadingOut}, 201: {"model": ReadingOut}, **refusals(409)},
)
async def void_reading(
    session_id: Id, reading_id: Id, body: VoidIn, call: Annotated[Call, allow(Act.CHART)]
) -> Response:
    """Mark a reading as entered in error. It stays in the record and counts for nothing."""
    done = await call.write(readings.void, session_id, reading_id, body.reason)
    return answer(reading_view(done.derived, the_one(done.record, reading_id)), status=201 if done.new else 200)


@router.get(
    "/v1/sessions/{session_id}/readings/{reading_id}/history",
    response_model=None,
    responses={200: {"model": ReadingHistoryOut}},
)
async def read_history(
    session_id: Id,
    reading_id: Id,
    call: Annotated[Call, allow(Act.READ_PATIENTS)],
    after: After = None,
    limit: Limit = MOST,
) -> Response:
    """Revisions of a reading, oldest first: who, when, why; and its void, where it was voided."""
    found, void = await call.read(readings.read_history, session_id, reading_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, kept_reading, by_revision, void=void_view(void)))
