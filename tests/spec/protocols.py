"""The protocols the spec tables are asked under: the shipped examples, and variants of the first one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain.protocol.parse import parse
from app.domain.protocol.toml import from_toml
from app.domain.protocol.values import BaselineMethod, ConcernLimits, Protocol, Sustained
from app.domain.symptoms import Severity
from app.domain.vitals import ConsciousnessScale, Vital

FOLDER = Path(__file__).resolve().parents[2] / "app" / "protocols"
EXAMPLE = parse(from_toml((FOLDER / "iv-infusion-example.toml").read_text(encoding="utf-8")))
NASAL = parse(from_toml((FOLDER / "intranasal-example.toml").read_text(encoding="utf-8")))


def _recovery(vital: Vital, **change: Any) -> Protocol:
    return replace(EXAMPLE, recovery={**EXAMPLE.recovery, vital: replace(EXAMPLE.recovery[vital], **change)})


PROTOCOLS: dict[str, Protocol] = {
    "example": EXAMPLE,
    "nasal": NASAL,
    "median": replace(EXAMPLE, baseline=replace(EXAMPLE.baseline, method=BaselineMethod.MEDIAN)),
    "last": replace(EXAMPLE, baseline=replace(EXAMPLE.baseline, method=BaselineMethod.LAST)),
    "three-readings": replace(EXAMPLE, baseline=replace(EXAMPLE.baseline, min_readings=3)),
    "delta": _recovery(Vital.SYSTOLIC, percent_up=None, percent_down=None, delta_up=15, delta_down=10),
    "up-and-down": _recovery(Vital.SYSTOLIC, percent_up=10, percent_down=25),
    "percent-and-delta": _recovery(Vital.SYSTOLIC, percent_up=20, percent_down=20, delta_up=15, delta_down=30),
    "wide-heart-rate": _recovery(Vital.HEART_RATE, floor=40, ceiling=130),
    "acvpu": replace(EXAMPLE, consciousness_scale=ConsciousnessScale.ACVPU),
    "rass": replace(EXAMPLE, consciousness_scale=ConsciousnessScale.RASS),
    "cadss": replace(EXAMPLE, dissociation_instrument="cadss"),
    "from-mild": replace(EXAMPLE, symptoms=replace(EXAMPLE.symptoms, from_severity=Severity.MILD)),
    "three-sets": replace(EXAMPLE, sustained=Sustained(sets=3, minutes=20, spacing=5, max_gap=20)),
    "short-gap": replace(EXAMPLE, sustained=replace(EXAMPLE.sustained, max_gap=18), fresh_minutes=30),
    "concern-ceiling": replace(EXAMPLE, concerns={Vital.SYSTOLIC: ConcernLimits(None, 180, None, acknowledge=True)}),
    "concern-both-ways": replace(EXAMPLE, concerns={Vital.HEART_RATE: ConcernLimits(45, 130, 30, acknowledge=True)}),
    "concern-shown-only": replace(
        EXAMPLE, concerns={Vital.SYSTOLIC: ConcernLimits(None, 180, None, acknowledge=False)}
    ),
}
"""By the name a table gives. Each but the first two differs from the first in what its name says."""
