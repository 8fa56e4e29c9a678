"""Every number of a protocol: its band, and what it must be beside others."""

import pytest

from app.domain.events import Route
from app.domain.protocol.decode import RECOVERED
from app.domain.protocol.parse import DOSE_CLOCKS, parse
from app.domain.protocol.values import DoseClock, RecoveryLimits
from app.domain.vitals import Vital
from tests.domain.bands import BANDS, NASAL_BANDS
from tests.domain.shipped import NAMES, document, drop, faults, protocol, put


def roomy(path):
    """An example with room for long intervals and no opposite limit, so that each number can be moved alone."""
    name = "intranasal-example" if path in NASAL_BANDS else "iv-infusion-example"
    made = document(name, criteria__sustained__max_gap=60, criteria__fresh__minutes=30)
    if path.startswith("concern."):
        made["concern"][path.split(".")[1]] = {"delta": 20, "acknowledge": True}
    if path.startswith("prompts.from-dose.once"):
        made["prompts"]["from-dose"] |= {"systolic": 140, "diastolic": 90}
    elif path.startswith("prompts.from-dose"):
        del made["prompts"]["from-dose"]["once"]
    return made


@pytest.mark.parametrize(("path", "low", "high"), [(path, *band) for path, band in (BANDS | NASAL_BANDS).items()])
def test_a_number_is_taken_up_to_the_edges_of_its_band_and_no_further(path, low, high):
    made = roomy(path)
    for value in (low, high):
        put(made, path, value)
        parse(made)
    for value in (low - 1, high + 1):
        put(made, path, value)
        assert f"is {value}: give a whole number from {low} to {high}" in faults(made)[path]


@pytest.mark.parametrize(
    "path", [*BANDS, *NASAL_BANDS, "criteria.sustained.max_gap", "criteria.fresh.minutes", "schedule.recovery"]
)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true or false"),
        (20.0, "a fraction"),
        ("20", "text"),
        (None, "nothing"),
        ([20], "a list"),
        ({}, "a table"),
        (object(), "a object"),
    ],
)
def test_only_a_whole_number_is_a_number(path, value, said):
    made = roomy(path)
    put(made, path, value)
    assert said in faults(made)[path]


# --- fields that hang together ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("path", "high"), [("criteria.sustained.max_gap", 60), ("criteria.fresh.minutes", 30)])
def test_no_set_on_schedule_may_break_the_run_or_the_flag(path, high):
    made = roomy(path)
    for value in (18, high):
        put(made, path, value)
        parse(made)
    for value in (17, high + 1):
        put(made, path, value)
        assert f"from 18 to {high} (from the recovery interval plus grace)" in faults(made)[path]


def test_a_recovery_interval_nobody_could_keep_fresh_is_refused():
    made = roomy("")
    put(made, "schedule.recovery", 27)
    parse(made)
    put(made, "schedule.recovery", 28)
    assert "(31) and at most 30" in faults(made)["criteria.fresh.minutes"]
    put(made, "schedule.recovery", 0)
    assert "give a whole number from 1 to 60" in faults(made)["schedule.recovery"]


def test_a_baseline_that_cannot_be_gathered_in_its_window_is_refused():
    made = document(baseline__min_readings=5, baseline__spacing=15, baseline__max_age_minutes=61)
    parse(made)
    put(made, "baseline.max_age_minutes", 60)
    assert "need at least 61" in faults(made)["baseline.max_age_minutes"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"percent": 20}, (20, 20, None, None)),
        ({"percent_up": 10, "percent_down": 25}, (10, 25, None, None)),
        ({"delta": 20}, (None, None, 20, 20)),
        ({"delta_up": 10, "delta_down": 15}, (None, None, 10, 15)),
        ({"percent": 20, "delta": 15}, (20, 20, 15, 15)),
        ({"percent_up": 10, "delta_down": 15}, (10, None, None, 15)),
        ({"percent": 10, "delta_up": 15}, (10, 10, 15, None)),
    ],
)
def test_something_relative_in_each_direction_is_enough(given, expected):
    limits = protocol(**{"criteria__systolic-recovered": given | {"floor": 90, "ceiling": 160, "source": "s"}}).recovery
    assert limits[Vital.SYSTOLIC] == RecoveryLimits(*expected, 90, 160)


@pytest.mark.parametrize("criterion", list(RECOVERED.values()))
@pytest.mark.parametrize(
    ("given", "missing"), [({}, {"up", "down"}), ({"percent_up": 5}, {"down"}), ({"delta_down": 5}, {"up"})]
)
def test_a_direction_without_a_relative_limit_is_refused(criterion, given, missing):
    made = document()
    table = made["criteria"][criterion]
    for word in ("percent", "delta"):
        table.pop(word, None)
    table |= given
    assert set(faults(made)) == {f"criteria.{criterion}.percent_{direction}" for direction in missing}


@pytest.mark.parametrize("word", ["percent", "delta"])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_direction_said_twice_is_refused(word, direction):
    made = document()
    put(made, f"criteria.systolic-recovered.{word}", 20)
    put(made, f"criteria.systolic-recovered.{word}_{direction}", 20)
    assert "says twice" in faults(made)[f"criteria.systolic-recovered.{word}_{direction}"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("clock", DoseClock)
def test_each_route_has_its_own_clocks_and_no_others(name, clock):
    made = document(name)
    route = Route(made["route"])
    path = f"criteria.minutes-since-dose.{clock}"
    if clock in DOSE_CLOCKS[route]:
        drop(made, path)
        assert "is missing" in faults(made)[path]
    else:
        put(made, path, 120)
        assert f"does not belong to the route {route}" in faults(made)[path]


def test_every_route_has_a_clock():
    assert set(DOSE_CLOCKS) == set(Route)
    assert {clock for clocks in DOSE_CLOCKS.values() for clock in clocks} == set(DoseClock)


def test_an_unreadable_route_accuses_no_clock():
    assert set(faults(document(route="nose"))) == {"route"}
    assert "one of iv-infusion, intranasal" in faults(document(route="nose"))["route"]
    assert (
        "is text"
        in faults(document(route="nose", **{"criteria__minutes-since-dose__infusion-end": "60"}))[
            "criteria.minutes-since-dose.infusion-end"
        ]
    )


@pytest.mark.parametrize("table", ["baseline.systolic", "concern.systolic"])
def test_a_table_of_limits_must_limit_something(table):
    made = document()
    put(made, table, {"source": "s"} | ({"acknowledge": True} if table.startswith("concern") else {}))
    assert "leave the table out" in " ".join(faults(made).values())
    drop(made, table)
    assert Vital.SYSTOLIC not in (parse(made).baseline.limits if table.startswith("baseline") else parse(made).concerns)


def test_a_protocol_may_concern_nobody():
    made = document()
    drop(made, "concern")
    assert parse(made).concerns == {}


def test_concern_floor_lies_below_its_ceiling():
    assert "must be below the ceiling 180" in faults(document(concern__systolic__floor=180))["concern.systolic.floor"]
    parse(document(concern__systolic__floor=179))


def test_a_vital_nobody_knows_has_no_limits():
    assert (
        "is not known here"
        in faults(document(concern__temperature={"ceiling": 38, "acknowledge": True}))["concern.temperature"]
    )
    assert "is not known here" in faults(document(baseline__temperature={"ceiling": 38}))["baseline.temperature"]
