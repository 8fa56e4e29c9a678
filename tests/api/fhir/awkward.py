"""A session that tries a reader of /fhir."""

from typing import Any

from tests.api.bodies import at, reading


def awkward_session(clinic: Any) -> str:
    """A session with a correction, a void, a symptom, an addendum with a late reading, and a discharge: its id."""
    session_id: str = clinic.discharged()
    readings = clinic.nurse.get(f"/v1/sessions/{session_id}")["readings"]
    base = f"/v1/sessions/{session_id}"
    clinic.to(120)
    corrected = {"reason": "misread", "reading": reading(-20, heart_rate=75)}
    clinic.nurse.post(f"{base}/readings/{readings[0]['id']}/corrections", corrected)
    clinic.nurse.post(f"{base}/readings/{readings[2]['id']}/void", {"reason": "another patient's"})
    late = {"text": "found on paper", "reading": reading(30, symptoms=[{"code": "nausea", "severity": "mild"}])}
    addendum = "3b0c2f5e-0000-4000-8000-000000000001"
    clinic.nurse.put(f"{base}/events/{addendum}", {"kind": "addendum", "at": at(30), "detail": late})
    return session_id
