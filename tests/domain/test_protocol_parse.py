from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.assessment import Criterion
from app.domain.events import Route
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.protocol.toml import from_toml
from app.domain.protocol.values import (
    AbsoluteLimits,
    BaselineMethod,
    ConcernLimits,
    DoseClock,
    IfWrong,
    PressurePrompt,
    PromptTime,
    RecoveryLimits,
    SameDayItem,
    Schedule,
    Spo2Limits,
    Sustained,
)
from app.domain.symptoms import SERIOUS, Severity, SymptomCode
from app.domain.vitals import ConsciousnessScale, Vital
from tests.domain.bands import BANDS
from tests.domain.shipped import FOLDER, NAMES, document, drop, faults, protocol, put


# --- the shipped ones -------------------------------------------------------------------------------------------------
def test_every_shipped_file_is_a_version_one_example():
    assert sorted(path.stem for path in Path(FOLDER).glob("*.toml")) == sorted(NAMES)
    for name in NAMES:
        made = protocol(name)
        assert (made.id, made.version, made.example) == (name, 1, True)


def test_the_infusion_example_has_the_numbers_it_is_known_by():
    made = protocol()
    assert made.route is Route.IV_INFUSION
    assert made.schedule == Schedule(10, 10, 15, 3)
    rule = made.baseline
    assert (rule.min_readings, rule.max_age_minutes, rule.spacing, rule.method) == (2, 60, 3, BaselineMethod.MEAN)
    assert rule.limits[Vital.SYSTOLIC] == AbsoluteLimits(None, 150)
    assert made.recovery == {
        Vital.HEART_RATE: RecoveryLimits(20, 20, None, None, 50, 110),
        Vital.SYSTOLIC: RecoveryLimits(20, 20, None, None, 90, 160),
        Vital.DIASTOLIC: RecoveryLimits(20, 20, None, None, 50, 100),
        Vital.RESPIRATORY_RATE: RecoveryLimits(None, None, 4, 4, 10, 20),
    }
    assert made.spo2 == Spo2Limits(94, 3)
    assert made.consciousness_scale is ConsciousnessScale.MOAAS
    assert made.dissociation_instrument is None
    assert made.dose_minutes == {DoseClock.INFUSION_END: 60}
    assert made.sustained == Sustained(2, 10, 5, 20)
    assert (made.fresh_minutes, made.tablet_seconds, made.signature_minutes) == (20, 120, 30)
    assert made.symptoms.from_severity is Severity.MODERATE
    assert made.symptoms.always >= SERIOUS
    minutes = made.medication_minutes
    assert (minutes["midazolam"], minutes["labetalol"], minutes["ondansetron"]) == (120, 60, 15)
    assert max(minutes.values()) == 120
    assert made.concerns[Vital.SYSTOLIC] == ConcernLimits(None, 180, 40, acknowledge=True)


def test_the_nasal_example_waits_two_hours_from_the_first_device():
    made = protocol("intranasal-example")
    assert made.route is Route.INTRANASAL
    assert made.dose_minutes == {DoseClock.FIRST_DEVICE: 120, DoseClock.LAST_DEVICE: 60}


@pytest.mark.parametrize("name", NAMES)
def test_every_table_of_a_shipped_file_says_where_its_numbers_come_from(name):
    made = protocol(name)
    tables = {"schedule", "baseline", "signature"}
    tables |= {f"criteria.{criterion}" for criterion in Criterion}
    tables |= {f"baseline.{vital}" for vital in made.baseline.limits} | {f"concern.{vital}" for vital in made.concerns}
    tables |= {f"prompts.{when}" for when in made.prompts}
    tables |= {"same-day", "escort"} | {f"same-day.{item}" for item in made.same_day.items}
    assert set(made.sources) == tables
    assert set(made.prompts) == set(PromptTime)
    assert set(made.concerns) == set(made.baseline.limits) == set(Vital)


# --- what must be there -----------------------------------------------------------------------------------------------
TABLES = ["schedule", "baseline", "criteria", "signature", *(f"criteria.{criterion}" for criterion in Criterion)]
SOURCED = [
    "baseline", "baseline.systolic", "prompts.from-dose", "same-day.fluids", "escort",
    *(f"criteria.{criterion}" for criterion in Criterion),
]  # fmt: skip
FREE = ["schedule", "signature", "concern.systolic", "same-day"]


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_table_is_named(table):
    made = document()
    drop(made, table)
    assert f"[{table}]" in faults(made)[table]


PROMPTS = ["prompts", "prompts.from-dose", "prompts.from-dose.once"]
OPTIONAL = ["baseline.systolic", "concern", "concern.systolic", *PROMPTS, "same-day.fluids", "escort"]


@pytest.mark.parametrize("table", [*TABLES, *OPTIONAL, "same-day"])
@pytest.mark.parametrize("value", [3, "text", [], None])
def test_what_should_be_a_table_must_be_one(table, value):
    made = document()
    put(made, table, value)
    assert "make it the table" in faults(made)[table]
    # what is no table lacks nothing: one fault is said, not two
    assert [path for path in faults(made) if path.startswith(f"{table}.")] == []


@pytest.mark.parametrize("table", SOURCED)
def test_a_source_is_asked_for(table):
    made = document()
    drop(made, f"{table}.source")
    assert "is missing" in faults(made)[f"{table}.source"]
    put(made, f"{table}.source", " ")
    assert "is blank" in faults(made)[f"{table}.source"]


@pytest.mark.parametrize("table", FREE)
def test_a_source_may_be_left_out_but_not_left_blank(table):
    made = document()
    drop(made, f"{table}.source")
    parse(made)
    put(made, f"{table}.source", "")
    assert "is blank" in faults(made)[f"{table}.source"]


@pytest.mark.parametrize("table", ["", *TABLES, *OPTIONAL])
def test_a_key_nobody_knows_is_refused_in_every_table(table):
    path = f"{table}.surprise".removeprefix(".")
    made = document()
    put(made, path, 1)
    assert "is not known here" in faults(made)[path]


def test_a_misspelt_key_is_told_its_neighbour():
    made = document()
    put(made, "criteria.sustained.set", 3)
    assert "did you mean sets?" in faults(made)["criteria.sustained.set"]
    assert "is not a text key" in faults({**document(), 3: 1})["3"]


def test_every_fault_is_told_at_once():
    assert {"id", "version", "route", "schedule", "baseline", "signature", "criteria"} <= set(faults({}))


REQUIRED = [
    "version", "schedule.baseline", "schedule.infusion", "schedule.recovery", "schedule.grace", "baseline.min_readings",
    "baseline.max_age_minutes", "baseline.spacing", "baseline.rule", "criteria.heart-rate-recovered.floor",
    "criteria.systolic-recovered.ceiling", "criteria.diastolic-recovered.floor", "criteria.spo2-recovered.floor",
    "criteria.respiratory-rate-recovered.ceiling", "criteria.spo2-recovered.max_drop", "criteria.fresh.minutes",
    "criteria.minutes-since-dose.infusion-end", "criteria.sustained.sets", "criteria.sustained.minutes",
    "criteria.sustained.spacing", "criteria.sustained.max_gap", "criteria.consciousness-recovered.scale",
    "criteria.symptoms-settled.from_severity", "criteria.symptoms-settled.always",
    "criteria.medication-settled.minutes",
    "criteria.tablets-in-step.seconds", "concern.systolic.acknowledge", "prompts.before-dose.systolic",
    "prompts.from-dose.diastolic", "prompts.from-dose.again_minutes", "prompts.from-dose.once.systolic",
    "same-day.hours", "same-day.fluids.question", "same-day.fluids.right", "same-day.fluids.wrong",
    "same-day.fluids.if_wrong", "escort.by_phone", "signature.minutes", "id", "route",
]  # fmt: skip


@pytest.mark.parametrize("path", REQUIRED)
def test_nothing_is_filled_in(path):
    made = document()
    drop(made, path)
    assert "is missing" in faults(made)[path]


def test_example_alone_may_be_left_out_and_means_no():
    made = document()
    drop(made, "example")
    assert parse(made).example is False
    put(made, "example", "yes")
    assert "give true or false" in faults(made)["example"]


# --- codes and words --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["IV", "iv infusion", "-iv", "iv-", "é", "a" * 65, "iv\n"])
def test_an_id_is_lower_case_words(name):
    assert "lower-case words" in faults(document(id=name))["id"]


def test_an_id_of_64_characters_is_taken():
    assert protocol(id="a" * 64).id == "a" * 64
    assert "give a name" in faults(document(id=7))["id"]


def test_symptom_codes_are_known_ones_and_named_once():
    path = "criteria.symptoms-settled.always"
    made = document()
    for codes, where, said in (
        (["chestpain"], f"{path}.0", "did you mean chest-pain?"),
        (["fall", "fall"], f"{path}.1", "a second time"),
        ([7], f"{path}.0", "is not a known code"),
        ("fall", path, "give a list of codes"),
    ):
        put(made, path, codes)
        assert said in faults(made)[where]
    put(made, path, [])
    assert parse(made).symptoms.always == frozenset()
    put(made, path, [code.value for code in SymptomCode])
    assert parse(made).symptoms.always == frozenset(SymptomCode)


@pytest.mark.parametrize("severity", Severity)
def test_a_moderate_symptom_can_never_be_let_pass(severity):
    made = document(**{"criteria__symptoms-settled__from_severity": severity.value})
    if severity is Severity.SEVERE:
        assert "one of mild, moderate" in faults(made)["criteria.symptoms-settled.from_severity"]
    else:
        assert parse(made).symptoms.from_severity is severity


@pytest.mark.parametrize("method", BaselineMethod)
def test_every_baseline_rule_can_be_chosen(method):
    assert protocol(baseline__rule=method.value).baseline.method is method


@pytest.mark.parametrize("scale", ConsciousnessScale)
def test_every_scale_can_be_chosen(scale):
    assert protocol(**{"criteria__consciousness-recovered__scale": scale.value}).consciousness_scale is scale


def test_a_dissociation_instrument_is_one_that_is_known():
    path = "criteria__dissociation-absent__instrument"
    assert protocol(**{path: "cadss-6"}).dissociation_instrument == "cadss-6"
    for value, said in (("CADSS", "one of cadss, cadss-6"), (6, "whole number"), (" ", "is blank")):
        assert said in faults(document(**{path: value}))["criteria.dissociation-absent.instrument"]


def test_medication_codes_are_lower_case_words_and_at_least_one():
    path = "criteria.medication-settled.minutes"
    made = document()
    put(made, path, {})
    assert "list at least one" in faults(made)[path]
    for name in ("Midazolam", "midazolam 5 mg", "a" * 65, 3):
        put(made, path, {name: 60})
        assert set(faults(made)) == {f"{path}.{name}"}
    put(made, path, {"a" * 64: 60})
    assert parse(made).medication_minutes == {"a" * 64: 60}


def test_what_a_raised_pressure_asks_for_may_be_left_out_and_is_higher_where_it_is_asked_at_once():
    made = document()
    drop(made, "prompts.from-dose.once")
    assert parse(made).prompts[PromptTime.FROM_DOSE] == PressurePrompt(180, 110, 5, None)
    drop(made, "prompts")
    assert parse(made).prompts == {}
    for path, value in (("systolic", 180), ("diastolic", 110)):
        made = document()
        put(made, f"prompts.from-dose.once.{path}", value)
        assert f"must be above {value}" in faults(made)[f"prompts.from-dose.once.{path}"]


def test_the_same_day_check_is_the_clinics_own_list_and_may_be_left_out():
    made = document()
    assert list(parse(made).same_day.items) == sorted(set(made["same-day"]) - {"hours", "source"})
    item = made["same-day"]["fluids"]
    assert parse(made).same_day.items["fluids"] == SameDayItem(
        item["question"], item["right"], item["wrong"], IfWrong.ASK_CLINICIAN
    )
    drop(made, "same-day")
    assert parse(made).same_day is None
    made["same-day"] = {"hours": 12}
    assert "has 0 items" in faults(made)["same-day"]
    made["same-day"] |= {f"item-{number}": item for number in range(20)}
    parse(made)
    made["same-day"]["item-20"] = item
    assert "has 21 items" in faults(made)["same-day"]


@pytest.mark.parametrize("name", ["Fluids", "two words", "a" * 65, ""])
def test_an_item_of_the_same_day_check_has_a_name_of_lower_case_words(name):
    made = document()
    made["same-day"][name] = made["same-day"]["fluids"]
    assert list(faults(made).values()) == ["name the item in lower-case words joined by hyphens"]


@pytest.mark.parametrize(("key", "longest"), [("question", 120), ("right", 60), ("wrong", 60)])
def test_an_item_of_the_same_day_check_stands_on_one_line(key, longest):
    made = document()
    put(made, f"same-day.fluids.{key}", "x" * longest)
    parse(made)
    for text in ("x" * (longest + 1), "two\nlines"):
        put(made, f"same-day.fluids.{key}", text)
        assert f"at most {longest} characters" in faults(made)[f"same-day.fluids.{key}"]


def test_the_two_answers_of_an_item_are_told_apart_and_what_a_wrong_one_does_is_known():
    made = document(**{"same-day__fluids__right": "None", "same-day__fluids__wrong": " none"})
    assert "nobody could tell" in faults(made)["same-day.fluids.wrong"]
    made = document(**{"same-day__fluids__if_wrong": "ignore"})
    assert "one of note, ask-clinician, stop" in faults(made)["same-day.fluids.if_wrong"]


def test_an_escort_by_phone_is_allowed_only_where_the_protocol_says_so():
    made = document()
    assert parse(made).escort_by_phone
    put(made, "escort.by_phone", value=False)
    assert not parse(made).escort_by_phone
    drop(made, "escort")
    assert not parse(made).escort_by_phone


@pytest.mark.parametrize("text", ["nul \x00", "escape \x1b[0m", "reversed \u202e", "half \ud800", "x" * 501])
def test_a_source_can_be_shown_on_every_page(text):
    assert set(faults(document(baseline__source=text))) == {"baseline.source"}


# --- the document -----------------------------------------------------------------------------------------------------
def reversed_keys(value):
    return {key: reversed_keys(value[key]) for key in reversed(value)} if isinstance(value, dict) else value


@pytest.mark.parametrize("name", NAMES)
def test_the_hash_is_of_the_content_not_of_its_order(name):
    assert parse(reversed_keys(document(name))).content_hash == protocol(name).content_hash
    assert protocol(name, signature__minutes=31).content_hash != protocol(name).content_hash
    assert protocol(name, signature__source="other").content_hash != protocol(name).content_hash


def test_the_document_kept_is_nobody_elses():
    made = document()
    kept = parse(made)
    put(made, "criteria.sustained.sets", 5)
    made["criteria"]["symptoms-settled"]["always"].clear()
    assert kept.document == document()


def test_a_spelling_mistake_is_told_with_its_line():
    with pytest.raises(ProtocolInvalid, match=r"line 2, column") as refused:
        from_toml('id = "x"\nversion = = 1\n')
    assert refused.value.errors[0].field == ""
    with pytest.raises(ProtocolInvalid, match="overwrite"):
        from_toml("[schedule]\ngrace = 1\ngrace = 2\n")


PATHS = [*BANDS, *REQUIRED, *TABLES, "criteria.systolic-recovered.percent_up", "example", "concern", "new.table"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), st.lists(st.tuples(st.sampled_from(PATHS), ODD), min_size=1, max_size=4))
def test_whatever_is_sent_is_a_protocol_or_a_list_of_faults(name, changes):
    made = document(name)
    for path, value in changes:
        try:
            put(made, path, value)
        except (AttributeError, TypeError):  # an earlier change put something else where the table was
            continue
    found = None
    try:
        parse(made)
    except ProtocolInvalid as refused:
        found = refused.errors
    assert found is None or all(fault.message for fault in found)
    assert found != ()
