"""Signing in with the clinic's OpenID provider: who comes in, as whom, and who does not. The provider is a real one."""

from uuid import uuid4

from tests.api import bodies
from tests.api.bodies import PASSWORD
from tests.api.clinic import another_clinic
from tests.api.kept_rows import audit_mark, audit_since, newest_audit, record_rows
from tests.api.vouching import as_person, invited, linked, refusal, settle
from tests.exchange.openid_provider import SECRET, rs256

# --- who comes in ----------------------------------------------------------------------------------------------------


def test_a_linked_person_signs_in_and_is_who_the_clinic_says(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    # whatever a provider says of roles and names is nothing to us
    provider.claims = {"roles": ["lead"], "name": "The lead", "email": clinic.lead.username, "groups": ["admins"]}
    linked(nurse, provider, "n-1")
    mark, tablet = audit_mark(clinic.service), str(uuid4())
    browser.set_out(clinic=str(clinic.id))
    answer = browser.come_back(**browser.back("n-1"), headers={"X-Tablet-Id": tablet})
    found = as_person(clinic.service, answer)
    assert (found.id, found.role, found.username) == (nurse.id, "nurse", nurse.username)
    assert answer.json()["password_must_change"] is False
    begun = [event for event in audit_since(clinic.service, mark) if event.action == "sign-in.begun"]
    assert [(str(event.actor_id), event.after["by"], str(event.tablet_id)) for event in begun] == [
        (nurse.id, "provider", tablet)
    ]
    found.put(f"/v1/patients/{uuid4()}", bodies.patient())
    found.problem("GET", "/v1/audit", status=403)


def test_rsa_and_a_secret_in_the_form_do_as_well(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    provider.key, provider.metadata = rs256(), {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    linked(nurse, provider, "n-rsa")
    assert as_person(clinic.service, browser.go("n-rsa", clinic=str(clinic.id))).id == nurse.id
    assert provider.posted[-1]["client_secret"] == SECRET
    assert provider.said_no == []


def test_only_the_owner_links_with_the_password_and_signs_in_by_it(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    wrong = nurse.ask("POST", "/v1/account/identity/begin", {"password": f"not {PASSWORD}"})
    assert refusal(wrong) == (403, "wrong-password")
    assert nurse.get("/v1/account")["linked"] is False
    answer = linked(nurse, provider, "n-2")
    assert as_person(clinic.service, answer).id == nurse.id, "whoever links is signed in by it"
    shown = nurse.get("/v1/account")
    assert (shown["linked"], shown["provider"], shown["has_password"]) == (True, "House key", True)
    ticket = nurse.post("/v1/account/identity/begin", {"password": PASSWORD}, expect=200)["ticket"]
    assert browser.set_out(ticket=ticket).status_code == 200
    assert refusal(browser.set_out(ticket=ticket)) == (404, "sign-in-not-begun-here"), "a ticket is good once"
    later = nurse.post("/v1/account/identity/begin", {"password": PASSWORD}, expect=200)["ticket"]
    clinic.service.clock.pass_on_the_wall(10)
    assert refusal(browser.set_out(ticket=later)) == (404, "sign-in-not-begun-here")


def test_one_identity_is_one_account_and_one_account_one_identity(clinic, provider, browser):
    one, other = clinic.hire("nurse"), clinic.hire("nurse")
    linked(one, provider, "shared")
    ticket = other.post("/v1/account/identity/begin", {"password": PASSWORD}, expect=200)["ticket"]
    assert refusal(browser.go("shared", ticket=ticket)) == (409, "identity-taken")
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, trace.reason, str(trace.actor_id)) == ("identity.refused", "identity-taken", other.id)
    assert other.get("/v1/account")["linked"] is False
    linked(one, provider, "another of the same")
    assert as_person(clinic.service, browser.go("another of the same", clinic=str(clinic.id))).id == one.id
    assert refusal(browser.go("shared", clinic=str(clinic.id))) == (403, "identity-not-linked")


def test_an_unknown_identity_is_refused_and_on_record_whatever_its_mail_says(clinic, provider, browser):
    provider.claims = {"email": clinic.nurse.username, "preferred_username": clinic.nurse.username}
    rows = record_rows(clinic.service)
    answer = browser.go("a stranger", clinic=str(clinic.id))
    assert refusal(answer) == (403, "identity-not-linked")
    assert "My account" in answer.json()["detail"]
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, trace.reason, trace.clinic_id) == ("identity.refused", "unknown-identity", clinic.id)
    assert "a stranger" not in str(trace)
    assert record_rows(clinic.service) == rows


def test_an_invitation_can_be_accepted_with_an_identity_instead_of_a_password(clinic, provider, browser):
    staff_id, username = str(uuid4()), f"by-key-{uuid4().hex[:8]}"
    token = invited(clinic, staff_id, username, "clinician")
    opened = clinic.service.send("POST", "/v1/invitations/open", {"token": token}).json()
    assert opened["provider"] == "House key"
    new = as_person(clinic.service, browser.go("invited", invitation=token))
    assert (new.id, new.role) == (staff_id, "clinician")
    assert new.get("/v1/account")["has_password"] is False
    assert clinic.service.send("POST", "/v1/invitations/open", {"token": token}).status_code == 404, "used"
    assert refusal(browser.set_out(invitation=token)) == (404, "invitation-over")
    assert as_person(clinic.service, browser.go("invited", clinic=str(clinic.id))).id == staff_id
    # there is no password that would open it
    for guess in ("", "None", "null", PASSWORD):
        tried = clinic.service.send("POST", "/v1/sign-in", {"username": username, "password": guess})
        assert tried.status_code == 401
    clinic.service.forget_attempts()


def test_an_invitation_that_is_taken_back_meanwhile_lets_nobody_in(clinic, provider, browser):
    staff_id = str(uuid4())
    token = invited(clinic, staff_id, f"late-{uuid4().hex[:8]}")
    browser.set_out(invitation=token)
    clinic.lead.post(f"/v1/staff/{staff_id}/invitation", None)
    assert refusal(browser.come_back(**browser.back("late"))) in {
        (404, "invitation-over"),
        (404, "sign-in-not-begun-here"),
    }


# --- whose clinic ----------------------------------------------------------------------------------------------------


def test_clinics_never_touch_each_other(clinic, provider, browser):
    nurse = clinic.hire("nurse")
    linked(nurse, provider, "of two")
    other = another_clinic(clinic.service)
    assert refusal(browser.set_out(clinic=str(other.id))) == (404, "no-such-provider")
    settle(other, provider)
    assert refusal(browser.go("of two", clinic=str(other.id))) == (403, "identity-not-linked")
    linked(other.nurse, provider, "of two")
    assert as_person(clinic.service, browser.go("of two", clinic=str(other.id))).id == other.nurse.id
    assert as_person(clinic.service, browser.go("of two", clinic=str(clinic.id))).id == nurse.id


def test_a_sign_in_screen_learns_the_name_of_the_provider_and_no_more(clinic, provider):
    service, path = clinic.service, "/v1/sign-in/provider"
    assert service.send("GET", f"{path}?clinic={clinic.id}").json() == {"clinic": str(clinic.id), "name": "House key"}
    nothing = {"clinic": None, "name": None}
    assert service.send("GET", f"{path}?clinic={uuid4()}").json() == nothing
    another_clinic(service)
    assert service.send("GET", path).json() == nothing, "of several clinics none is meant"
    settle(clinic, provider, in_use=False)
    assert service.send("GET", f"{path}?clinic={clinic.id}").json() == nothing
