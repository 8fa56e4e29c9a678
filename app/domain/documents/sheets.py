"""Sheets (patient, course, header, screening, clearance, escort) and what is signed, as documents."""

from datetime import date
from uuid import UUID

from app.domain.documents.plain import (
    Found,
    Written,
    decimal_from,
    decimal_or_null,
    id_from,
    id_or_null,
    instant_from,
    instant_or_null,
)
from app.domain.events import Route
from app.domain.facts import Escort
from app.domain.instants import from_text, to_text
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    Notice,
    NoticeKind,
    Patient,
    Screening,
    ScreeningOverride,
    SessionHeader,
    Signer,
    Void,
)
from app.domain.screening import Exclusion


def patient_document(patient: Patient) -> Written:
    """`{family_name, given_name, given_names, birth_date, record_number, sex}`; the birth date as YYYY-MM-DD.

    `given_name` is `given_names` as one text, for those who read no lists.
    """
    return {
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "given_names": list(patient.given_names),
        "birth_date": patient.birth_date.isoformat(),
        "record_number": patient.record_number,
        "sex": patient.sex,
    }


def patient_from(document: Found) -> Patient:
    """The inverse of `patient_document`."""
    return Patient(
        family_name=document["family_name"],
        given_names=tuple(document["given_names"]),
        birth_date=date.fromisoformat(document["birth_date"]),
        record_number=document["record_number"],
        sex=document["sex"],
    )


def course_document(course: Course) -> Written:
    """`{patient_id, planned_sessions, interval_days, note}`."""
    return {
        "patient_id": str(course.patient_id),
        "planned_sessions": course.planned_sessions,
        "interval_days": course.interval_days,
        "note": course.note,
    }


def course_from(document: Found) -> Course:
    """The inverse of `course_document`."""
    return Course(
        UUID(document["patient_id"]), document["planned_sessions"], document["interval_days"], document["note"]
    )


def clearance_document(clearance: Clearance) -> Written:
    """`{until, note}`."""
    return {"until": instant_or_null(clearance.until), "note": clearance.note}


def clearance_from(document: Found) -> Clearance:
    """The inverse of `clearance_document`."""
    return Clearance(instant_from(document["until"]), document["note"])


def header_document(header: SessionHeader) -> Written:
    """`{patient_id, route, protocol: {id, version}, chair, planned_at, course_id, weight_kg}`."""
    return {
        "patient_id": str(header.patient_id),
        "route": header.route.value,
        "protocol": {"id": header.protocol_id, "version": header.protocol_version},
        "chair": header.chair,
        "planned_at": instant_or_null(header.planned_at),
        "course_id": id_or_null(header.course_id),
        "weight_kg": decimal_or_null(header.weight_kg),
    }


def header_from(document: Found) -> SessionHeader:
    """The inverse of `header_document`."""
    return SessionHeader(
        patient_id=UUID(document["patient_id"]),
        route=Route(document["route"]),
        protocol_id=document["protocol"]["id"],
        protocol_version=document["protocol"]["version"],
        chair=document["chair"],
        planned_at=instant_from(document["planned_at"]),
        course_id=id_from(document["course_id"]),
        weight_kg=decimal_from(document["weight_kg"]),
    )


def screening_document(screening: Screening) -> Written:
    """`{answers: {<exclusion>: true|false}}`, in the fixed order of the exclusions."""
    return {
        "answers": {
            exclusion.value: screening.answers[exclusion] for exclusion in Exclusion if exclusion in screening.answers
        }
    }


def screening_from(document: Found) -> Screening:
    """The inverse of `screening_document`."""
    return Screening({Exclusion(name): answer for name, answer in document["answers"].items()})


def override_document(override: ScreeningOverride) -> Written:
    """`{exclusions, reason}`, in the fixed order of the exclusions."""
    return {
        "exclusions": [exclusion.value for exclusion in Exclusion if exclusion in override.exclusions],
        "reason": override.reason,
    }


def override_from(document: Found) -> ScreeningOverride:
    """The inverse of `override_document`."""
    return ScreeningOverride(tuple(Exclusion(name) for name in document["exclusions"]), document["reason"])


def escort_document(escort: Escort) -> Written:
    """`{name, relationship, present, present_at, revision}`."""
    return {
        "name": escort.name,
        "relationship": escort.relationship,
        "present": escort.present,
        "present_at": instant_or_null(escort.present_at),
        "revision": escort.revision,
    }


def escort_from(document: Found) -> Escort:
    """The inverse of `escort_document`."""
    return Escort(
        name=document["name"],
        present=document["present"],
        present_at=instant_from(document["present_at"]),
        relationship=document["relationship"],
        revision=document["revision"],
    )


def void_document(void: Void) -> Written:
    """`{fact_id, reason}`."""
    return {"fact_id": str(void.fact_id), "reason": void.reason}


def void_from(document: Found) -> Void:
    """The inverse of `void_document`."""
    return Void(UUID(document["fact_id"]), document["reason"])


def confirmation_document(confirmation: Confirmation) -> Written:
    """`{id, decision, digest, own_assessment, reason, named, signed_text, signed_at}`."""
    return {
        "id": str(confirmation.id),
        "decision": confirmation.decision.value,
        "digest": confirmation.digest,
        "own_assessment": confirmation.own_assessment,
        "reason": confirmation.reason,
        "named": list(confirmation.named),
        "signed_text": confirmation.signed_text,
        "signed_at": to_text(confirmation.signed_at),
    }


def confirmation_from(document: Found) -> Confirmation:
    """The inverse of `confirmation_document`."""
    return Confirmation(
        id=UUID(document["id"]),
        decision=Decision(document["decision"]),
        digest=document["digest"],
        own_assessment=document["own_assessment"],
        reason=document["reason"],
        named=tuple(document["named"]),
        signed_text=document["signed_text"],
        signed_at=from_text(document["signed_at"]),
    )


def notice_document(notice: Notice) -> Written:
    """`{id, kind, text, raised_at, signer_id, confirmation_id, digest}`."""
    return {
        "id": str(notice.id),
        "kind": notice.kind.value,
        "text": notice.text,
        "raised_at": to_text(notice.raised_at),
        "signer_id": id_or_null(notice.signer_id),
        "confirmation_id": id_or_null(notice.confirmation_id),
        "digest": notice.digest,
    }


def notice_from(document: Found) -> Notice:
    """The inverse of `notice_document`."""
    return Notice(
        id=UUID(document["id"]),
        kind=NoticeKind(document["kind"]),
        text=document["text"],
        raised_at=from_text(document["raised_at"]),
        signer_id=id_from(document["signer_id"]),
        confirmation_id=id_from(document["confirmation_id"]),
        digest=document["digest"],
    )


def discharge_document(discharge: Discharge) -> Written:
    """`{left_at, instructions_given, note, ready_at}`."""
    return {
        "left_at": to_text(discharge.left_at),
        "instructions_given": discharge.instructions_given,
        "note": discharge.note,
        "ready_at": instant_or_null(discharge.ready_at),
    }


def discharge_from(document: Found) -> Discharge:
    """The inverse of `discharge_document`."""
    return Discharge(
        left_at=from_text(document["left_at"]),
        instructions_given=document["instructions_given"],
        note=document["note"],
        ready_at=instant_from(document["ready_at"]),
    )


def signer_document(signer: Signer) -> Written:
    """`{staff_id, name, role}`."""
    return {"staff_id": id_or_null(signer.staff_id), "name": signer.name, "role": signer.role}


def signer_from(document: Found) -> Signer:
    """The inverse of `signer_document`."""
    return Signer(id_from(document["staff_id"]), document["name"], document["role"])
