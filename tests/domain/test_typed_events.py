from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest

from app.domain.events import (
    DETAILS,
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    Route,
    Transferred,
)
from app.domain.sessions import FOREIGN
from app.domain.typed import EventInvalid, KindDoesNotFit, ReadingInvalid, Unlikely, check_event
from tests.domain.typed_values import DETAILED, NOW, event, reading

K = EventKind
IV, NASAL = Route.IV_INFUSION, Route.INTRANASAL


def route_of(kind):
    return NASAL if kind in FOREIGN[IV] else IV


def faults(made, family=EventInvalid):
    with pytest.raises(family) as refused:
        check_event(made, route_of(made.kind), NOW)
    return {fault.field: fault.message for fault in refused.value.errors}


@pytest.mark.parametrize(("kind", "route"), list(product(EventKind, Route)))
def test_every_kind_on_every_route(kind, route):
    if kind in FOREIGN[route]:
        with pytest.raises(
            KindDoesNotFit, match=f"{kind} does not belong to a session of the route {route}"
        ) as refused:
            check_event(event(kind), route, NOW)
        assert [fault.field for fault in refused.value.errors] == ["kind"]
    else:
        check_event(event(kind), route, NOW)


@pytest.mark.parametrize("kind", EventKind)
def test_each_kind_carries_its_own_detail_and_no_other(kind):
    others = [detail for other, detail in DETAILED.items() if DETAILS[other] is not DETAILS[kind]]
    for detail in [None, *others]:
        if detail is None and DETAILS[kind] is None:
            continue
        assert set(faults(event(kind, detail=detail))) == {"detail"}


def test_the_future_is_refused_after_two_minutes():
    check_event(event(K.CHECKED_IN, at=NOW + timedelta(minutes=2)), IV, NOW)
    made = event(K.CHECKED_IN, at=NOW + timedelta(minutes=2, seconds=1))
    assert "is in the future" in faults(made)["at"]


HIGHEST = {
    (K.INFUSION_STARTED, "dose_mg"): Decimal(1000),
    (K.NASAL_DEVICE_GIVEN, "dose_mg"): Decimal(1000),
    (K.RATE_CHANGED, "rate_ml_h"): Decimal(2000),
    (K.MEDICATION_GIVEN, "dose"): Decimal(1000000),
    (K.OXYGEN_STARTED, "flow_l_min"): Decimal(100),
}


@pytest.mark.parametrize(("kind", "field"), HIGHEST)
def test_amounts_are_above_zero_and_have_three_places(kind, field):
    highest = HIGHEST[(kind, field)]
    for amount in (Decimal("0.001"), Decimal("1.125"), Decimal("1.5000"), highest):
        check_event(event(kind, detail=replace(DETAILED[kind], **{field: amount})), route_of(kind), NOW)
    for amount in ("0", "-1", "NaN", "sNaN", "Infinity", "1.0001", str(highest + Decimal("0.001"))):
        made = event(kind, detail=replace(DETAILED[kind], **{field: Decimal(amount)}))
        assert set(faults(made)) == {f"detail.{field}"}


@pytest.mark.parametrize(
    ("kind", "detail", "field"),
    [
        (K.INFUSION_STARTED, DoseStarted(Decimal(1), planned_minutes=0), "planned_minutes"),
        (K.INFUSION_STARTED, DoseStarted(Decimal(1), planned_minutes=1441), "planned_minutes"),
        (K.INFUSION_STARTED, DoseStarted(Decimal(1), lot=" "), "lot"),
        (K.INFUSION_STARTED, DoseStarted(Decimal(1), lot="x" * 201), "lot"),
        (K.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(1), lot="a\nb"), "lot"),
        (K.MEDICATION_GIVEN, MedicationGiven("Midazolam"), "code"),
        (K.MEDICATION_GIVEN, MedicationGiven(""), "code"),
        (K.MEDICATION_GIVEN, MedicationGiven("a" * 65), "code"),
        (K.MEDICATION_GIVEN, MedicationGiven("midazolam", unit=""), "unit"),
        (K.MEDICATION_GIVEN, MedicationGiven("midazolam", route="\x00"), "route"),
        (K.CONCERN_ACKNOWLEDGED, ConcernAcknowledged(""), "concern_id"),
        (K.TRANSFERRED, Transferred(" "), "to"),
        (K.ADDENDUM, Addendum(" \n"), "text"),
        (K.ADDENDUM, Addendum("x" * 4001), "text"),
        (K.BASELINE_ACCEPTED, BaselineAccepted(()), "readings"),
        (K.BASELINE_ACCEPTED, BaselineAccepted((ReadingRef(UUID(int=1), 1), ReadingRef(UUID(int=1), 2))), "readings"),
        (K.BASELINE_ACCEPTED, BaselineAccepted((ReadingRef(UUID(int=1), 0),)), "readings.0.revision"),
        (K.BASELINE_ACCEPTED, BaselineAccepted(tuple(ReadingRef(UUID(int=n), 1) for n in range(51))), "readings"),
    ],
)
def test_a_detail_that_says_too_little_or_too_much(kind, detail, field):
    assert set(faults(event(kind, detail=detail))) == {f"detail.{field}"}


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (K.INFUSION_STARTED, DoseStarted(Decimal(1), planned_minutes=1)),
        (K.INFUSION_STARTED, DoseStarted(Decimal(1), planned_minutes=1440)),
        (K.MEDICATION_GIVEN, MedicationGiven("a" * 64)),
        (K.MEDICATION_GIVEN, MedicationGiven("midazolam")),
        (K.OXYGEN_STARTED, OxygenStarted(Decimal("0.5"))),
        (K.RATE_CHANGED, RateChanged(Decimal("0.001"))),
        (K.ADDENDUM, Addendum("x" * 4000)),
        (K.ADDENDUM, Addendum("two\nlines")),
        (K.BASELINE_ACCEPTED, BaselineAccepted(tuple(ReadingRef(UUID(int=n), 1) for n in range(50)))),
    ],
)
def test_a_detail_at_the_edge_of_what_it_may_say(kind, detail):
    check_event(event(kind, detail=detail), IV, NOW)


def test_a_late_reading_passes_the_same_door_as_any_other():
    late = Addendum("found on paper", reading(heart_rate=1200))
    assert set(faults(event(K.ADDENDUM, detail=late), ReadingInvalid)) == {"detail.reading.heart_rate"}
    unlikely = event(K.ADDENDUM, detail=Addendum("found on paper", reading(heart_rate=180)))
    assert set(faults(unlikely, Unlikely)) == {"detail.reading.heart_rate"}
    with pytest.raises(Unlikely) as refused:
        check_event(unlikely, IV, NOW)
    assert refused.value.extra["confirm"] == ["heart_rate"]
