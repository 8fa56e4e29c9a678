"""Bodies that the contract takes, to be changed where a test wants something else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from app.domain.events import Route
from tests.factories import SAME_DAY

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
PASSWORD = "a pass phrase of plain words"
EXCLUSIONS = (  # of the contract, by hand
    "active-substance-abuse",
    "no-negative-urine-toxicology",
    "history-of-psychosis",
    "raised-intracranial-pressure",
    "pregnancy",
    "uncontrolled-hypertension",
    "unstable-cardiovascular-disease",
    "previous-negative-response",
)


def at(minutes: float, *, seconds: float = 0) -> str:
    """Minutes after noon of a certain day, as the contract spells instants."""
    return (NOON + timedelta(minutes=minutes, seconds=seconds)).isoformat().replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """The instant behind a text of the contract."""
    return datetime.fromisoformat(text)


def patient(**other: Any) -> dict[str, Any]:
    usual = {
        "family_name": "Probe",
        "given_name": "Maria",
        "birth_date": "1984-03-11",
        "record_number": f"R-{uuid4().hex[:8]}",
    }
    return usual | other


def header(patient_id: str, *, nasal: bool = False, **other: Any) -> dict[str, Any]:
    name = "intranasal" if nasal else "iv-infusion"
    usual = {
        "patient_id": patient_id,
        "route": name,
        "protocol": {"id": f"{name}-example", "version": 1},
        "chair": "3",
        "weight_kg": 72.5,
    }
    return usual | other


def answers(**present: bool) -> dict[str, bool]:
    """All eight exclusions; `pregnancy=True` makes one present."""
    return {name: present.get(name.replace("-", "_"), False) for name in EXCLUSIONS}


def screening(*, nasal: bool = False, **present: bool) -> dict[str, Any]:
    """All that is asked before a dose under a shipped example; the same-day check in the morning, all right."""
    items = SAME_DAY[Route.INTRANASAL if nasal else Route.IV_INFUSION]
    return {"answers": answers(**present), "same_day": dict.fromkeys(items, "right"), "asked_at": at(-210)}


def event(minutes: float, kind: str, detail: Any = None) -> dict[str, Any]:
    return {"kind": kind, "at": at(minutes)} | ({"detail": detail} if detail is not None else {})


def reading(minutes: float, **other: Any) -> dict[str, Any]:
    """A good set. A field given as None is left out."""
    usual = {
        "measured_at": at(minutes),
        "heart_rate": 72,
        "systolic": 122,
        "diastolic": 78,
        "respiratory_rate": 14,
        "spo2": 98,
        "oxygen": {"kind": "room-air"},
        "consciousness": {"scale": "moaas", "score": 5},
        "dissociation": {"grade": "none"},
        "symptoms": [],
        "gait_steady": True,
        "orientated": True,
    }
    return {name: value for name, value in (usual | other).items() if value is not None}


def confirmation(digest: str, **other: Any) -> dict[str, Any]:
    usual = {
        "decision": "confirm",
        "digest": digest,
        "own_assessment": "alert, steady, talks as before",
        "password": PASSWORD,
    }
    return usual | other
