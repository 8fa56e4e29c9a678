"""Sessions in a line each: found by any condition, page after page; and what became of each, as the journal has it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.db import session_search
from app.db.tables import sessions
from app.db.work import Work, service_actor
from app.domain.journal import Fact, Kind
from tests.api.bodies import at
from tests.api.clinic import clinic_on
from tests.api.session_story.test_costs import statements
from tests.conftest import ENGINES

LINES = "/v1/session-lines"


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture
def patient(clinic):
    clinic.to(-100)
    return clinic.add_patient()


def lines(clinic, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return clinic.nurse.get(f"{LINES}?{query}")


def ids(page):
    return [item["id"] for item in page["items"]]


def planned(clinic, patient, days, **other):
    return clinic.plan(patient_id=patient, cleared=False, planned_at=at(days * 1440), **other)


def test_a_line_says_what_became_of_a_session(clinic):
    session_id = clinic.discharged()
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    (line,) = lines(clinic, patient_id=record["patient_id"])["items"]
    assert (line["id"], line["state"], line["told"], line["at"]) == (session_id, "discharged", True, at(-30))
    assert (line["dose_mg"], line["weight_kg"], line["mg_per_kg"], line["route"]) == (36, 72.5, 0.497, "iv-infusion")
    assert (line["peaks"]["systolic"], line["peaks"]["dissociation"]) == (138, "moderate")
    assert (line["minutes_to_flag"], line["minutes_to_leaving"], line["withdrawn"]) == (62, 69, 0)
    assert (line["decision"], line["signed_by"], line["closed_at"]) == ("confirm", clinic.clinician.name, at(109))
    assert (line["symptoms"], line["concerns"], line["medications"]) == ([], [], [])


def test_a_correction_after_closing_is_in_the_line(clinic):
    session_id = clinic.discharged()
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    taken = next(one for one in record["readings"] if one["systolic"] == 138)
    clinic.to(120)
    path = f"/v1/sessions/{session_id}/readings/{taken['id']}/void"
    clinic.nurse.post(path, {"reason": "another patient's"})
    (line,) = lines(clinic, patient_id=record["patient_id"])["items"]
    assert (line["peaks"]["systolic"], line["peaks"]["dissociation"]) == (122, "none")
    assert line["open_notices"] == 1


def test_each_condition_finds_its_own(clinic, patient):
    chair = f"Annex {uuid4().hex[:6]}"
    here, there = planned(clinic, patient, 30, chair=chair), planned(clinic, patient, 31, chair="4")
    clinic.to(-50)
    clinic.event(there, -50, "cancelled")
    assert ids(lines(clinic, patient_id=patient)) == [there, here]
    assert ids(lines(clinic, chair=chair)) == ids(lines(clinic, chair=chair.upper())) == [here]
    assert ids(lines(clinic, patient_id=patient, state="cancelled")) == [there]
    assert ids(lines(clinic, patient_id=patient, state="planned", chair=chair)) == [here]
    assert ids(lines(clinic, patient_id=patient, state="discharged")) == []
    assert ids(lines(clinic, patient_id=str(uuid4()))) == []
    first = (clinic.service.clock.now() + timedelta(days=29)).date().isoformat()
    assert {here, there} <= set(ids(lines(clinic, first_day=first)))


def test_by_who_signed_last(clinic):
    session_id = clinic.signed()
    other = clinic.hire("clinician")
    found = lines(clinic, signer=clinic.clinician.id, limit=200)
    assert session_id in ids(found)
    assert {clinic.clinician.id, other.id} <= {one["id"] for one in found["signers"]}
    clinic.to(105)
    clinic.sign(session_id, by=other, decision="decline", reason="pale again")
    assert session_id not in ids(lines(clinic, signer=clinic.clinician.id, limit=200))
    (line,) = lines(clinic, signer=other.id)["items"]
    assert (line["decision"], line["signed_by"]) == ("decline", other.name)


def test_days_are_those_of_the_clinic_both_inclusive(clinic, patient):
    """The clinic's zone is UTC: a session at midnight is of the day that begins."""
    before = planned(clinic, patient, 40.4999)
    first, last = planned(clinic, patient, 40.5), planned(clinic, patient, 41.4999)
    after = planned(clinic, patient, 41.5)
    day = "2026-04-17"
    assert clinic.nurse.get(f"/v1/sessions/{first}")["planned_at"] == f"{day}T00:00:00Z"
    assert ids(lines(clinic, patient_id=patient, first_day=day, last_day=day)) == [last, first]
    assert ids(lines(clinic, patient_id=patient, first_day=day)) == [after, last, first]
    assert ids(lines(clinic, patient_id=patient, last_day=day)) == [last, first, before]


def test_days_of_a_clinic_elsewhere_begin_elsewhere(clinic, patient, monkeypatch):
    from zoneinfo import ZoneInfo

    from app.services import clinics

    monkeypatch.setattr(clinics, "ZoneInfo", lambda _: ZoneInfo("America/New_York"))
    session_id = planned(clinic, patient, 50.5)  # midnight of UTC: the evening before over there
    utc_day, day_there = "2026-04-27", "2026-04-26"
    assert ids(lines(clinic, patient_id=patient, first_day=day_there, last_day=day_there)) == [session_id]
    assert ids(lines(clinic, patient_id=patient, first_day=utc_day, last_day=utc_day)) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("first_day=2026-03-08&last_day=2026-03-07", "last_day"),
        ("first_day=0001-01-01", "first_day"),
        ("last_day=9999-12-31", "last_day"),
        ("first_day=2026-02-30", "first_day"),
        ("state=gone", "state"),
        ("patient_id=x", "patient_id"),
        ("chair=", "chair"),
        ("after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwieCJd", "after"),
    ],
)
def test_what_cannot_be_asked_is_named(clinic, query, field):
    refused = clinic.nurse.problem("GET", f"{LINES}?{query}", status=422)
    assert [one["field"] for one in refused["errors"]] == [field]


def test_every_session_is_told_once_page_after_page(clinic, patient):
    made = [planned(clinic, patient, day) for day in (60, 61, 61, 62, 63)]
    for limit in (1, 2, 3, 5):
        seen, after = [], {}
        while True:
            page = lines(clinic, patient_id=patient, limit=limit, **after)
            seen += ids(page)
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert len(seen) == len(made)
        assert set(seen) == set(made)
        assert seen[0] == made[4]
        assert seen[-1] == made[0]


def test_a_page_looks_at_so_many_and_says_that_there_is_more(clinic, patient, monkeypatch):
    monkeypatch.setattr(session_search, "IN_TURN", 3)
    wanted = planned(clinic, patient, 70, chair="the far one")
    for day in range(71, 77):
        planned(clinic, patient, day)
    pages, after = [], {}
    while True:
        page = lines(clinic, patient_id=patient, chair="the far one", **after)
        pages.append(ids(page))
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert pages == [[], [], [wanted]]


def test_a_line_that_cannot_be_read_says_so_and_hides_no_other(clinic, patient):
    here, there = planned(clinic, patient, 80), planned(clinic, patient, 81)

    def damage(work: Work) -> None:
        work.change(sessions.update().where(sessions.c.id == here), {"brief": {"dose_mg": "much"}, "board": None})
        work.keep(Fact(Kind.WEBHOOK, str(uuid4()), {}, action="test.wrote"))

    clinic.service.database.write_now(damage, service_actor(clinic.id), clinic.service.clock.now())
    whole, broken = lines(clinic, patient_id=patient)["items"]
    assert (whole["id"], whole["told"]) == (there, True)
    assert (broken["id"], broken["told"], broken["symptoms"], broken["oxygen"], broken["peaks"]) == (
        here,
        False,
        None,
        None,
        None,
    )
    assert broken["patient"]["family_name"] == "Probe"


# --- before the next dose --------------------------------------------------------------------------------------------


def before(clinic, session_id):
    return clinic.nurse.get(f"/v1/sessions/{session_id}/before")["before"]


def test_before_a_dose_the_last_one_is_told_and_nothing_of_it_is_carried_over(clinic):
    last = clinic.discharged()
    patient_id = clinic.nurse.get(f"/v1/sessions/{last}")["patient_id"]
    cancelled = planned(clinic, patient_id, 2)
    clinic.event(cancelled, 120, "cancelled")
    today = planned(clinic, patient_id, 3, weight_kg=None)
    found = before(clinic, today)
    assert (found["id"], found["dose_mg"], found["peaks"]["systolic"]) == (last, 36, 138)
    assert before(clinic, last) is None
    record = clinic.nurse.get(f"/v1/sessions/{today}")
    assert (record["events"], record["readings"], record["weight_kg"], record["screening"]) == ([], [], None, None)
    assert (record["clearance"], record["escort"], record["baseline"]["sound"]) == (None, None, None)
    again = clinic.nurse.get(f"/v1/sessions/{today}")
    assert again == record


def test_the_last_one_is_the_patients_own(clinic, patient):
    clinic.discharged()
    assert before(clinic, planned(clinic, patient, 90)) is None


def test_an_unknown_session_is_not_found(clinic):
    assert clinic.nurse.problem("GET", f"/v1/sessions/{uuid4()}/before", status=404)["code"] == "no-such-session"


# --- a patient's page ------------------------------------------------------------------------------------------------


def test_a_page_tells_who_it_is_what_is_planned_and_what_was(clinic, patient):
    course = str(uuid4())
    clinic.nurse.put(f"/v1/courses/{course}", {"patient_id": patient, "planned_sessions": 6, "interval_days": 3})
    clinic.clinician.put(f"/v1/courses/{course}/clearance", {"note": "blood pressure looked at"})
    given = clinic.treated(patient_id=patient, course_id=course)
    clinic.event(given, 50, "transferred", {"to": "the hospital"})
    coming = planned(clinic, patient, 100, course_id=course)
    sheet = clinic.nurse.get(f"/v1/patients/{patient}")
    body = {name: sheet[name] for name in ("family_name", "given_name", "record_number")} | {"birth_date": "1984-03-12"}
    clinic.nurse.put(f"/v1/patients/{patient}", body, expect=200, if_match='"1"')
    page = clinic.nurse.get(f"/v1/patients/{patient}/past")
    assert page["patient"]["birth_date"] == "1984-03-12"
    assert [one["birth_date"] for one in page["revisions"]["items"]] == ["1984-03-11", "1984-03-12"]
    (plan,) = page["courses"]["items"]
    assert (plan["given"], plan["planned_sessions"], plan["clearance"]["note"]) == (1, 6, "blood pressure looked at")
    assert ids(page["sessions"]) == [coming, given]
    assert [one["course_id"] for one in page["sessions"]["items"]] == [course, course]
    assert page["sessions"]["next"] is None


def test_a_page_of_forty_takes_the_statements_of_a_page_of_one(clinic, patient):
    asked = []
    for many in (1, 39):
        for day in range(many):
            planned(clinic, patient, 200 + day)
        clinic.nurse.get(f"/v1/patients/{patient}/past")
        with statements() as found:
            page = clinic.nurse.get(f"/v1/patients/{patient}/past")
        asked.append((len(ids(page["sessions"])), len(found)))
    (one, few), (forty, as_few) = asked
    assert (one, forty) == (1, 40)
    assert as_few == few <= 13


def test_a_page_that_is_long_goes_on_in_the_list(clinic, patient, monkeypatch):
    from app.services import past

    monkeypatch.setattr(past, "MOST_SESSIONS", 2)
    made = [planned(clinic, patient, 300 + day) for day in range(3)]
    page = clinic.nurse.get(f"/v1/patients/{patient}/past")["sessions"]
    assert ids(page) == made[:0:-1]
    assert ids(lines(clinic, patient_id=patient, after=page["next"])) == made[:1]


@pytest.mark.parametrize("who", ["nurse", "auditor"])
def test_each_look_is_in_the_audit(clinic, patient, who):
    session_id = planned(clinic, patient, 400)
    for path, action in (
        (f"/v1/patients/{patient}/past", "patient.past-read"),
        (f"{LINES}?patient_id={patient}", "sessions.searched"),
        (f"/v1/sessions/{session_id}/before", "session.before-read"),
    ):
        clinic.people[who].get(path)
        (event,) = clinic.lead.get(f"/v1/audit?patient_id={patient}&action={action}&limit=1")["items"]
        assert (event["action"], event["actor"]["name"]) == (action, clinic.people[who].name)
        assert event["after"]["sessions"] == ([] if action == "session.before-read" else [session_id])
