from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import product

import pytest

from app.domain.errors import Invalid
from app.domain.instants import NaiveInstant
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.typed import (
    FutureInstant,
    ReadingInvalid,
    Unlikely,
    check_not_future,
    check_reading,
    with_total,
)
from app.domain.typed.readings import MEASURABLE, REQUIRED
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    INSTRUMENTS,
    VITALS,
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.domain.typed_values import AIR, NOW, reading

NONE = DissociationGrade.NONE
FULL = {(name, version): tuple((number, 1) for number in facts.items) for (name, version), facts in INSTRUMENTS.items()}


def faults(made, family=ReadingInvalid):
    with pytest.raises(family) as refused:
        check_reading(made, NOW)
    return {fault.field: fault.message for fault in refused.value.errors}


def test_an_ordinary_reading_is_taken():
    check_reading(reading(), NOW)
    check_reading(reading(symptoms=None, gait_steady=None, orientated=None), NOW)


# --- impossible, unlikely, likely -------------------------------------------------------------------------------------
# written down a second time on purpose
LAYERS = {
    Vital.HEART_RATE: (20, 40, 140, 300),
    Vital.SYSTOLIC: (40, 80, 190, 300),
    Vital.DIASTOLIC: (20, 40, 115, 200),
    Vital.RESPIRATORY_RATE: (0, 8, 30, 80),
    Vital.SPO2: (30, 90, 100, 100),
}


def alone(vital, value, *confirmed):
    """A reading of one vital, the others not measured."""
    fields = dict.fromkeys((other.value for other in Vital), None) | {vital.value: value}
    reasons = tuple((other.value, "cuff fault") for other in Vital if other is not vital)
    return reading(**fields, not_measured=reasons, confirmed_unlikely=frozenset(confirmed))


def judged(vital, value):
    """The layer one value of one vital falls into."""
    try:
        check_reading(alone(vital, value), NOW)
    except Unlikely:
        return "unlikely"
    except ReadingInvalid:
        return "impossible"
    return "likely"


@pytest.mark.parametrize("vital", Vital)
def test_every_value_of_every_vital_is_in_its_layer(vital):
    lowest, low, high, highest = LAYERS[vital]
    for value in range(-5, 400):
        expected = "impossible" if not lowest <= value <= highest else "likely" if low <= value <= high else "unlikely"
        assert judged(vital, value) == expected
        if expected == "unlikely":
            check_reading(alone(vital, value, vital), NOW)
        if expected == "impossible":
            assert f"{value} is impossible (possible: {lowest} to {highest})" in faults(alone(vital, value))[vital]


def test_the_layers_lie_inside_each_other():
    for facts in VITALS.values():
        assert facts.possible.low <= facts.likely.low <= facts.likely.high <= facts.possible.high


def test_a_confirmation_does_not_make_the_impossible_possible():
    assert set(faults(reading(heart_rate=1200, confirmed_unlikely=frozenset(Vital)))) == {"heart_rate"}


def test_a_confirmation_of_another_vital_does_not_count():
    assert set(faults(reading(heart_rate=180, confirmed_unlikely=frozenset({Vital.SPO2})), Unlikely)) == {"heart_rate"}


def test_a_needless_confirmation_is_harmless():
    check_reading(reading(confirmed_unlikely=frozenset(Vital)), NOW)


def test_the_ones_to_confirm_are_listed_for_the_tablet():
    with pytest.raises(Unlikely) as refused:
        check_reading(reading(heart_rate=180, spo2=88), NOW)
    assert refused.value.extra["confirm"] == ["heart_rate", "spo2"]


def test_an_unlikely_value_says_how_to_confirm():
    said = faults(reading(heart_rate=180), Unlikely)["heart_rate"]
    assert "expected 40 to 140" in said
    assert 'add "heart_rate" to confirmed_unlikely' in said
    assert Unlikely.code == "confirm-unlikely"


def test_what_is_unlikely_is_named_beside_what_is_wrong():
    assert set(faults(reading(heart_rate=180, spo2=101))) == {"heart_rate", "spo2"}


# --- the two pressures ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("difference", [-40, -1, 0])
def test_diastolic_lies_below_systolic(difference):
    made = reading(systolic=100, diastolic=100 - difference, confirmed_unlikely=frozenset(Vital))
    assert "not below systolic 100" in faults(made)["diastolic"]


PRESSURES = frozenset({Vital.SYSTOLIC, Vital.DIASTOLIC})


@pytest.mark.parametrize("difference", [15, 16, 100, 119, 120])
def test_a_likely_pulse_pressure_asks_nothing(difference):
    check_reading(reading(systolic=70 + difference, diastolic=70), NOW)


@pytest.mark.parametrize("difference", [13, 14, 121, 122])
def test_an_unlikely_pulse_pressure_asks_for_both(difference):
    pressures = {"systolic": 68 + difference, "diastolic": 68}
    said = faults(reading(**pressures), Unlikely)
    assert set(said) == {"systolic", "diastolic"}
    assert all("expected 15 to 120" in why for why in said.values())
    for vital in PRESSURES:
        one = reading(**pressures, confirmed_unlikely=frozenset({vital}))
        assert set(faults(one, Unlikely)) == PRESSURES - {vital}
    check_reading(reading(**pressures, confirmed_unlikely=PRESSURES), NOW)


def test_no_swapped_pair_of_pressures_is_ever_taken():
    """Every possible valid pair on a fine grid, typed in the wrong order, confirmed or not."""
    swapped = 0
    for systolic, diastolic in product(range(40, 301, 4), range(20, 201, 4)):
        if diastolic >= systolic:
            continue
        made = reading(systolic=diastolic, diastolic=systolic, confirmed_unlikely=frozenset(Vital))
        assert "diastolic" in faults(made)
        swapped += 1
    assert swapped > 2000


def test_no_likely_pressure_in_kilopascal_is_taken():
    for vital in (Vital.SYSTOLIC, Vital.DIASTOLIC):
        likely = VITALS[vital].likely
        for pressure in range(likely.low, likely.high + 1):
            assert judged(vital, round(pressure * Decimal("0.1333"))) == "impossible"


def test_a_saturation_as_a_fraction_is_not_taken():
    assert {judged(Vital.SPO2, 0), judged(Vital.SPO2, 1)} == {"impossible"}


# --- blank, not measured ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("field", REQUIRED)
def test_a_blank_field_is_refused_and_a_reason_lets_it_stay_blank(field):
    assert "is blank" in faults(reading(**{field: None}))[field]
    check_reading(reading(**{field: None, "not_measured": ((field, "refused the cuff"),)}), NOW)


@pytest.mark.parametrize("field", MEASURABLE)
def test_a_field_is_a_value_or_a_reason_never_both(field):
    assert "keep one of the two" in faults(reading(not_measured=((field, "cuff fault"),)))[f"not_measured.{field}"]


@pytest.mark.parametrize("field", ["symptoms", "gait_steady", "orientated", "oxygen"])
def test_what_may_stay_open_may_have_a_reason(field):
    check_reading(reading(**{field: None, "not_measured": ((field, "asleep"),)}), NOW)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "is blank"),
        (" \u00a0\t", "is blank"),
        ("x" * 201, "201 characters"),
        ("a\x00b", "control"),
        ("a\nb", "control"),
    ],
)
def test_a_reason_says_something(reason, said):
    found = faults(reading(spo2=None, not_measured=(("spo2", reason),)))
    assert said in found["not_measured.spo2"] or "control" in found["not_measured.spo2"]


def test_a_reason_is_for_a_field_there_is_and_given_once():
    assert "is not a field" in faults(reading(not_measured=(("temperature", "none"),)))["not_measured.temperature"]
    twice = reading(spo2=None, not_measured=(("spo2", "a"), ("spo2", "b")))
    assert "given twice" in faults(twice)["not_measured.spo2"]


# --- oxygen -----------------------------------------------------------------------------------------------------------
def test_a_saturation_says_what_was_breathed():
    assert "SpO2 means nothing without it" in faults(reading(oxygen=None))["oxygen"]
    check_reading(reading(oxygen=None, spo2=None, not_measured=(("spo2", "probe fault"),)), NOW)


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        (Decimal(0), "above 0"),
        (Decimal(-1), "above 0"),
        (Decimal("100.001"), "at most 100"),
        (Decimal("0.0001"), "more than 3 places"),
        (Decimal("NaN"), "not a number"),
        (Decimal("Infinity"), "not a number"),
    ],
)
def test_a_flow_is_a_plain_amount(flow, said):
    assert said in faults(reading(oxygen=Oxygen(OxygenKind.SUPPLEMENTAL, flow)))["oxygen.flow_l_min"]


@pytest.mark.parametrize("flow", [None, Decimal("0.001"), Decimal("2.500"), Decimal("1E+1"), Decimal(100)])
def test_a_flow_may_be_given_or_unknown(flow):
    check_reading(reading(oxygen=Oxygen(OxygenKind.SUPPLEMENTAL, flow)), NOW)


def test_room_air_has_no_flow():
    assert (
        "does not go with room-air"
        in faults(reading(oxygen=Oxygen(OxygenKind.ROOM_AIR, Decimal(2))))["oxygen.flow_l_min"]
    )


# --- scales -----------------------------------------------------------------------------------------------------------
EXPECTED_SCORES = {
    ConsciousnessScale.MOAAS: set(range(6)),
    ConsciousnessScale.ACVPU: set("ACVPU"),
    ConsciousnessScale.RASS: set(range(-5, 5)),
}


@pytest.mark.parametrize("scale", ConsciousnessScale)
def test_every_score_of_a_scale_and_no_other(scale):
    for score in [*range(-7, 8), *"ABCDEPUV", "a", "", "5", True, False]:
        made = reading(consciousness=Consciousness(scale, score))
        if score in EXPECTED_SCORES[scale] and not isinstance(score, bool):
            check_reading(made, NOW)
        else:
            assert f"on the scale {scale}" in faults(made)["consciousness.score"]
    assert set(CONSCIOUSNESS_SCORES[scale]) == EXPECTED_SCORES[scale]


def test_the_scores_of_a_scale_are_told_in_order():
    made = reading(consciousness=Consciousness(ConsciousnessScale.RASS, 9))
    assert "-5, -4, -3, -2, -1, 0, 1, 2, 3, 4" in faults(made)["consciousness.score"]


# --- dissociation -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("grade", DissociationGrade)
def test_a_grade_is_enough(grade):
    check_reading(reading(dissociation=Dissociation(grade)), NOW)


@pytest.mark.parametrize(
    ("instrument", "ceiling"), [(("cadss", "23-item"), 92), (("cadss", "28-item"), 112), (("cadss-6", "2021"), 24)]
)
def test_a_total_lies_on_its_scale(instrument, ceiling):
    for score in (0, ceiling):
        check_reading(reading(dissociation=Dissociation(NONE, *instrument, score=score)), NOW)
    for score in (-1, ceiling + 1):
        found = faults(reading(dissociation=Dissociation(NONE, *instrument, score=score)))
        assert f"is {score}: give a total from 0 to {ceiling}" in found["dissociation.score"]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"score": 3}, "dissociation.instrument", "needs its instrument and version"),
        ({"items": ((1, 0),)}, "dissociation.instrument", "needs its instrument and version"),
        ({"version": "2021"}, "dissociation.instrument", "needs its instrument and version"),
        ({"instrument": "cadss", "score": 3}, "dissociation.version", "needs its instrument and version"),
        ({"instrument": "cadss", "version": "7", "score": 3}, "dissociation.instrument", "cadss-6 version 2021"),
        ({"instrument": "cadss-6", "version": "2021"}, "dissociation.score", "give the total or every item"),
    ],
)
def test_a_score_names_its_instrument_and_version(given, field, said):
    assert said in faults(reading(dissociation=Dissociation(NONE, **given)))[field]


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_items_are_added_up_by_the_service(instrument):
    items = FULL[instrument]
    made = with_total(reading(dissociation=Dissociation(NONE, *instrument, items=items)))
    assert made.dissociation.score == len(items)
    check_reading(made, NOW)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_a_missing_item_means_no_total(instrument):
    for number, _ in FULL[instrument]:
        items = tuple(item for item in FULL[instrument] if item[0] != number)
        found = faults(reading(dissociation=Dissociation(NONE, *instrument, items=items)))
        assert found["dissociation.items"] == f"lacks {number}: without every item there is no total"


def test_an_item_is_one_of_the_version_given_once_within_its_scores():
    items = dict(FULL[("cadss-6", "2021")])
    for number, score, said in ((3, 0, "is not an item"), (22, 5, "from 0 to 4"), (22, -1, "from 0 to 4")):
        given = tuple((items | {number: score}).items())
        found = faults(reading(dissociation=Dissociation(NONE, "cadss-6", "2021", items=given)))
        assert said in found[f"dissociation.items.{number}"]
    twice = (*items.items(), (1, 0))
    found = faults(reading(dissociation=Dissociation(NONE, "cadss-6", "2021", items=twice)))
    assert "given twice" in found["dissociation.items.1"]
    edges = tuple((items | {1: 0, 22: 4}).items())
    check_reading(reading(dissociation=Dissociation(NONE, "cadss-6", "2021", items=edges)), NOW)


def test_a_total_must_be_the_sum_of_its_items():
    items = FULL[("cadss-6", "2021")]
    check_reading(reading(dissociation=Dissociation(NONE, "cadss-6", "2021", 6, items)), NOW)
    for total in (5, 7):
        found = faults(reading(dissociation=Dissociation(NONE, "cadss-6", "2021", total, items)))
        assert "add up to 6" in found["dissociation.score"]


@pytest.mark.parametrize(
    "dissociation", [None, Dissociation(NONE), Dissociation(NONE, "cadss-6", "2021", 5, ((1, 2),))]
)
def test_a_total_is_filled_in_only_where_there_is_none(dissociation):
    made = reading(dissociation=dissociation)
    assert with_total(made) is made


# --- symptoms ---------------------------------------------------------------------------------------------------------
def test_a_symptom_is_named_once():
    nausea = Symptom(SymptomCode.NAUSEA, Severity.MILD)
    found = faults(
        reading(symptoms=(nausea, Symptom(SymptomCode.FALL, None), Symptom(SymptomCode.NAUSEA, Severity.SEVERE)))
    )
    assert set(found) == {"symptoms.0.code", "symptoms.2.code"}
    check_reading(reading(symptoms=(nausea, Symptom(SymptomCode.FALL, None))), NOW)


@pytest.mark.parametrize(
    ("measured", "onset", "said"),
    [(0, 2, None), (0, -600, None), (-60, -58, None), (-60, -57, "after this set"), (0, 3, "in the future")],
)
def test_an_onset_lies_before_its_set(measured, onset, said):
    made = reading(
        measured_at=NOW + timedelta(minutes=measured),
        symptoms=(Symptom(SymptomCode.NAUSEA, Severity.MILD, NOW + timedelta(minutes=onset)),),
    )
    if said is None:
        check_reading(made, NOW)
    else:
        assert said in faults(made)["symptoms.0.onset"]


# --- instants and notes -----------------------------------------------------------------------------------------------
def test_two_minutes_of_clock_difference_are_let_pass():
    edge = NOW + timedelta(minutes=2)
    check_reading(reading(measured_at=edge), NOW)
    assert "is in the future" in faults(reading(measured_at=edge + timedelta(microseconds=1)))["measured_at"]


def test_a_set_may_be_typed_hours_or_days_later():
    check_reading(reading(measured_at=NOW - timedelta(days=400)), NOW)


def test_a_clock_that_was_never_set_is_noticed():
    check_reading(reading(measured_at=NOW.replace(year=2000, month=1, day=1, hour=0, minute=0)), NOW)
    assert "set the tablet's clock" in faults(reading(measured_at=NOW.replace(year=1999)))["measured_at"]


def test_an_instant_of_any_offset_is_the_same_instant():
    there = timezone(timedelta(hours=13))
    check_not_future("at", NOW.astimezone(there), NOW)
    with pytest.raises(FutureInstant, match="left_at is in the future"):
        check_not_future("left_at", (NOW + timedelta(minutes=3)).astimezone(there), NOW)
    with pytest.raises(NaiveInstant):
        check_not_future("at", datetime(2026, 3, 8, 9, 30), NOW)  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize("note", ["", "first line\nsecond\tline", "x" * 2000, "née, 酸素, \u200f"])
def test_a_note_may_be_long_and_in_any_script(note):
    check_reading(reading(note=note), NOW)


@pytest.mark.parametrize("note", ["x" * 2001, "\x00", "\x1b[31m", "\u202e", "\r", "\x85", "\ud83d", "\u2028"])
def test_a_note_holds_nothing_that_cannot_be_shown(note):
    assert set(faults(reading(note=note))) == {"note"}


def test_every_fault_is_told_at_once():
    made = reading(heart_rate=None, spo2=101, measured_at=NOW + timedelta(hours=1), oxygen=AIR, note="\x00")
    assert set(faults(made)) == {"heart_rate", "spo2", "measured_at", "note"}
    assert issubclass(ReadingInvalid, Invalid)
    assert issubclass(Unlikely, Invalid)
