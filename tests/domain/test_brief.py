"""What became of a session, as one line tells it: typed, signed and derived, and nothing taken for none."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from app.domain.brief import brief, stands_at
from app.domain.derive import derive
from app.domain.events import DeviceGiven, DoseStarted, EventKind, MedicationGiven, OxygenStarted
from app.domain.records import (
    Confirmation,
    Decision,
    Discharge,
    EventHistory,
    Kept,
    ReadingHistory,
    SessionRecord,
    Signer,
)
from app.domain.symptoms import Severity, Symptom, SymptomCode
from tests import factories
from tests.domain import shipped
from tests.factories import at

GIVEN = (
    (-30, EventKind.CHECKED_IN, None),
    (0, EventKind.INFUSION_STARTED, DoseStarted(Decimal(36), 40)),
    (40, EventKind.INFUSION_STOPPED, None),
)
CLEO = Signer(UUID(int=2), "Cleo", "clinician")


def record(*, events=GIVEN, readings=(), **other):
    header = other.pop("header", factories.header(UUID(int=9)))
    kept = [EventHistory(factories.kept(factories.event(*one))) for one in events]
    sets = [ReadingHistory((factories.kept(one),)) for one in readings]
    usual = {
        "id": UUID(int=5),
        "headers": (factories.kept(header, minutes=-60),),
        "patients": (factories.kept(factories.patient()),),
        "events": tuple(kept),
        "readings": tuple(sets),
    }
    return SessionRecord(**usual | other)


def told(held):
    found = brief(held, derive(held, shipped.protocol(), at(200)))
    assert found is not None
    return found


def signed(decision=Decision.CONFIRM, minutes=104):
    value = Confirmation(UUID(int=7), decision, "d", "alert", None, (), "text", at(minutes))
    return (Kept(value, 1, CLEO, at(minutes)),)


LEFT = Kept(Discharge(at(109), instructions_given=True, note=None, ready_at=at(102)), 1, factories.ANN, at(110))


def test_dose_weight_and_minutes_are_of_the_record():
    found = told(record(confirmations=signed(), discharge=LEFT))
    assert (found["dose_mg"], found["weight_kg"], found["mg_per_kg"]) == ("36", "72.5", "0.497")
    assert (found["minutes_to_flag"], found["minutes_to_leaving"]) == (62, 69)
    assert (found["decision"], found["signed_by"]) == ("confirm", "Cleo")
    assert found["protocol"] == {"id": "iv-infusion-example", "version": 1}


def test_what_is_not_known_is_null_and_never_nothing():
    found = told(record(events=GIVEN[:1], header=factories.header(UUID(int=9), weight_kg=None)))
    for name in ("dose_mg", "weight_kg", "mg_per_kg", "dose_ended_at", "flag_at", "minutes_to_flag", "decision"):
        assert found[name] is None, name


def test_a_flag_from_before_the_end_of_the_dose_is_of_another_recovery():
    again = (
        *GIVEN,
        (105, EventKind.INFUSION_STARTED, DoseStarted(Decimal("4.5"))),
        (106, EventKind.INFUSION_STOPPED, None),
    )
    found = told(record(events=again, discharge=LEFT))
    assert (found["dose_mg"], found["flag_at"], found["minutes_to_flag"]) == ("40.5", None, None)
    assert found["minutes_to_leaving"] == 3


def test_devices_add_up():
    events = (
        (0, EventKind.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(28))),
        (5, EventKind.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(28))),
    )
    assert told(record(events=events))["dose_mg"] == "56"


def test_each_symptom_is_told_at_its_worst_and_the_serious_ones_first():
    def with_symptoms(minutes, *named):
        return factories.reading(minutes, symptoms=tuple(Symptom(code, severity) for code, severity in named))

    code = SymptomCode
    held = record(
        readings=(
            with_symptoms(20, (code.NAUSEA, Severity.MILD), (code.HEADACHE, None)),
            with_symptoms(30, (code.NAUSEA, Severity.MODERATE), (code.CHEST_PAIN, Severity.MILD)),
            with_symptoms(50, (code.NAUSEA, None), (code.VOMITING, Severity.SEVERE)),
        )
    )
    assert [(one["code"], one["severity"], one["serious"]) for one in told(held)["symptoms"]] == [
        ("vomiting", "severe", True),
        ("chest-pain", "mild", True),
        ("nausea", "moderate", False),
        ("headache", None, False),
    ]


def test_what_was_given_beside_the_dose_is_named():
    more = (
        (10, EventKind.INFUSION_PAUSED, None),
        (12, EventKind.INFUSION_RESUMED, None),
        (15, EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron")),
        (20, EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron")),
        (18, EventKind.MEDICATION_GIVEN, MedicationGiven("labetalol")),
        (22, EventKind.OXYGEN_STARTED, OxygenStarted(Decimal(2))),
    )
    found = told(record(events=(*GIVEN, *more)))
    assert (found["medications"], found["oxygen"], found["pauses"]) == (["ondansetron", "labetalol"], True, 1)


def test_concerns_are_counted_also_those_that_a_clinician_has_seen():
    held = record(readings=(factories.reading(20, systolic=186), factories.reading(30, systolic=187, spo2=85)))
    assert told(held)["concerns"] == [{"vital": "systolic", "count": 2}, {"vital": "spo2", "count": 1}]


def test_a_decline_is_told_with_who_declined():
    found = told(record(confirmations=signed(Decision.DECLINE)))
    assert (found["decision"], found["signed_by"]) == ("decline", "Cleo")


@pytest.mark.parametrize(
    ("events", "planned", "stands"),
    [
        (GIVEN, 500, -30),
        (GIVEN[1:], 500, 0),
        ((), 500, 500),
        ((), None, -60),
        (((-100, EventKind.CANCELLED, None),), 500, 500),
    ],
)
def test_a_session_stands_at_the_arrival_else_as_planned(events, planned, stands):
    header = factories.header(UUID(int=9), planned_at=None if planned is None else at(planned))
    held = record(events=events, header=header)
    assert stands_at(held, derive(held, shipped.protocol(), at(0))) == at(stands)


def test_a_brief_that_fails_is_not_told_and_stops_nothing():
    held = record()
    derived = derive(held, shipped.protocol(), at(200))
    assert brief(replace(held, headers=()), derived) is None
