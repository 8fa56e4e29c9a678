"""The tablet's bounds for typed numbers are the service's: what it lets through is not refused, and nothing true is."""

import re

from app.domain.deciding.sheets import HEAVIEST_KG, LIGHTEST_KG
from app.domain.typed.events import HIGHEST_AMOUNT, HIGHEST_DOSE_MG, HIGHEST_RATE_ML_H, LONGEST_PLAN
from app.domain.typed.readings import HIGHEST_FLOW
from app.services.courses import LONGEST_INTERVAL, MOST_SESSIONS
from app.web.build import WEB

BOUNDS = re.compile(r"(\w+): \{ low: ([\d_]+), high: ([\d_]+),")


def test_the_two_agree():
    told = BOUNDS.findall((WEB / "src" / "numbers.ts").read_text())
    assert {name: (int(low), int(high)) for name, low, high in told} == {
        "dose_mg": (0, HIGHEST_DOSE_MG),
        "planned_minutes": (1, LONGEST_PLAN),
        "rate_ml_h": (0, HIGHEST_RATE_ML_H),
        "dose": (0, HIGHEST_AMOUNT),
        "flow_l_min": (0, HIGHEST_FLOW),
        "weight_kg": (LIGHTEST_KG, HEAVIEST_KG),
        "planned_sessions": (1, MOST_SESSIONS),
        "interval_days": (1, LONGEST_INTERVAL),
    }
