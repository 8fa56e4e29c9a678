"""Patients: put, read, search. Names and numbers travel in bodies, never in addresses."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, by_revision, read_cursor, read_number, write_cursor
from app.api.errors import refusals
from app.api.kept import KeptOut, kept_document
from app.api.routes import router as make_router
from app.api.strict import Body, Choice, Day, Id, Identifier, IfMatch, Looked, Text
from app.db.patients import PatientCursor
from app.domain.documents import patient_document
from app.domain.errors import FieldError
from app.domain.patients import MOST_GIVEN
from app.domain.people import Act
from app.domain.records import Kept, Patient
from app.services import patients
from app.services.patients import FoundPatient, LookAlike

router = make_router()


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class PatientIn(Body):
    """At least one name: the family name or the given names may be empty or left out.

    `given_names` keeps several apart; where `given_name` is sent beside it, it must be the same, joined by spaces.
    """

    family_name: Annotated[str, Text(blank=True)] = ""
    given_name: Annotated[str, Text(blank=True)] | None = None
    given_names: list[Annotated[str, Text()]] | None = Field(default=None, max_length=MOST_GIVEN)
    birth_date: Day
    record_number: Annotated[str, Identifier()]
    sex: Choice[Sex] | None = None

    def value(self) -> Patient:
        """The patient as sent. Raises `BadPatient` where the given names contradict each other."""
        names = tuple(self.given_names) if self.given_names is not None else _one(self.given_name)
        patient = Patient(
            self.family_name, names, self.birth_date, self.record_number, self.sex.value if self.sex else None
        )
        if self.given_name is not None and self.given_name != patient.given_name:
            said = "must be the names of given_name, which holds them joined by spaces: send the same or only one"
            raise patients.BadPatient(errors=[FieldError("given_names", said)])
        return patient


class SearchIn(Body):
    text: Looked | None = Field(default=None, description="Parts of names or record numbers, in any order")
    birth_date: Day | None = None
    after: str | None = Field(default=None, max_length=2000, description="The `next` of the page before")
    limit: int = Field(default=20, ge=1, le=MOST)


class PatientContent(Out):
    family_name: str
    given_name: str
    given_names: list[str]
    birth_date: Day
    record_number: str
    sex: Sex | None


class LookAlikeOut(PatientContent):
    id: Id
    because: list[str]


class PatientRevisionOut(PatientContent, KeptOut):
    id: Id


class PatientOut(PatientRevisionOut):
    look_alikes: list[LookAlikeOut]


class PatientListOut(Out):
    items: list[PatientOut]
    next: str | None


class PatientHistoryOut(Out):
    items: list[PatientRevisionOut]
    next: str | None


def _one(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _place(family: str, given: str, patient_id: str) -> PatientCursor:
    return PatientCursor(family, given, UUID(patient_id))


def patient_revision(patient_id: UUID, kept: Kept[Patient]) -> dict[str, object]:
    """One revision of a patient as shown."""
    return {"id": patient_id, **kept_document(kept, patient_document(kept.value))}


def _look_alike(other: LookAlike) -> dict[str, object]:
    return {"id": other.id, **patient_document(other.patient), "because": other.because}


def patient_view(found: FoundPatient) -> dict[str, object]:
    """A patient with look-alikes as shown."""
    return {
        **patient_revision(found.id, found.kept),
        "look_alikes": [_look_alike(other) for other in found.look_alikes],
    }


@router.put(
    "/v1/patients/{patient_id}",
    response_model=PatientOut,
    responses={201: {"model": PatientOut}, **refusals(409, 412, 428)},
)
async def put_patient(
    patient_id: UUID, body: PatientIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Create or revise a patient. The answer marks who looks alike."""
    change, found = await call.write(patients.put, patient_id, body.value(), if_match)
    return answer(patient_view(found), status=201 if change.created else 200, revision=change.revision)


@router.get("/v1/patients/{patient_id}", response_model=PatientOut)
async def get_patient(patient_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """One patient, with who looks alike."""
    found = await call.read(patients.read, patient_id)
    return answer(patient_view(found), revision=found.kept.revision)


@router.get("/v1/patients/{patient_id}/history", response_model=PatientHistoryOut)
async def get_patient_history(
    patient_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of one patient, oldest first."""
    found = await call.read(patients.read_history, patient_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: patient_revision(patient_id, kept), by_revision))


@router.post("/v1/patients/search", response_model=PatientListOut)
async def search(body: SearchIn, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """Patients of the clinic in name order, without regard to case or accents; each marks its look-alikes."""
    after = read_cursor(body.after, _place)
    found, following = await call.read(patients.search, body.text, body.birth_date, after, body.limit)
    return answer(
        {
            "items": [patient_view(item) for item in found],
            "next": write_cursor((following.family, following.given, str(following.id)) if following else None),
        }
    )
