"""The provider that a clinic has settled: what a lead may say of it, and what is never told."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from app.db import projections
from app.db.tables import identities, journeys
from app.db.tables import providers as kept_providers
from app.db.work import EVERY_CLINIC, service_actor
from app.services.sign_in import fingerprint
from tests.api.clinic import another_clinic
from tests.api.kept_rows import audit_mark, audit_since, newest_audit, record_rows
from tests.api.vouching import BEGIN, HERE, as_person, linked, refusal, settle


def not_as_the_journal_says(clinic):
    now = clinic.service.clock.now()
    return clinic.service.database.read_now(projections.differences, service_actor(clinic.id), now, mend=False)


# --- what a lead settles ---------------------------------------------------------------------------------------------

SETTLED = {
    "name": "House key",
    "issuer": "https://login.example/realm",
    "client_id": "vitals",
    "client_secret": "not to be told",
}
WHERE = "/v1/clinic/provider"


def test_a_lead_settles_it_and_the_secret_is_never_told(clinic):
    other = another_clinic(clinic.service)
    lead = other.lead
    assert lead.get(WHERE) | {"redirect_uri": None, "logout_uri": None} == {
        **dict.fromkeys(("name", "issuer", "client_id", "recorded_at", "recorded_by", "tablet_id", "reason")),
        "private": False,
        "in_use": False,
        "revision": 0,
        "redirect_uri": None,
        "logout_uri": None,
    }
    mark = audit_mark(clinic.service)
    first = lead.put(WHERE, SETTLED)
    assert (first["revision"], first["private"], first["redirect_uri"]) == (1, False, f"{HERE}/")
    assert first["logout_uri"] == f"{HERE}/v1/sign-in/provider/{other.id}/logout"
    assert lead.put(WHERE, SETTLED, expect=200)["revision"] == 1, "the same again changes nothing"
    assert lead.ask("PUT", WHERE, SETTLED | {"client_secret": "another"}).status_code == 428
    other_secret = SETTLED | {"client_secret": "another"}
    assert lead.put(WHERE, other_secret, expect=200, if_match='"1"')["revision"] == 2
    stays = {name: value for name, value in SETTLED.items() if name != "client_secret"}
    assert lead.put(WHERE, stays | {"name": "Key"}, expect=200, if_match='"2"')["revision"] == 3
    said = [event for event in audit_since(clinic.service, mark) if event.action == "provider.settled"]
    assert [event.after["secret_changed"] for event in said] == [True, True, False]
    told = f"{said}{lead.get(WHERE)}{record_rows(clinic.service)}"
    assert "not to be told" not in told
    assert "another'" not in told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "https://elsewhere.example"),
        ("client_id", "another"),
    ],
)
def test_our_secret_is_shown_to_nobody_else(clinic, field, value):
    other = another_clinic(clinic.service)
    other.lead.put(WHERE, SETTLED)
    body = {name: said for name, said in SETTLED.items() if name != "client_secret"} | {field: value}
    refused = other.lead.problem("PUT", WHERE, body, status=422, headers={"If-Match": '"1"'})
    assert [fault["field"] for fault in refused["errors"]] == ["client_secret"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "http://login.example"),
        ("issuer", "login.example"),
        ("issuer", "https://login.example/?tenant=1"),
        ("issuer", "https://login.example/?"),
        ("issuer", "https://user:word@login.example/"),
        ("issuer", "https://login.example/#part"),
        ("client_id", "vit\u00e4ls"),
        ("client_secret", "s\u00e9cret"),
        ("name", "\u202ename"),
    ],
)
def test_what_can_be_no_provider_is_refused_by_its_field(clinic, field, value):
    refused = clinic.lead.problem("PUT", WHERE, SETTLED | {field: value}, status=422)
    assert [fault["field"] for fault in refused["errors"]] == [field]
    assert value not in str(refused)


def test_a_lead_cannot_make_the_service_knock_at_its_own_network(clinic, provider, browser):
    other = another_clinic(clinic.service)
    other.lead.put(WHERE, SETTLED | {"issuer": provider.issuer})
    assert refusal(browser.set_out(clinic=str(other.id))) == (503, "provider-not-reached")
    assert newest_audit(clinic.service)[0].reason == "metadata: private-address"
    assert provider.asked == []


def test_nothing_begins_where_nobody_said_our_address(clinic, provider, browser):
    state = clinic.service.app.state
    known = state.frame
    state.frame = replace(known, public_url=None)
    try:
        assert refusal(browser.set_out(clinic=str(clinic.id))) == (409, "address-not-said")
    finally:
        state.frame = known


def test_one_purpose_is_named(clinic, browser):
    for purpose in ({}, {"clinic": str(clinic.id), "ticket": "x" * 43}):
        assert refusal(clinic.service.send("POST", BEGIN, purpose)) == (422, "invalid")


def test_a_secret_that_cannot_be_opened_is_said_and_mended_by_settling_anew(clinic, chain, provider, browser):
    nurse = clinic.hire("nurse")
    linked(nurse, provider, "sealed")
    spoil = update(kept_providers).where(kept_providers.c.clinic_id == clinic.id).values(client_secret="a.b.c.d.e")

    def spoilt(work):
        work.change(spoil, {})
        work.audit("provider.read", subject="clinic", subject_id=clinic.id)
        work._changed.clear()  # behind the journal's back, as a lost key does

    clinic.service.database.write_now(spoilt, service_actor(clinic.id), clinic.service.clock.now())
    assert refusal(browser.go("sealed", clinic=str(clinic.id))) == (403, "provider-answer-refused")
    assert newest_audit(clinic.service)[0].reason == "our-secret-cannot-be-opened"
    settle(clinic, provider)
    assert as_person(clinic.service, browser.go("sealed", clinic=str(clinic.id))).id == nurse.id


def test_an_identity_or_a_provider_set_behind_the_journal_is_found(clinic, provider):
    service, now = clinic.service, clinic.service.clock.now()
    linked(clinic.nurse, provider, "true")
    before = not_as_the_journal_says(clinic)
    assert not [line for line in before if line.startswith(("providers", "identities"))]

    def forged(work):
        another = {"clinic_id": clinic.id, "staff_id": UUID(clinic.lead.id), "revision": 1}
        work.change(insert(identities), another | {"issuer": provider.issuer, "subject": "forged"})
        mine = kept_providers.c.clinic_id == clinic.id
        work.change(update(kept_providers).where(mine).values(issuer="https://attacker.example"), {})
        work._changed.clear()

    service.database.write_now(forged, service_actor(clinic.id), now)
    found = [line for line in not_as_the_journal_says(clinic) if line not in before]
    assert found == [f"providers {clinic.id}: issuer", f"identities {clinic.lead.id}: it was added"]


def test_nothing_that_a_browser_keeps_lies_in_the_database(clinic, browser):
    browser.set_out(clinic=str(clinic.id))
    came = browser.back("whoever")
    rows = clinic.service.database.read_now(
        lambda work: str(work.all(select(journeys))), EVERY_CLINIC, clinic.service.clock.now()
    )
    assert fingerprint(came["state"]) in rows
    for secret in (browser.kept, came["state"], came["code"]):
        assert secret not in rows
