"""What a nurse types: one set as she sees it, in the words of the contract."""

from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.curves import Truth, grade, measure
from app.domain.readings import Phase
from app.domain.vitals import Vital

Typed = dict[str, Any]


def stamp(at: datetime, zone: ZoneInfo | None) -> str:
    """An instant as a tablet stamps it: whole seconds, in UTC or with the clinic's offset of that day."""
    whole = at.replace(microsecond=0)
    return whole.astimezone(zone).isoformat() if zone else whole.strftime("%Y-%m-%dT%H:%M:%SZ")


def typed(
    truth: Truth, at: str, phase: Phase, oxygen_l_min: int, chance: Random, *, scored: bool, probe_fault: bool = False
) -> Typed:
    """The body of PUT .../readings/{id}. Gait is not tried during the dose; `scored`: with a CADSS total."""
    shown = measure(truth, chance)
    on_their_feet = phase is not Phase.INFUSION
    reading: Typed = {
        "measured_at": at,
        **{vital.value: shown[vital] for vital in Vital},
        "oxygen": {"kind": "supplemental", "flow_l_min": oxygen_l_min} if oxygen_l_min else {"kind": "room-air"},
        "consciousness": {"scale": "moaas", "score": truth.moaas},
        "dissociation": {"grade": grade(truth.cadss)},
        "symptoms": [{"code": one.code.value, "severity": one.severity.value} for one in truth.complaints],
        "not_measured": {},
        "confirmed_unlikely": [],
    }
    if scored:
        reading["dissociation"] |= {"instrument": "cadss", "version": "23-item", "score": truth.cadss}
    if on_their_feet:
        reading |= {"gait_steady": truth.gait_steady, "orientated": truth.orientated}
    if probe_fault:
        reading |= {"spo2": None, "not_measured": {"spo2": "probe fault"}}
    return reading


def reading_path(session_id: UUID, reading_id: UUID) -> str:
    """Where a reading lives."""
    return f"/v1/sessions/{session_id}/readings/{reading_id}"
