"""What a sign-in by the clinic's provider does not prove, and what ends it and the link behind it."""

from uuid import uuid4

from sqlalchemy import func, select

from app.db import identities as kept_identities
from app.db.tables import journeys
from app.db.work import EVERY_CLINIC
from app.services import purging
from tests.api import clinic as made
from tests.api.bodies import PASSWORD
from tests.api.factors import add_digits, next_code
from tests.api.kept_rows import newest_audit
from tests.api.vouching import as_person, invited, linked, refusal


def under_way(clinic):
    counted = select(func.count()).select_from(journeys)
    now = clinic.service.clock.now()
    return clinic.service.database.read_now(lambda work: work.first(counted)[0], EVERY_CLINIC, now)


# --- what it does not prove ------------------------------------------------------------------------------------------


def test_who_has_no_password_charts_and_signs_nothing(clinic, provider, browser):
    token = invited(clinic, uuid4(), f"no-password-{uuid4().hex[:8]}", "clinician")
    person = as_person(clinic.service, browser.go("no password", invitation=token))
    ready = clinic.ready()
    refused = clinic.sign(ready, by=person, expect=403)
    assert refused["code"] == "no-password"
    for path, body in (
        ("/v1/account/passkeys/begin", {"password": PASSWORD}),
        ("/v1/account/six-digits/begin", {"password": PASSWORD}),
        ("/v1/account/recovery-codes", {"password": PASSWORD}),
        ("/v1/account/identity/unlink", {"password": PASSWORD}),
        ("/v1/account/password", {"password": PASSWORD, "new_password": f"{PASSWORD}, another"}),
    ):
        assert refusal(person.ask("POST", path, body)) == (403, "no-password"), path
    assert newest_audit(clinic.service)[0].reason == "no-password"


def test_who_signed_in_by_the_provider_signs_with_what_the_clinic_holds(clinic, provider, browser):
    clinician = clinic.hire("clinician")
    digits = add_digits(clinician)
    linked(clinician, provider, "c-1")
    again = as_person(clinic.service, browser.go("c-1", clinic=str(clinic.id)))
    ready = clinic.ready()
    clinic.sign(ready, by=again, password=f"not {PASSWORD}", expect=403)
    signed = clinic.sign(ready, by=again, password=PASSWORD, code=next_code(again, digits))
    assert signed["proof"]["kind"] == "password-and-code"


# --- what ends it ----------------------------------------------------------------------------------------------------


def test_a_disabled_account_is_refused_and_its_sign_ins_end(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    linked(nurse, provider, "leaves")
    by_key = as_person(clinic.service, browser.go("leaves", clinic=str(clinic.id)))
    by_key.get("/v1/account")
    account = {"username": nurse.username, "name": nurse.name, "role": "nurse", "active": False}
    clinic.lead.put(f"/v1/staff/{nurse.id}", account, expect=200, if_match='"1"')
    assert by_key.ask("GET", "/v1/account").status_code == 401
    assert refusal(browser.go("leaves", clinic=str(clinic.id))) == (403, "identity-not-linked")
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, str(trace.actor_id)) == ("identity.refused", nurse.id)


def test_a_new_invitation_or_password_ends_the_link(clinic, provider, browser):
    for path in ("invitation", "password"):
        nurse = clinic.hire("nurse")
        linked(nurse, provider, f"reset by {path}")
        begun = nurse.post("/v1/account/identity/begin", {"password": PASSWORD}, expect=200)["ticket"]
        if path == "invitation":
            clinic.lead.post(f"/v1/staff/{nurse.id}/invitation", None)
        else:
            account = {"username": nurse.username, "name": nurse.name, "role": "nurse", "password": f"{PASSWORD}!"}
            clinic.lead.put(f"/v1/staff/{nurse.id}", account, expect=200, if_match='"1"')
        assert refusal(browser.go(f"reset by {path}", clinic=str(clinic.id))) == (403, "identity-not-linked")
        assert refusal(browser.set_out(ticket=begun)) == (404, "sign-in-not-begun-here"), "what was begun is over"


def test_a_link_that_was_on_its_way_while_the_account_was_reset_is_not_made(clinic, provider, browser, monkeypatch):
    nurse = clinic.hire("nurse")
    ticket = nurse.post("/v1/account/identity/begin", {"password": PASSWORD}, expect=200)["ticket"]
    browser.set_out(ticket=ticket)
    came = browser.back("too late")
    # as if it had been taken a moment before the reset looked
    with monkeypatch.context() as patch:
        patch.setattr(kept_identities, "drop_journeys", lambda *_: None)
        clinic.lead.post(f"/v1/staff/{nurse.id}/invitation", None)
    assert refusal(browser.come_back(**came)) == (404, "sign-in-not-begun-here")
    assert newest_audit(clinic.service)[0].action == "identity.refused"
    assert refusal(browser.go("too late", clinic=str(clinic.id))) == (403, "identity-not-linked")


def test_unlinking_takes_the_password_and_ends_every_other_sign_in(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    linked(nurse, provider, "unlinks")
    by_key = as_person(clinic.service, browser.go("unlinks", clinic=str(clinic.id)))
    wrong = nurse.ask("POST", "/v1/account/identity/unlink", {"password": f"not {PASSWORD}"})
    assert refusal(wrong) == (403, "wrong-password")
    nurse.ask("POST", "/v1/account/identity/unlink", {"password": PASSWORD}, expect=204)
    assert nurse.get("/v1/account")["linked"] is False
    assert by_key.ask("GET", "/v1/account").status_code == 401
    assert refusal(browser.go("unlinks", clinic=str(clinic.id))) == (403, "identity-not-linked")
    nurse.ask("POST", "/v1/account/identity/unlink", {"password": PASSWORD}, expect=204)


def test_a_sign_in_by_the_provider_ends_as_any_other(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    linked(nurse, provider, "ends")
    for end in ("/v1/sign-out", "/v1/sign-in/lock"):
        person = as_person(clinic.service, browser.go("ends", clinic=str(clinic.id)))
        person.get("/v1/account")
        person.ask("POST", end, expect=204)
        assert person.ask("GET", "/v1/account").status_code == 401
    person = as_person(clinic.service, browser.go("ends", clinic=str(clinic.id)))
    clinic.service.clock.pass_on_the_wall(30)
    assert person.ask("GET", "/v1/account").status_code == 401
    for role, one in clinic.people.items():
        clinic.people[role] = made.sign_in(clinic.service, one.username)


def test_a_tablet_out_of_use_is_shut_to_it(clinic, provider, browser):
    nurse, tablet = clinic.hire("nurse"), str(uuid4())
    linked(nurse, provider, "on a lost tablet")
    clinic.lead.put(f"/v1/tablets/{tablet}", {"name": "Lost"})
    clinic.lead.put(f"/v1/tablets/{tablet}", {"name": "Lost", "in_use": False}, expect=200, if_match='"1"')
    browser.set_out(clinic=str(clinic.id))
    answer = browser.come_back(**browser.back("on a lost tablet"), headers={"X-Tablet-Id": tablet})
    assert refusal(answer) == (403, "tablet-not-in-use")


def test_guesses_at_the_password_shut_nobody_out_of_the_provider(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    linked(nurse, provider, "guessed at")
    for _ in range(6):
        clinic.service.send("POST", "/v1/sign-in", {"username": nurse.username, "password": "a guess at it"})
    locked = clinic.service.send("POST", "/v1/sign-in", {"username": nurse.username, "password": PASSWORD})
    assert locked.status_code == 429
    assert as_person(clinic.service, browser.go("guessed at", clinic=str(clinic.id))).id == nurse.id


def test_ways_are_few_at_one_address_short_and_purged(clinic, provider, browser):
    service = clinic.service
    before = under_way(clinic)
    answers = [browser.set_out(clinic=str(clinic.id)) for _ in range(70)]
    assert under_way(clinic) - before <= 64
    assert refusal(answers[-1]) == (429, "too-many-under-way")
    assert int(answers[-1].headers["retry-after"]) <= 600
    tablet = str(uuid4())
    clinic.lead.put(f"/v1/tablets/{tablet}", {"name": "Beside them"})
    assert refusal(browser.set_out(headers={"X-Tablet-Id": str(uuid4())}, clinic=str(clinic.id)))[0] == 429
    assert browser.set_out(headers={"X-Tablet-Id": tablet}, clinic=str(clinic.id)).status_code == 200
    came = browser.back("whoever")
    service.clock.pass_on_the_wall(10)
    assert refusal(browser.come_back(**came)) == (404, "sign-in-not-begun-here")
    later = service.clock.wall()
    service.database.write_now(purging.purge, EVERY_CLINIC, service.clock.now(), later)
    assert under_way(clinic) > 0
    service.clock.pass_on_the_wall(61)
    service.database.write_now(purging.purge, EVERY_CLINIC, service.clock.now(), service.clock.wall())
    assert under_way(clinic) == 0
    for role, one in clinic.people.items():
        clinic.people[role] = made.sign_in(clinic.service, one.username)
