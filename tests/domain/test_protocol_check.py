from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.assessment import Criterion, Outcome, Status
from app.domain.protocol.check import check, lacking, perfect_session, unlisted_fields
from app.domain.protocol.decode import RECOVERED
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.readiness import assess
from tests.domain.shipped import NAMES, document, drop, protocol, put


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_protocols_can_be_met_and_ask_for_everything(name):
    check(protocol(name))


def test_every_field_of_a_reading_is_known_to_matter_or_not():
    assert unlisted_fields() == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_criterion_that_rests_on_a_set_is_shaken_by_something_missing(name):
    made = protocol(name)
    session = perfect_session(made)
    shaken = set()
    for _, facts in lacking(session):
        outcomes = assess(facts, made, session.as_of).outcomes()
        shaken |= {criterion for criterion, outcome in outcomes.items() if outcome is not Outcome.MET}
    others = {
        Criterion.CLOCKS_CERTAIN,
        Criterion.MEDICATION_SETTLED,
        Criterion.CONCERNS_ACKNOWLEDGED,
        Criterion.TABLETS_IN_STEP,
    }
    assert shaken == set(Criterion) - others


def forgiving(facts, protocol, as_of):
    """Rules that call everything met: the protection removed."""
    return replace(assess(facts, protocol, as_of), status=Status.MET)


def deaf_to(missing):
    """Rules that do not see that one field is missing in the newest set."""

    def rules(facts, protocol, as_of):
        newest = facts.readings[-1] if facts.readings else None
        blind = newest is not None and getattr(newest, missing) is None and newest.heart_rate is not None
        return forgiving(facts, protocol, as_of) if blind else assess(facts, protocol, as_of)

    return rules


def test_rules_that_are_met_with_nothing_are_found_out():
    made = protocol()
    with pytest.raises(ProtocolInvalid) as refused:
        check(made, forgiving)
    assert len(refused.value.errors) == len(list(lacking(perfect_session(made))))


def test_rules_that_overlook_one_item_are_found_out():
    with pytest.raises(ProtocolInvalid) as refused:
        check(protocol(), deaf_to("gait_steady"))
    assert {fault.message for fault in refused.value.errors} == {
        "would be met by a session without gait_steady in the newest set",
        "would be met by a session without gait_steady in every set after the dose",
    }


def test_rules_that_are_never_met_are_found_out():
    def asleep(facts, protocol, as_of):
        # an hour after the newest set, nothing is fresh
        return assess(facts, protocol, as_of.replace(year=as_of.year + 1))

    with pytest.raises(ProtocolInvalid) as refused:
        check(protocol(), asleep)
    assert {fault.field for fault in refused.value.errors} == {"criteria.fresh", "criteria.tablets-in-step"}
    assert "can never be met, not even by a perfect session" in refused.value.errors[0].message


def test_a_protocol_that_would_always_be_concerned_is_refused():
    made = document(concern__diastolic={"floor": 101, "acknowledge": True})
    with pytest.raises(ProtocolInvalid) as refused:
        check(parse(made))
    (fault,) = refused.value.errors
    assert fault.field == "concern.diastolic"
    assert "the highest floor is 101, the lowest ceiling 95" in fault.message


@pytest.mark.parametrize(
    ("recovery", "max_gap", "spacing", "minutes"),
    [(1, 4, 15, 60), (1, 4, 3, 5), (2, 5, 5, 7), (15, 18, 15, 60), (10, 60, 15, 15)],
)
def test_sets_that_must_come_closer_than_they_count_can_still_be_met(recovery, max_gap, spacing, minutes):
    made = document(schedule__recovery=recovery, schedule__grace=3)
    made["criteria"]["sustained"] |= {"max_gap": max_gap, "spacing": spacing, "minutes": minutes, "sets": 3}
    check(parse(made))


@st.composite
def protocols(draw):
    """Any protocol the schema lets through."""

    def one(low, high):
        return draw(st.integers(low, high))

    name = draw(st.sampled_from(NAMES))
    made = document(name)
    recovery, grace = one(1, 27), one(0, 3)
    made["schedule"] |= {"baseline": one(1, 60), "infusion": one(1, 60), "recovery": recovery, "grace": grace}
    made["baseline"] |= {"min_readings": one(2, 5), "max_age_minutes": one(61, 120), "spacing": one(1, 15)}
    made["baseline"]["rule"] = draw(st.sampled_from(["mean", "median", "last"]))
    bands = {
        "heart-rate": ((40, 60), (90, 130), (5, 30)),
        "systolic": ((80, 100), (130, 180), (5, 40)),
        "diastolic": ((40, 60), (85, 110), (5, 40)),
        "respiratory-rate": ((8, 12), (18, 24), (2, 6)),
    }
    assert {f"{vital}-recovered" for vital in bands} == set(RECOVERED.values())
    for vital, (floor, ceiling, delta) in bands.items():
        relative = draw(
            st.sampled_from(
                [
                    {"percent": one(5, 30)},
                    {"delta": one(*delta)},
                    {"percent_up": one(5, 30), "delta_down": one(*delta)},
                    {"percent": one(5, 30), "delta": one(*delta)},
                ]
            )
        )
        made["criteria"][f"{vital}-recovered"] = {
            "floor": one(*floor),
            "ceiling": one(*ceiling),
            "source": "s",
            **relative,
        }
    made["criteria"]["spo2-recovered"] |= {"floor": one(90, 97), "max_drop": one(0, 4)}
    made["criteria"]["sustained"] |= {
        "sets": one(2, 5),
        "minutes": one(5, 60),
        "spacing": one(3, 15),
        "max_gap": one(recovery + grace, 60),
    }
    made["criteria"]["fresh"]["minutes"] = one(recovery + grace, 30)
    made["criteria"]["consciousness-recovered"]["scale"] = draw(st.sampled_from(["moaas", "acvpu", "rass"]))
    if draw(st.booleans()):
        put(made, "criteria.dissociation-absent.instrument", draw(st.sampled_from(["cadss", "cadss-6"])))
    if draw(st.booleans()):
        drop(made, "concern")
    made["criteria"]["symptoms-settled"] |= {
        "from_severity": draw(st.sampled_from(["mild", "moderate"])),
        "always": draw(st.lists(st.sampled_from(["fall", "seizure"]), unique=True)),
    }
    return parse(made)


@settings(max_examples=40, deadline=None)
@given(protocols())
def test_no_protocol_the_schema_lets_through_is_met_with_anything_missing(made):
    check(made)
