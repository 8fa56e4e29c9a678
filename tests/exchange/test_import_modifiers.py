"""What a source says against its own values is read before them."""

import json
from datetime import date

import pytest

from app.exchange.intake import BirthDates, Passed, UnreadableFile, day_rows, patient_of, patient_rows
from app.exchange.intake.modifiers import in_force, is_over

TODAY = date(2026, 3, 8)
USUAL = {
    "resourceType": "Patient",
    "id": "1",
    "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "R-7"}],
    "name": [{"family": "Probe", "given": ["Pia"]}],
    "birthDate": "1980-05-06",
}


def bundle(*entries, **other):
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": list(entries)} | other).encode()


def patient(**other):
    incoming = patient_rows(bundle({"resource": USUAL | other}), None, TODAY)
    assert len(incoming.rows) == 1
    return patient_of(incoming.rows[0], BirthDates.ISO), incoming.rows[0]


def family(*names):
    found, row = patient(name=list(names))
    return found.family_name if not isinstance(found, list) else {fault.column for fault in found}, row.notes


@pytest.mark.parametrize(
    ("period", "over", "holds"),
    [
        ({}, False, True),
        ({"end": "2026-03-07"}, True, False),
        ({"end": "2026-03-08"}, False, True),
        ({"end": "2026-03"}, False, True),
        ({"end": "2026-02"}, True, False),
        ({"end": "2026"}, False, True),
        ({"end": "2025"}, True, False),
        ({"end": "2024-02"}, True, False),
        ({"end": "2026-03-07T23:59:59Z"}, True, False),
        ({"start": "2026-03-08"}, False, True),
        ({"start": "2026-03-09"}, False, False),
        ({"start": "2010", "end": "2030"}, False, True),
        ({"end": "once"}, True, False),
        ({"end": None}, True, False),
        ({"end": "2026-02-30"}, True, False),
        ({"start": 5}, False, False),
        (["2010"], True, False),
    ],
)
def test_a_period_holds_until_its_last_day_and_never_in_doubt(period, over, holds):
    assert is_over({"period": period}, TODAY) is over
    assert in_force({"period": period}, TODAY) is holds


ENDED, BEGUN = {"end": "2010-05-01"}, {"start": "2010-05-01"}
WAS = {"use": "official", "family": "Was", "period": ENDED}
IS = {"use": "official", "family": "Is", "period": BEGUN}
NICK = {"use": "nickname", "family": "Nick"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([WAS, IS], "Is"),
        ([IS, WAS], "Is"),
        ([WAS, {"use": "usual", "family": "Is"}], "Is"),
        ([{"use": "official", "family": "WillBe", "period": {"start": "2026-04"}}, {"family": "Is"}], "Is"),
        ([{"use": "official", "family": "First"}, {"use": "official", "family": "Newer", "period": BEGUN}], "Newer"),
        ([{"use": "old", "family": "Was"}, {"use": "maiden", "family": "Born"}, {"family": "Is"}], "Is"),
        ([{"use": "temp", "family": "Now"}, NICK, {"use": "usual", "family": "Is"}], "Is"),
        ([{"use": "anonymous", "family": "Nobody"}], {"family_name"}),
        ([{"use": "temp", "family": "Now"}], {"family_name"}),
        ([WAS], {"family_name"}),
    ],
)
def test_the_name_in_force_is_taken(names, expected):
    found, notes = family(*[{"given": ["Pia"]} | name for name in names])
    assert (found, notes) == (expected, ())


def test_of_several_names_in_force_the_first_is_taken_and_said():
    names = [{"use": "official", "family": name, "given": ["Pia"]} for name in ("One", "Two")]
    assert family(*names) == ("One", ("has several names in force at once: the first is taken",))
    assert family(names[0], names[0]) == ("One", ())


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        ([{"value": "1", "use": "old"}, {"value": "2"}], "2"),
        ([{"value": "1", "use": "temp"}, {"value": "2"}], "2"),
        ([{"value": "1", "period": ENDED}, {"value": "2", "period": BEGUN}], "2"),
        ([{"value": "1", "period": {"end": "soon"}}, {"value": "2"}], "2"),
        ([{"value": "1", "period": ENDED}], None),
        ([{"value": "1"}, {"value": "2"}], None),
    ],
)
def test_the_number_in_force_is_taken(identifiers, number):
    found, row = patient(identifier=identifiers)
    assert row.cells.get("record_number") == number
    if number is None:
        assert [fault.column for fault in found] == ["record_number"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"deceasedBoolean": True}, "deceased"),
        ({"deceasedBoolean": False}, None),
        ({"deceasedDateTime": "2019-04-05T06:58:56+00:00"}, "deceased 2019-04-05"),
        ({"deceasedDateTime": "2019"}, "deceased 2019"),
    ],
)
def test_who_has_died(said, expected):
    assert patient(**said)[1].deceased == expected


@pytest.mark.parametrize("said", [{"deceasedBoolean": "true"}, {"deceasedBoolean": 1}, {"deceasedDateTime": "lately"}])
def test_a_death_that_cannot_be_read_is_no_life(said):
    assert [fault.column for fault in patient(**said)[0]] == ["deceased"]


def test_a_copy_is_passed_over_and_two_of_one_full_url_are_refused():
    one = {"fullUrl": "urn:uuid:1", "resource": USUAL}
    incoming = patient_rows(bundle(one, one), None, TODAY)
    assert [row.number for row in incoming.rows] == [1]
    assert incoming.passed == (Passed("a second copy of an earlier entry", (2,)),)
    other = one | {"resource": USUAL | {"birthDate": "1981-05-06"}}
    rows = patient_rows(bundle(one, other), None, TODAY).rows
    assert [[fault.column for fault in row.faults] for row in rows] == [["fullUrl"], ["fullUrl"]]


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"type": "history"}, "is a history"),
        ({"implicitRules": "urn:x"}, "implicitRules"),
        ({"resourceType": "Parameters"}, "not a FHIR Bundle"),
    ],
)
def test_a_bundle_that_tells_something_else(other, says):
    with pytest.raises(UnreadableFile, match=says):
        patient_rows(bundle({"resource": USUAL}, **other), None, TODAY)


def visit(status="booked", participant=None, **other):
    resource = {
        "resourceType": "Appointment",
        "status": status,
        "start": "2026-03-09T09:30:00Z",
        "participant": [{"actor": {"reference": "Patient/1"}} | (participant or {})],
    }
    incoming = day_rows(bundle({"resource": USUAL}, {"resource": resource | other}), None, TODAY)
    [row] = incoming.rows
    return row


@pytest.mark.parametrize("status", ["pending", "booked", "arrived", "checked-in"])
def test_what_is_to_come_is_planned(status):
    row = visit(status)
    assert (row.faults, row.against) == ((), None)


@pytest.mark.parametrize("status", ["proposed", "waitlist", "fulfilled", "cancelled", "noshow", "entered-in-error"])
def test_what_is_not_for_us_is_said_against(status):
    row = visit(status, start=None, participant={"actor": {}})
    assert row.against == f"Appointment of status {status}"


@pytest.mark.parametrize(
    ("participant", "against", "notes"),
    [
        ({"status": "accepted"}, None, 0),
        ({"status": "declined"}, "Appointment that the patient declined", 0),
        ({"status": "needs-action"}, None, 1),
        ({"status": "tentative"}, None, 1),
        ({"period": {"start": "2026-03-09T09:30:00Z", "end": "2026-03-09T11:00:00Z"}}, None, 0),
    ],
)
def test_what_the_patient_answered(participant, against, notes):
    row = visit(participant=participant)
    assert (row.against, len(row.notes), row.faults) == (against, notes, ())


@pytest.mark.parametrize(
    ("made", "column"),
    [
        ({"participant": {"status": "maybe"}}, "participant"),
        ({"participant": {"modifierExtension": []}}, "Appointment"),
        ({"participant": {"period": {"end": "2026-03-01"}}}, "record_number"),
        ({"implicitRules": "urn:x"}, "Appointment"),
        ({"status": "planned"}, "status"),
        ({"serviceType": [{"coding": [{"code": "intranasal"}, {"code": "iv-infusion"}]}]}, "route"),
    ],
)
def test_an_appointment_in_doubt_is_refused(made, column):
    row = visit(**made)
    assert ([fault.column for fault in row.faults], row.against) == ([column], None)


def test_what_an_appointment_is_called():
    def called(*resources):
        entries = [{"resource": USUAL}, *resources]
        return [row.appointments for row in day_rows(bundle(*entries), None, TODAY).rows]

    def made(full_url=None, **other):
        start = {
            "resourceType": "Appointment",
            "status": "booked",
            "participant": [{"actor": {"reference": "Patient/1"}}],
        }
        return {"resource": start | other} | ({"fullUrl": full_url} if full_url else {})

    number = {"system": "urn:app", "value": "77"}
    assert called(made(identifier=[number])) == [("urn:app|77",)]
    assert called(made(identifier=[number], id="5")) == [("urn:app|77",)]
    assert called(made(identifier=[number | {"use": "old"}, {"value": "78"}])) == [("78",)]
    assert called(made("http://a.example/fhir/Appointment/5", id="5")) == [("http://a.example/fhir/Appointment/5",)]
    assert called(made("urn:uuid:5", id="5")) == [("Appointment/5",)]
    assert called(made()) == [()]
    # a number that several share is that of something else: an order, a series
    shared = {"system": "urn:order", "value": "9"}
    assert called(made(id="5", identifier=[shared]), made(id="6", identifier=[shared, number])) == [
        ("Appointment/5",),
        ("urn:app|77",),
    ]
