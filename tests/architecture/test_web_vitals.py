"""The tablet asks and refuses by the same numbers as the service, so that nothing it takes is refused later."""

import json
import re

from app.domain.symptoms import ALWAYS_SEVERE, SERIOUS, SymptomCode
from app.domain.typed.readings import REQUIRED
from app.domain.vitals import CONSCIOUSNESS_SCORES, INSTRUMENTS, PULSE_PRESSURE, VITALS, Band, DissociationGrade
from app.exchange.protocol_words import tell
from app.services.password_choice import SHORTEST
from tests.architecture.tree import ROOT
from tests.domain import shipped

WEB = ROOT / "app" / "web" / "src"
TYPED = (WEB / "vitals.ts").read_text()
BAND = r"\{ low: (\d+), high: (\d+) \}"


def band(low: str, high: str) -> Band:
    return Band(int(low), int(high))


def bands(text: str) -> dict[str, tuple[Band, Band]]:
    """The possible and the likely band of each vital, as the tablet has them."""
    found = re.findall(rf"^  (\w+): \{{ possible: {BAND}, likely: {BAND} \}},$", text, re.MULTILINE)
    return {vital: (band(a, b), band(c, d)) for vital, a, b, c, d in found}


def literal(text: str, name: str) -> object:
    """A constant that is written as data: keys without quotes are given them."""
    written = re.search(rf"{name}[^=]*= ([\[{{].*?[\]}}]);", text, re.DOTALL)
    assert written
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", re.sub(r"(?<=[\s{])(\w+):", r'"\1":', written[1])))


def test_impossible_and_unlikely_are_the_same():
    assert bands(TYPED) == {vital.value: (facts.possible, facts.likely) for vital, facts in VITALS.items()}


def test_a_moved_bound_is_seen():
    moved = bands(TYPED.replace("low: 40, high: 300", "low: 41, high: 300"))
    assert moved["systolic"] != (VITALS["systolic"].possible, VITALS["systolic"].likely)


def test_the_pulse_pressure_is_the_same():
    found = re.search(rf"PULSE_PRESSURE: Band = {BAND}", TYPED)
    assert found
    assert band(*found.groups()) == PULSE_PRESSURE


def test_scales_and_grades_are_the_same():
    assert literal(TYPED, "SCORES") == {scale.value: list(scores) for scale, scores in CONSCIOUSNESS_SCORES.items()}
    assert literal(TYPED, "GRADES") == [grade.value for grade in DissociationGrade]


def test_what_a_set_needs_is_the_same():
    found = re.search(r"REQUIRED = \[\.\.\.ORDER, (.*?)\]", TYPED)
    assert found
    assert {*bands(TYPED), *json.loads(f"[{found[1]}]")} == set(REQUIRED)


def test_instruments_are_the_same():
    listed = literal(TYPED, "INSTRUMENTS")
    assert isinstance(listed, list)
    known = {(one["instrument"], one["version"]): one["most"] for one in listed}
    assert known == {name: facts.ceiling for name, facts in INSTRUMENTS.items()}


def test_the_shortest_password_is_the_same():
    found = re.search(r"SHORTEST_PASSWORD = (\d+);", (WEB / "parts" / "password.tsx").read_text())
    assert found
    assert int(found[1]) == SHORTEST


def test_every_table_of_a_protocol_has_its_heading():
    """What is told under no heading would not be seen by whoever approves."""
    groups = re.search(r"groups: \{(.*?)\}", (WEB / "words.first.ts").read_text(), re.DOTALL)
    assert groups
    headings = set(re.findall(r'^\s+"?([\w-]+)"?:', groups[1], re.MULTILINE))
    told = {one.table.split(".")[0] for name in shipped.NAMES for one in tell(shipped.protocol(name))}
    assert headings == told


def test_symptoms_and_the_serious_ones_are_the_same():
    listed = dict(re.findall(r'^  "?([a-z-]+)"?: "(\w*)",$', (WEB / "symptoms.ts").read_text(), re.MULTILINE))
    assert set(listed) == {code.value for code in SymptomCode}
    assert {code for code, kind in listed.items() if kind in {"serious", "severe"}} == {code.value for code in SERIOUS}
    assert {code for code, kind in listed.items() if kind == "severe"} == {code.value for code in ALWAYS_SEVERE}
    assert ALWAYS_SEVERE <= SERIOUS
    assert sum(kind == "often" for kind in listed.values()) == 10
