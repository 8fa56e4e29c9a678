"""Break-glass: one patient of another clinic of the organisation, with a reason, for an hour; on record in both, and on
that clinic's list until a lead has looked at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from app.db.work import service_actor
from app.domain.audit import AuditEvent
from app.services import audit, break_glass
from app.services.audit import Filters
from tests.api import bodies, openings
from tests.api.clinic import Clinic, Person, another_clinic, clinic_on, sign_in
from tests.conftest import ENGINES

REASON = "found unwell on the train"


@dataclass
class Two:
    """A clinic, another of its organisation with a patient, and one of neither."""

    home: Clinic
    sister: Clinic
    stranger: Clinic
    patient: str
    session: str

    def opened(self, who: Person | None = None) -> str:
        path = f"/v1/break-glass/{uuid4()}"
        (who or self.home.clinician).put(path, openings.asks(str(self.sister.id), reason=REASON))
        return path


@pytest.fixture(scope="module", params=ENGINES)
def two(request, tmp_path_factory, sqlite_template) -> Iterator[Two]:
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        sister, stranger = openings.sister_of(clinic), another_clinic(clinic.service)
        found = sister.nurse.post("/v1/patients/search", {"text": openings.NUMBER}, expect=200)["items"]
        patient = found[0]["id"]
        session = sister.nurse.get("/v1/sessions?status=planned")["items"][0]["id"]
        yield Two(clinic, sister, stranger, patient, session)


def events(clinic: Clinic, action: str) -> list[AuditEvent]:
    service = clinic.service
    who, now = service_actor(clinic.id), service.clock.now()
    return service.database.read_now(audit.read_page, who, now, Filters(action=action), None, 200)[0]


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- what opens ------------------------------------------------------------------------------------------------------


def test_a_clinician_and_a_lead_open_one_patient_and_read(two):
    assert two.home.clinician.get("/v1/organisation")["clinics"] == [
        {"id": str(two.sister.id), "name": two.sister.name}
    ]
    for who in (two.home.clinician, two.home.lead):
        path = two.opened(who)
        found = who.get(path)
        assert found["patient"]["family_name"] == openings.NAMES[0]
        assert [each["id"] for each in found["sessions"]] == [two.session]
        record = who.get(f"{path}/sessions/{two.session}")
        assert record["patient"]["record_number"] == openings.NUMBER


@pytest.mark.parametrize(
    "wrong", [{"record_number": "S-4712"}, {"birth_date": "1951-07-31"}, {"clinic_id": str(uuid4())}]
)
def test_both_identifiers_and_the_clinic_have_to_be_right(two, wrong):
    refused = two.home.clinician.problem(
        "PUT", f"/v1/break-glass/{uuid4()}", openings.asks(str(two.sister.id)) | wrong, status=404
    )
    assert refused["code"] in {"no-such-patient", "no-such-clinic"}


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_needed(two, reason):
    refused = two.home.clinician.problem(
        "PUT", f"/v1/break-glass/{uuid4()}", openings.asks(str(two.sister.id), reason=reason), status=422
    )
    assert refused["errors"][0]["field"] == "reason"


def test_the_same_again_is_the_same_and_lasts_no_longer(two):
    path, body = f"/v1/break-glass/{uuid4()}", openings.asks(str(two.sister.id), reason=REASON)
    first = two.home.clinician.put(path, body)
    two.home.service.clock.pass_on_the_wall(1)
    assert two.home.clinician.put(path, body, expect=200) == first
    other = two.home.clinician.problem("PUT", path, body | {"reason": "another"}, status=409)
    assert other["code"] == "opening-taken"
    taken = two.home.lead.problem("PUT", path, body, status=409)
    assert taken["code"] == "opening-taken"


# --- what does not ---------------------------------------------------------------------------------------------------


def test_nobody_elses_data_opens(two):
    """Not another patient's session, nor anything by the ordinary doors, nor by somebody else's opening."""
    path, who = two.opened(), two.home.clinician
    other = two.sister.plan()
    assert code(who.ask("GET", f"{path}/sessions/{other}")) == (404, "no-such-session")
    own = two.home.plan()
    assert code(who.ask("GET", f"{path}/sessions/{own}")) == (404, "no-such-session")
    for door in (f"/v1/patients/{two.patient}", f"/v1/sessions/{two.session}", f"/v1/sessions/{two.session}/readiness"):
        assert who.ask("GET", door).status_code == 404
    colleague = two.home.hire("clinician")
    assert code(colleague.ask("GET", path)) == (404, "no-such-opening")
    assert code(two.home.lead.ask("GET", path)) == (404, "no-such-opening")
    assert code(two.sister.clinician.ask("GET", path)) == (404, "no-such-opening")


def test_nobody_who_looks_alike_is_named(two):
    two.sister.add_patient(family_name=openings.NAMES[0], given_name=openings.NAMES[1], birth_date="1951-07-29")
    assert two.sister.nurse.get(f"/v1/patients/{two.patient}")["look_alikes"] != []
    assert "look_alikes" not in two.home.clinician.get(two.opened())["patient"]


def test_nothing_can_be_written_there(two):
    path, who = two.opened(), two.home.clinician
    reading = bodies.reading(-5)
    for address in (f"{path}/sessions/{two.session}", f"/v1/sessions/{two.session}/readings/{uuid4()}"):
        assert who.ask("PUT", address, reading).status_code in {404, 405}


def test_after_an_hour_it_is_over(two):
    who = two.home.hire("clinician")
    path = two.opened(who)
    two.home.service.clock.pass_on_the_wall(29)
    two.opened(who)  # who goes on working stays signed in
    two.home.service.clock.pass_on_the_wall(29)
    two.opened(who)
    assert who.ask("GET", path).status_code == 200
    two.home.service.clock.pass_on_the_wall(2)
    for address in (path, f"{path}/sessions/{two.session}"):
        assert code(who.ask("GET", address)) == (403, "opening-is-over")
    _again(two)


def _again(two: Two) -> None:
    """Everybody signs in again."""
    for clinic in (two.home, two.sister, two.stranger):
        for role, person in clinic.people.items():
            clinic.people[role] = sign_in(clinic.service, person.username)


def test_another_organisation_is_as_unknown(two):
    path = two.opened()
    who = two.stranger.clinician
    assert who.get("/v1/organisation") == {"name": None, "clinics": []}
    body = openings.asks(str(two.sister.id))
    unknown = who.ask("PUT", f"/v1/break-glass/{uuid4()}", openings.asks(str(uuid4())))
    for asked in (who.ask("PUT", f"/v1/break-glass/{uuid4()}", body), who.ask("PUT", path, body)):
        assert (asked.status_code, asked.text) == (unknown.status_code, unknown.text)
    assert code(who.ask("GET", path)) == (404, "no-such-opening")
    openings.named(two.stranger, f"Another organisation {uuid4()}")
    assert who.ask("PUT", f"/v1/break-glass/{uuid4()}", body).text == unknown.text
    own = two.home.clinician.ask("PUT", f"/v1/break-glass/{uuid4()}", openings.asks(str(two.home.id)))
    assert own.text == unknown.text, "one's own clinic is looked at by the ordinary doors"


def test_who_leaves_the_organisation_shuts_what_is_open(two):
    path, name = two.opened(), two.home.clinician.get("/v1/organisation")["name"]
    openings.named(two.sister, None)
    try:
        assert code(two.home.clinician.ask("GET", path)) == (404, "no-such-opening")
    finally:
        openings.named(two.sister, name)
    two.home.clinician.get(path)


def test_one_person_opens_only_so_many_a_day(two, monkeypatch):
    monkeypatch.setattr(break_glass, "MOST_A_DAY", 3)
    who = two.home.hire("clinician")
    for _ in range(3):
        two.opened(who)
    refused = who.ask("PUT", f"/v1/break-glass/{uuid4()}", openings.asks(str(two.sister.id)))
    assert code(refused) == (429, "too-many-openings")
    two.opened(two.home.hire("clinician"))


def test_who_is_no_longer_clinician_or_lead_reads_no_more(two):
    who = two.home.hire("clinician")
    path = two.opened(who)
    account = {"username": who.username, "name": who.name, "role": "nurse"}
    two.home.lead.put(f"/v1/staff/{who.id}", account, expect=200, if_match='"1"')
    assert code(sign_in(two.home.service, who.username).ask("GET", path)) == (403, "role-may-not")


# --- ended before its time -------------------------------------------------------------------------------------------


def end(who: Person, path: str) -> None:
    assert who.ask("POST", f"{path}/end").status_code == 204


def test_who_has_ended_it_reads_no_more(two):
    who = two.home.hire("clinician")
    path, other = two.opened(who), two.opened(who)
    assert who.get(path)["ended_at"] is None
    end(who, path)
    for address in (path, f"{path}/sessions/{two.session}"):
        assert code(who.ask("GET", address)) == (403, "opening-is-over")
    end(who, path)
    who.get(other)
    body = openings.asks(str(two.sister.id), reason=REASON)
    assert who.put(path, body, expect=200)["ended_at"] is not None, "the same asked again opens nothing"
    assert code(who.ask("GET", path)) == (403, "opening-is-over")


def test_nobody_ends_what_somebody_else_has_opened(two):
    path = two.opened()
    for other in (two.home.lead, two.home.hire("clinician"), two.sister.lead, two.stranger.clinician):
        assert code(other.ask("POST", f"{path}/end")) == (404, "no-such-opening")
    two.home.clinician.get(path)


def test_that_it_was_ended_is_on_record_in_both_once_there_is_something_to_end(two):
    who = two.home.hire("clinician")
    path = two.opened(who)
    end(who, path)
    end(who, path)
    (there,) = [one for one in events(two.sister, "break-glass.ended") if str(one.actor_id) == who.id]
    assert (there.actor_name, str(there.patient_id)) == (f"{who.name} ({two.home.name})", two.patient)
    home = [one for one in events(two.home, "break-glass.left") if str(one.actor_id) == who.id]
    assert [one.after for one in home] == [{"clinic": str(two.sister.id)}] * 2
    assert two.patient not in repr(home), "home is told no identifier of the other clinic's patient"


def test_what_its_hour_has_ended_nobody_ends_again(two):
    who = two.home.hire("clinician")
    path = two.opened(who)
    two.home.service.clock.pass_on_the_wall(29)
    two.opened(who)
    two.home.service.clock.pass_on_the_wall(29)
    two.opened(who)
    two.home.service.clock.pass_on_the_wall(3)
    end(who, path)
    _again(two)
    assert listed(two)[path.rpartition("/")[2]]["ended_at"] is None


@pytest.mark.parametrize("first", ["ended", "reviewed"])
def test_it_is_ended_before_it_is_looked_at_or_after(two, first):
    who = two.home.hire("clinician")
    path = two.opened(who)
    this = path.rpartition("/")[2]
    if first == "ended":
        end(who, path)
        assert listed(two)[this]["ended_at"] is not None
    two.sister.lead.post(f"{path}/review", {"note": "in order"}, expect=200)
    if first == "reviewed":
        assert listed(two, "reviewed")[this]["ended_at"] is None
        end(who, path)
    done = listed(two, "reviewed")[this]
    assert (done["ended_at"] is not None, done["review"]["note"]) == (True, "in order")
    assert code(who.ask("GET", path)) == (403, "opening-is-over")


def test_a_look_says_which_clinic_it_is_and_when_each_session_was(two):
    found = two.home.clinician.get(two.opened())
    assert found["clinic"] == two.sister.name
    planned = two.sister.nurse.get(f"/v1/sessions/{two.session}")
    assert found["sessions"][0]["at"] in {planned["planned_at"], planned["recorded_at"]}


# --- on record, and looked at ----------------------------------------------------------------------------------------


def test_both_clinics_have_it_on_record_and_each_look_too(two):
    who = two.home.hire("clinician")
    path = two.opened(who)
    who.get(path)
    who.get(f"{path}/sessions/{two.session}")
    (asked,) = [one for one in events(two.home, "break-glass.asked") if str(one.actor_id) == who.id]
    assert (asked.reason, asked.after) == (REASON, {"clinic": str(two.sister.id)})
    assert openings.NUMBER not in repr(asked), "home is told no identifier of the other clinic's patient"
    visitor = f"{who.name} ({two.home.name})"
    for action in ("break-glass.opened", "patient.read", "session.read"):
        (found,) = [one for one in events(two.sister, action) if str(one.actor_id) == who.id]
        assert (found.actor_name, found.actor_role) == (visitor, "clinician")
        assert str(found.patient_id) == two.patient
    assert next(one for one in events(two.sister, "break-glass.opened")).reason == REASON


def test_what_was_tried_in_vain_is_on_record_in_both(two):
    who = two.home.hire("clinician")
    who.problem("PUT", f"/v1/break-glass/{uuid4()}", openings.asks(str(two.sister.id), record_number="S-1"), status=404)
    assert [one.action for one in events(two.home, "break-glass.asked") if str(one.actor_id) == who.id]
    (there,) = [one for one in events(two.sister, "act.refused") if str(one.actor_id) == who.id]
    assert there.reason == "no-such-patient"


def listed(two: Two, status: str = "waiting") -> dict[str, dict]:
    return {each["id"]: each for each in two.sister.lead.get(f"/v1/break-glass?status={status}&limit=200")["items"]}


def test_what_nobody_has_looked_at_stays_on_the_list(two):
    path = two.opened()
    this = path.rpartition("/")[2]
    waiting = listed(two)[this]
    assert waiting["opened_by"]["name"] == f"{two.home.clinician.name} ({two.home.name})"
    assert (waiting["clinic"], waiting["reason"], waiting["review"]) == (two.home.name, REASON, None)
    two.home.service.clock.pass_on_the_wall(20)
    assert this in listed(two), "however long it was over"
    assert this not in listed(two, "reviewed")
    note = {"note": "the clinician called us; as agreed"}
    done = two.sister.lead.post(f"{path}/review", note, expect=200)
    assert done["review"]["note"] == note["note"]
    assert done["review"]["reviewed_by"]["staff_id"] == two.sister.lead.id
    assert this not in listed(two)
    assert listed(two, "reviewed")[this]["review"] == done["review"]
    assert two.sister.lead.post(f"{path}/review", note, expect=200) == done
    again = two.sister.lead.problem("POST", f"{path}/review", {"note": "something else"}, status=409)
    assert again["code"] == "reviewed-already"
    two.sister.auditor.get("/v1/break-glass")


def test_a_lead_looks_at_what_was_opened_in_their_own_clinic_alone(two):
    path = two.opened(two.home.lead)
    assert path.rpartition("/")[2] not in {each["id"] for each in two.home.lead.get("/v1/break-glass")["items"]}
    note = {"note": "I was right"}
    assert code(two.home.lead.ask("POST", f"{path}/review", note)) == (404, "no-such-opening")
    assert code(two.stranger.lead.ask("POST", f"{path}/review", note)) == (404, "no-such-opening")


def test_the_list_goes_on_page_by_page(two):
    made = {two.opened().rpartition("/")[2] for _ in range(3)}
    found, after = [], ""
    while True:
        page = two.sister.lead.get(f"/v1/break-glass?limit=2{after}")
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert made <= set(found)
    assert len(found) == len(set(found))


def test_every_link_holds_afterwards(two):
    two.opened()
    for clinic in (two.home, two.sister):
        service, who = clinic.service, service_actor(clinic.id)
        now = service.clock.now()
        for stream in service.database.read_now(audit.streams, who, now):
            assert service.database.read_now(audit.verify, who, now, stream, {}).bad is None
