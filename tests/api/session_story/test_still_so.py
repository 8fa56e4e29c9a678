"""Asking again with the ETag of the last look: 304 while nothing has moved, and never when something has."""

import json
from uuid import uuid4

import pytest

from app.db import unchanged
from app.db.unchanged import SessionStands
from tests.api.bodies import header, reading
from tests.api.clinic import another_clinic
from tests.api.kept_rows import audit_mark, audit_since
from tests.api.machines import machine
from tests.api.session_story.test_costs import statements
from tests.api.session_story.test_look_versions import Looks
from tests.tablets_made import known

READS = ("", "/readiness")


def again(who, path, etag):
    return who.ask("GET", path, headers={"If-None-Match": etag})


@pytest.mark.parametrize("what", READS)
def test_while_nothing_moves_nothing_is_loaded_told_or_audited_again(clinic, what):
    path = f"/v1/sessions/{clinic.ready()}{what}"
    first = clinic.nurse.ask("GET", path, expect=200)
    etag = first.headers["etag"]
    mark = audit_mark(clinic.service)
    with clinic.service.broken() as patch, statements() as asked:
        patch.setattr("app.services.readiness.load", fails)
        patch.setattr("app.services.readiness.look", fails)
        for named in (etag, f'"7", {etag}', etag.removeprefix("W/")):
            same = again(clinic.nurse, path, named)
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert len([one for one in asked if "token_hash" not in one]) == 3, "one statement each"
    assert audit_since(clinic.service, mark) == []


def fails(*_args, **_kwargs):
    raise AssertionError("nothing should be worked out")


@pytest.mark.parametrize("what", READS)
def test_a_lapse_that_is_due_is_told_though_nobody_has_kept_it(clinic, what):
    path = f"/v1/sessions/{clinic.ready()}{what}"
    met = clinic.nurse.ask("GET", path, expect=200)
    lapses_at = (met.json().get("readiness") or met.json())["lapses_at"]
    assert lapses_at is not None
    clinic.to(121.9)
    assert again(clinic.nurse, path, met.headers["etag"]).status_code == 304
    clinic.to(122)
    told = again(clinic.nurse, path, met.headers["etag"])
    assert told.status_code == 200
    assert (told.json().get("readiness") or told.json())["status"] != "met"


def on_a_tablet(clinic, session_id):
    """An enrolled tablet has the session open; returns what a further heartbeat of it is."""
    tablet = f"/v1/tablets/{uuid4()}"
    clinic.lead.put(tablet, known(tablet).enrolment("Blue one"))
    said = {"unsent": 0, "open_sessions": [session_id], "clock_offset_ms": 0}

    def beat():
        clinic.nurse.put(f"{tablet}/contact", said, expect=200)

    beat()
    return beat


@pytest.mark.parametrize("what", READS)
def test_a_tablet_that_falls_silent_is_told_though_nobody_has_kept_it(clinic, what):
    session_id = clinic.ready()
    beat = on_a_tablet(clinic, session_id)
    path = f"/v1/sessions/{session_id}{what}"
    met = clinic.nurse.ask("GET", path, expect=200)
    clinic.to(104)
    assert again(clinic.nurse, path, met.headers["etag"]).status_code == 304
    # a further word of it moves the lapse, which a copy of this look would tell too early
    beat()
    heard = again(clinic.nurse, path, met.headers["etag"])
    assert heard.status_code == 200
    lapses = [(one.json().get("readiness") or one.json())["lapses_at"] for one in (met, heard)]
    assert lapses[0] < lapses[1]
    clinic.to(106, seconds=-1)
    assert again(clinic.nurse, path, heard.headers["etag"]).status_code == 304
    clinic.to(106)
    told = again(clinic.nurse, path, heard.headers["etag"])
    assert told.status_code == 200
    assert (told.json().get("readiness") or told.json())["status"] != "met"


@pytest.mark.parametrize("what", READS)
def test_a_tag_is_good_for_whom_it_was_given_to_alone(clinic, what):
    path = f"/v1/sessions/{clinic.plan()}{what}"
    etag = clinic.nurse.ask("GET", path, expect=200).headers["etag"]
    mark = audit_mark(clinic.service)
    assert again(clinic.clinician, path, etag).status_code == 200
    assert [event.actor_name for event in audit_since(clinic.service, mark)] == [clinic.clinician.name]
    stranger = another_clinic(clinic.service)
    assert again(stranger.nurse, path, etag).status_code == 404
    assert again(clinic.nurse, path, "*").status_code == 200
    assert again(clinic.nurse, f"/v1/sessions/{clinic.plan()}{what}", etag).status_code == 200


def test_what_others_change_around_a_session_is_told(clinic):
    course, patient_id = str(uuid4()), clinic.add_patient()
    clinic.nurse.put(f"/v1/courses/{course}", {"patient_id": patient_id, "planned_sessions": 6})
    session_id = clinic.plan(patient_id=patient_id, course_id=course, cleared=False)
    looks = Looks(clinic, session_id)
    other, tablet = str(uuid4()), f"/v1/tablets/{uuid4()}"
    for step in (
        lambda: clinic.nurse.put(
            f"/v1/courses/{course}", {"patient_id": patient_id, "planned_sessions": 8}, expect=200, if_match='"1"'
        ),
        lambda: clinic.clinician.put(f"/v1/courses/{course}/clearance", {"note": "seen"}),
        lambda: clinic.nurse.put(f"/v1/sessions/{other}", header(patient_id, course_id=course)),
        lambda: clinic.nurse.put(f"/v1/sessions/{other}", header(patient_id), expect=200, if_match='"1"'),
        lambda: clinic.nurse.put(
            f"/v1/sessions/{other}", header(patient_id, course_id=course), expect=200, if_match='"2"'
        ),
        lambda: clinic.event(other, -70, "cancelled"),
        lambda: clinic.lead.put(tablet, {"name": "Blue one"}),
        lambda: clinic.lead.put(tablet, {"name": "Red one"}, expect=200, if_match='"1"'),
    ):
        before, still = looks.look(), looks.still
        step()
        assert looks.look() != before
        assert looks.still == still


def test_what_could_not_be_worked_out_has_no_tag(clinic):
    path = f"/v1/sessions/{clinic.ready()}"
    with clinic.service.broken() as patch:
        patch.setattr("app.domain.derive.next_due", fails)
        etag = clinic.nurse.ask("GET", path, expect=200).headers["etag"]
        assert etag == '"1"'
        assert again(clinic.nurse, path, etag).status_code == 200
    assert again(clinic.nurse, path, etag).status_code == 200


def blind(*parts):
    """How sessions stand, as it would be if these parts were not looked at."""
    real = unchanged._stands

    def stands(row, course):
        found = real(row, course)
        rests_on = tuple(None if number in parts else part for number, part in enumerate(found.rests_on))
        due = None if "due" in parts else found.next_change_at
        return SessionStands(found.revision, found.version, found.state, due, rests_on)

    return stands


def rename_patient(clinic, looks):
    path = f"/v1/patients/{looks.last['patient']['id']}"
    sheet = clinic.nurse.get(path)
    fields = ("family_name", "given_name", "birth_date", "record_number")
    changed = {name: sheet[name] for name in fields} | {"family_name": "Other"}
    clinic.nurse.put(path, changed, expect=200, if_match='"1"')


CONTROLS = {
    "the line's version and the stream's head": (
        (0, 1),
        lambda clinic, looks: clinic.reading(looks.id, 105),
    ),
    "the patient": ((2,), rename_patient),
    "the names of tablets": (
        (3,),
        lambda clinic, looks: clinic.lead.put(f"/v1/tablets/{uuid4()}", {"name": "Green"}),
    ),
    "what is due": (("due",), lambda clinic, looks: clinic.to(123)),
    "what is due as a tablet falls silent": (("due",), lambda clinic, looks: clinic.to(106)),
}


@pytest.mark.parametrize("part", CONTROLS)
def test_control_what_is_not_looked_at_is_missed(clinic, monkeypatch, part):
    blinded, step = CONTROLS[part]
    session_id = clinic.ready()
    if "tablet falls silent" in part:
        on_a_tablet(clinic, session_id)
    looks = Looks(clinic, session_id)
    looks.after(lambda: None)
    assert looks.still == 2
    monkeypatch.setattr(unchanged, "_stands", blind(*blinded))
    looks.held.clear()
    looks.after(lambda: None)
    with pytest.raises(AssertionError, match="said to be still so, and it is not"):
        looks.after(lambda: step(clinic, looks))


def test_a_reading_moves_it_and_the_new_tag_holds(clinic):
    session_id = clinic.plan()
    path = f"/v1/sessions/{session_id}"
    clinic.to(0)
    etag = clinic.nurse.ask("GET", path, expect=200).headers["etag"]
    clinic.nurse.put(f"{path}/readings/{uuid4()}", reading(-20))
    told = again(clinic.nurse, path, etag)
    assert told.status_code == 200
    assert len(told.json()["readings"]) == 1
    assert again(clinic.nurse, path, told.headers["etag"]).status_code == 304


# --- the same as FHIR ------------------------------------------------------------------------------------------------


def held_at_the_price_of_one_statement(clinic, path):
    """The ETag of a resource that whoever was told it is answered 304 by, with nothing loaded and nothing audited."""
    etag = clinic.lead.ask("GET", path, expect=200).headers["etag"]
    assert again(clinic.lead, path, etag).status_code == 304
    mark = audit_mark(clinic.service)
    with clinic.service.broken() as patch, statements() as asked:
        patch.setattr("app.services.fhir.asking.read", fails)
        same = again(clinic.lead, path, etag)
    assert (same.status_code, same.headers["etag"]) == (304, etag)
    assert "last-modified" in same.headers
    assert len([one for one in asked if "token_hash" not in one]) == 1
    assert audit_since(clinic.service, mark) == []
    return etag


def test_a_resource_that_is_held_is_neither_loaded_nor_audited_again(clinic):
    session_id = clinic.ready()
    first = clinic.nurse.get(f"/v1/sessions/{session_id}")["readings"][0]["id"]
    for name in (f"Encounter/{session_id}", f"Observation/{first}-hr"):
        path = f"/fhir/{name}"
        etag = held_at_the_price_of_one_statement(clinic, path)
        # who was not given it is told, and that is audited
        token = machine(clinic.service, clinic.id).token()
        mark = audit_mark(clinic.service)
        named = {"If-None-Match": etag}
        assert clinic.service.send("GET", path, token=token, headers=named).status_code == 304
        assert [event.action for event in audit_since(clinic.service, mark)] == ["fhir.read"]


def test_a_resource_that_moved_on_is_told(clinic):
    session_id = clinic.ready()
    one = clinic.nurse.get(f"/v1/sessions/{session_id}")["readings"][0]["id"]
    path = f"/fhir/Observation/{one}-hr"
    etag = clinic.lead.ask("GET", path, expect=200).headers["etag"]
    assert again(clinic.lead, path, etag).status_code == 304
    clinic.nurse.post(f"/v1/sessions/{session_id}/readings/{one}/void", {"reason": "another's"})
    told = again(clinic.lead, path, etag)
    assert (told.status_code, told.json()["status"]) == (200, "entered-in-error")


def test_control_a_resource_whose_session_is_not_looked_at_is_missed(clinic, monkeypatch):
    session_id = clinic.ready()
    one = clinic.nurse.get(f"/v1/sessions/{session_id}")["readings"][0]["id"]
    path = f"/fhir/Observation/{one}-hr"
    etag = clinic.lead.ask("GET", path, expect=200).headers["etag"]
    monkeypatch.setattr(clinic.service.app.state.frame.heads, "_verb", lambda _work, names: dict.fromkeys(names, "a"))
    monkeypatch.setattr("app.services.fhir.known.unchanged.heads_of", lambda _work, names: dict.fromkeys(names, "a"))
    assert again(clinic.lead, path, etag).status_code == 304
    clinic.nurse.post(f"/v1/sessions/{session_id}/readings/{one}/void", {"reason": "another's"})
    assert again(clinic.lead, path, etag).status_code == 304, "stale"


def test_what_is_of_no_session_is_known_by_its_own_stream(clinic):
    """Patients, courses, staff and the clinic: while nothing was added to their stream, nothing is told or audited."""
    patient_id, course = clinic.add_patient(), str(uuid4())
    clinic.nurse.put(f"/v1/courses/{course}", {"patient_id": patient_id, "planned_sessions": 6})

    def renamed():
        sheet = clinic.nurse.get(f"/v1/patients/{patient_id}")
        fields = {name: sheet[name] for name in ("family_name", "given_name", "birth_date", "record_number")}
        clinic.nurse.put(f"/v1/patients/{patient_id}", fields | {"family_name": "Other"}, expect=200, if_match='"1"')

    def longer():
        planned = {"patient_id": patient_id, "planned_sessions": 8}
        clinic.nurse.put(f"/v1/courses/{course}", planned, expect=200, if_match='"1"')

    def called_otherwise():
        path = f"/v1/staff/{clinic.nurse.id}"
        account = {"username": clinic.nurse.username, "name": f"N {uuid4().hex[:6]}", "role": "nurse"}
        revision = next(one for one in clinic.lead.get("/v1/staff")["items"] if one["id"] == clinic.nurse.id)[
            "revision"
        ]
        clinic.lead.put(path, account, expect=200, if_match=f'"{revision}"')

    for name, moves in (
        (f"Patient/{patient_id}", renamed),
        (f"EpisodeOfCare/{course}", longer),
        (f"Practitioner/{clinic.nurse.id}", called_otherwise),
    ):
        path = f"/fhir/{name}"
        etag = held_at_the_price_of_one_statement(clinic, path)
        moves()
        told = again(clinic.lead, path, etag)
        assert (told.status_code, told.headers["etag"] == etag) == (200, False), name


def test_a_weight_is_spelt_alike_in_every_answer(clinic):
    session_id, patient_id = str(uuid4()), clinic.add_patient()
    body = header(patient_id) | {"weight_kg": 70.5}
    raw = json.dumps(body).replace("70.5", "70.500")
    new = clinic.nurse.ask("PUT", f"/v1/sessions/{session_id}", raw=raw, expect=201)
    assert '"weight_kg":70.5,' in new.text
    assert '"weight_kg":70.5,' in clinic.nurse.ask("GET", f"/v1/sessions/{session_id}", expect=200).text
