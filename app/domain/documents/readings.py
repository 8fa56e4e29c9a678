"""Readings as documents."""

from collections.abc import Mapping
from uuid import UUID

from app.domain.documents.plain import (
    Found,
    Written,
    decimal_from,
    decimal_or_null,
    instant_from,
    instant_or_null,
)
from app.domain.instants import from_text, to_text
from app.domain.readings import Reading
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)


def oxygen_document(oxygen: Oxygen) -> Written:
    """`{kind, flow_l_min}`."""
    return {"kind": oxygen.kind.value, "flow_l_min": decimal_or_null(oxygen.flow_l_min)}


def oxygen_from(document: Found) -> Oxygen:
    """The inverse of `oxygen_document`."""
    return Oxygen(OxygenKind(document["kind"]), decimal_from(document["flow_l_min"]))


def consciousness_document(consciousness: Consciousness) -> Written:
    """`{scale, score}`."""
    return {"scale": consciousness.scale.value, "score": consciousness.score}


def dissociation_document(dissociation: Dissociation) -> Written:
    """`{grade, instrument, version, score, items}`; items by number as text, in ascending order."""
    return {
        "grade": dissociation.grade.value,
        "instrument": dissociation.instrument,
        "version": dissociation.version,
        "score": dissociation.score,
        "items": {str(number): score for number, score in sorted(dissociation.items)} or None,
    }


def dissociation_from(document: Found) -> Dissociation:
    """The inverse of `dissociation_document`."""
    items: Mapping[str, int] = document["items"] or {}
    return Dissociation(
        grade=DissociationGrade(document["grade"]),
        instrument=document["instrument"],
        version=document["version"],
        score=document["score"],
        items=tuple(sorted((int(number), score) for number, score in items.items())),
    )


def symptom_document(symptom: Symptom) -> Written:
    """`{code, severity, onset}`."""
    return {
        "code": symptom.code.value,
        "severity": symptom.severity.value if symptom.severity else None,
        "onset": instant_or_null(symptom.onset),
    }


def symptom_from(document: Found) -> Symptom:
    """The inverse of `symptom_document`."""
    severity = document["severity"]
    return Symptom(
        SymptomCode(document["code"]), Severity(severity) if severity else None, instant_from(document["onset"])
    )


def reading_content(reading: Reading) -> Written:
    """What a nurse typed, and nothing the service added: a repeat is equal exactly where this is.

    Symptoms go by code and instants by UTC, so that order and offset of what was sent make no difference.
    """
    symptoms = reading.symptoms
    return {
        "measured_at": to_text(reading.measured_at),
        "heart_rate": reading.heart_rate,
        "systolic": reading.systolic,
        "diastolic": reading.diastolic,
        "respiratory_rate": reading.respiratory_rate,
        "spo2": reading.spo2,
        "oxygen": oxygen_document(reading.oxygen) if reading.oxygen else None,
        "consciousness": consciousness_document(reading.consciousness) if reading.consciousness else None,
        "dissociation": dissociation_document(reading.dissociation) if reading.dissociation else None,
        "symptoms": None
        if symptoms is None
        else [symptom_document(symptom) for symptom in sorted(symptoms, key=lambda symptom: symptom.code)],
        "gait_steady": reading.gait_steady,
        "orientated": reading.orientated,
        "not_measured": dict(sorted(reading.not_measured)),
        "confirmed_unlikely": [vital.value for vital in Vital if vital in reading.confirmed_unlikely],
        "note": reading.note,
    }


def reading_document(reading: Reading) -> Written:
    """`{id, revision, clock_doubtful}` and the content."""
    return {
        "id": str(reading.id),
        "revision": reading.revision,
        **reading_content(reading),
        "clock_doubtful": reading.clock_doubtful,
    }


def reading_from(document: Found) -> Reading:
    """The inverse of `reading_document`."""
    consciousness, symptoms = document["consciousness"], document["symptoms"]
    return Reading(
        id=UUID(document["id"]),
        revision=document["revision"],
        measured_at=from_text(document["measured_at"]),
        heart_rate=document["heart_rate"],
        systolic=document["systolic"],
        diastolic=document["diastolic"],
        respiratory_rate=document["respiratory_rate"],
        spo2=document["spo2"],
        oxygen=oxygen_from(document["oxygen"]) if document["oxygen"] else None,
        consciousness=Consciousness(ConsciousnessScale(consciousness["scale"]), consciousness["score"])
        if consciousness
        else None,
        dissociation=dissociation_from(document["dissociation"]) if document["dissociation"] else None,
        symptoms=None if symptoms is None else tuple(symptom_from(symptom) for symptom in symptoms),
        gait_steady=document["gait_steady"],
        orientated=document["orientated"],
        not_measured=tuple(sorted(document["not_measured"].items())),
        confirmed_unlikely=frozenset(Vital(name) for name in document["confirmed_unlikely"]),
        note=document["note"],
        clock_doubtful=document["clock_doubtful"],
    )
