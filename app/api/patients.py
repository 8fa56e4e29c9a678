"""Patients: put, read, search. Names and numbers travel in bodies, never in addresses."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api import deps
from app.api.answers import answer
from app.api.contract import KeptOut, Out
from app.api.cursors import MOST, read_cursor, write_cursor
from app.api.deps import Call, IfMatch, allow
from app.api.errors import refusals
from app.api.kept import kept_document
from app.api.strict import Body, Choice, Day, Id, Text
from app.db.patients import PatientCursor
from app.domain.documents import patient_document
from app.domain.people import Act
from app.domain.records import Kept, Patient
from app.services import patients
from app.services.patients import Found, LookAlike

router = deps.router()


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class PatientIn(Body):
    family_name: Annotated[str, Text()]
    given_name: Annotated[str, Text()]
    birth_date: Day
    record_number: Annotated[str, Text()]
    sex: Choice[Sex] | None = None


class SearchIn(Body):
    text: Annotated[str, Text()] | None = Field(default=None, description="A part of a name or record number")
    birth_date: Day | None = None
    after: str | None = Field(default=None, max_length=2000, description="The `next` of the page before")
    limit: int = Field(default=20, ge=1, le=MOST)


class PatientContent(Out):
    family_name: str
    given_name: str
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


def _place(family: str, given: str, patient_id: str) -> PatientCursor:
    return PatientCursor(family, given, UUID(patient_id))


def _revision(patient_id: UUID, kept: Kept[Patient]) -> dict[str, object]:
    return {"id": patient_id, **kept_document(kept, patient_document(kept.value))}


def _look_alike(other: LookAlike) -> dict[str, object]:
    return {"id": other.id, **patient_document(other.patient), "because": other.because}


def _document(found: Found) -> dict[str, object]:
    return {**_revision(found.id, found.kept), "look_alikes": [_look_alike(other) for other in found.look_alikes]}


@router.put(
    "/v1/patients/{patient_id}",
    response_model=PatientOut,
    responses={201: {"model": PatientOut}, **refusals(409, 412, 428)},
)
async def put_patient(
    patient_id: UUID, body: PatientIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Create or revise a patient. The answer marks who looks alike."""
    patient = Patient(
        body.family_name, body.given_name, body.birth_date, body.record_number, body.sex.value if body.sex else None
    )
    change, found = await call.write(patients.put, patient_id, patient, if_match)
    return answer(_document(found), status=201 if change.created else 200, revision=change.revision)


@router.get("/v1/patients/{patient_id}", response_model=PatientOut)
async def get_patient(patient_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """One patient, with who looks alike."""
    found = await call.read(patients.read, patient_id)
    return answer(_document(found), revision=found.kept.revision)


@router.get("/v1/patients/{patient_id}/history", response_model=PatientHistoryOut)
async def get_patient_history(patient_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """Every revision of one patient, oldest first."""
    revisions = await call.read(patients.read_history, patient_id)
    return answer({"items": [_revision(patient_id, kept) for kept in revisions], "next": None})


@router.post("/v1/patients/search", response_model=PatientListOut)
async def search(body: SearchIn, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """Patients of the clinic in name order, without regard to case or accents; each marks its look-alikes."""
    after = read_cursor(body.after, _place)
    found, following = await call.read(patients.search, body.text, body.birth_date, after, body.limit)
    return answer(
        {
            "items": [_document(item) for item in found],
            "next": write_cursor((following.family, following.given, str(following.id)) if following else None),
        }
    )
