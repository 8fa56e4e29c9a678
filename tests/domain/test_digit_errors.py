"""What share of one-digit slips the door notices: counted, reported in docs/clinical-sources.md, never claimed whole.

A slip is one digit left out, doubled or mistyped, or two neighbours exchanged. It is noticed where the value is
refused or asked about again. What is not noticed here meets the tablet's comparison with the last set, and eyes.
"""

from pathlib import Path

from app.domain.typed import ReadingInvalid, Unlikely, check_reading
from app.domain.vitals import Vital
from tests.domain.typed_values import NOW, reading

DIGITS = "0123456789"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "clinical-sources.md"
# patients at rest and at the peak of the dose; each systolic with diastolics 30 to 60 below it
APART = (30, 40, 50, 60)
PAIRS = [
    {"systolic": high, "diastolic": high - apart} for high in range(100, 171) for apart in APART if high - apart < 111
]
TRUTHS = {
    Vital.HEART_RATE: [{"heart_rate": value} for value in range(50, 121)],
    Vital.SYSTOLIC: PAIRS,
    Vital.DIASTOLIC: PAIRS,
    Vital.RESPIRATORY_RATE: [{"respiratory_rate": value} for value in range(10, 25)],
    Vital.SPO2: [{"spo2": value} for value in range(92, 101)],
}


def slips(value):
    """Every other whole number one slip away from how `value` is typed."""
    text = str(value)
    typed = {text[:place] + text[place + 1 :] for place in range(len(text))}
    typed |= {text[:place] + digit + text[place:] for place in range(len(text) + 1) for digit in DIGITS}
    typed |= {text[:place] + digit + text[place + 1 :] for place in range(len(text)) for digit in DIGITS}
    typed |= {text[:place] + text[place + 1] + text[place] + text[place + 2 :] for place in range(len(text) - 1)}
    return sorted({int(slip) for slip in typed if slip} - {value})


def outcome(made):
    try:
        check_reading(made, NOW)
    except ReadingInvalid:
        return "refused"
    except Unlikely:
        return "asked"
    return "passed"


def counted(vital):
    """How many slips are refused, asked about, and passed."""
    found = {"refused": 0, "asked": 0, "passed": 0}
    for truth in TRUTHS[vital]:
        for slip in slips(truth[vital.value]):
            found[outcome(reading(**truth | {vital.value: slip}))] += 1
    return found


def table():
    """The rows of the page."""
    rows = []
    for vital in Vital:
        found = counted(vital)
        total = sum(found.values())
        share = 100 * (found["refused"] + found["asked"]) // total
        rows.append(f"| {vital} | {total} | {found['refused']} | {found['asked']} | {found['passed']} | {share} % |")
    return "\n".join(rows)


def test_the_truths_themselves_pass():
    for truths in TRUTHS.values():
        assert {outcome(reading(**truth)) for truth in truths} == {"passed"}


def test_the_share_noticed_is_the_one_the_page_reports():
    assert table() in PAGE.read_text(encoding="utf-8"), f"the page should say:\n{table()}"


def test_the_slip_that_names_the_hazard_is_refused():
    assert outcome(reading(heart_rate=1200)) == "refused"
    assert outcome(reading(systolic=1200)) == "refused"
    assert {slip for slip in (12, 210, 1200, 20) if slip in slips(120)} == {12, 210, 1200, 20}
    assert outcome(reading(systolic=12)) == "refused"
    assert outcome(reading(systolic=210)) == "asked"
