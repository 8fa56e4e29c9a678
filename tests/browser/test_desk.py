"""The lead's desk: the audit asked and checked, a machine, a webhook; and the auditor's, who has the audit alone."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from uuid_utils.compat import uuid7

from app.commands.running import operator
from app.db.clinics import all_clinics
from app.db.work import EVERY_CLINIC
from app.domain.webhooks import Webhook
from app.exchange.webhooks import new_secret
from app.services import webhooks
from tests.api.machines import GRANT, PROOF
from tests.browser.chairs import maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker
from tests.browser.test_accounts import picture
from tests.exchange.keys import claims, ec_key, key_set, signed
from tests.jobs.receiver import Receiver, receiving, signed_by

SECRET = new_secret(bytes(range(32)))


@pytest.fixture
def engine_name() -> str:
    """Every database answers as `tests/api` says."""
    return "sqlite"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def until(true: Callable[[], Any]) -> None:
    """Until the service has done by itself what it does every second."""
    for _ in range(200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it has not happened")


def registered(clinic: Clinic, receiver: Receiver) -> str:
    """A target on this machine, which the operator alone may add; its address."""
    frame = clinic.app.state.frame
    [home] = frame.database.read_now(all_clinics, EVERY_CLINIC, clinic.clock.now())
    url = f"http://127.0.0.1:{receiver.port}/in"
    value = Webhook(uuid7(), home.id, url, None, False, True, SECRET, None, None, None, clinic.clock.wall())
    frame.database.write_now(webhooks.add, operator(home.id), clinic.clock.now(), value)
    return url


def token(clinic: Clinic, client_id: str) -> int:
    """The status of the answer to a machine that asks for a token."""
    assertion = signed(ec_key(), claims(client_id, f"{clinic.url}/oauth/token", clinic.clock.wall()))
    fields = {"grant_type": GRANT, "scope": "system/*.rs", "client_assertion_type": PROOF}
    fields["client_assertion"] = assertion
    return clinic.client.post(f"{clinic.url}/oauth/token", data=fields).status_code


def test_a_lead_asks_the_audit_and_checks_it(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    patient = maria(clinic).known()
    clinic.ask(clinic.nurse, "GET", f"/v1/patients/{patient.patient_id}")
    wrong = {"username": clinic.nurse.username, "password": "not hers"}
    assert clinic.client.post(f"{clinic.url}/v1/sign-in", json=wrong).status_code == 401
    page, look = tablet.page, Looker(tablet.page, axe)
    tablet.open("/#/setup")
    tablet.sign_in(clinic.lead)
    tablet.tap(tablet.link(re.compile("^Audit$")))
    tablet.tap(tablet.radio("What do you ask?", "Who looked at one patient"))
    tablet.fill("Whose record?", "rivera")
    tablet.tap(tablet.button("Find"))
    tablet.tap(tablet.button(re.compile("RIVERA")))
    expect(page.get_by_text("Looked at a patient")).to_be_visible()
    expect(page.get_by_text("Ada Nurse (nurse), on no tablet of the clinic")).to_be_visible()
    tablet.tap(tablet.radio("What do you ask?", "Refused sign-ins"))
    expect(page.get_by_text("A sign-in failed: wrong password, PIN or code")).to_be_visible()
    tablet.tap(tablet.radio("What do you ask?", "Protocols and clinic changes"))
    expect(page.get_by_text("Approved a protocol")).to_have_count(2)
    tablet.tap(tablet.radio("What do you ask?", "Who looked at one patient"))
    tablet.tap(tablet.button("Check every entry now"))
    expect(page.get_by_text("Every entry stands as it was kept.")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"^Checked to the end at .* [1-9]\d* entries in [1-9]\d* chains"))
    ).to_be_visible()
    with page.expect_download() as saved:
        tablet.tap(tablet.button("Save an anchor of now"))
    anchor = saved.value.path().read_text().splitlines()
    assert {json.loads(line)["stream"] for line in anchor} >= {"log", "clinic", f"patient:{patient.patient_id}"}
    look("the audit")
    picture(tablet, "desk-audit")
    assert look.wrong == []


def test_a_lead_registers_a_machine_and_ends_it(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    page, look = tablet.page, Looker(tablet.page, axe)
    tablet.open("/#/desk/machines")
    tablet.sign_in(clinic.lead)
    tablet.tap(tablet.button("Register it"))
    expect(page.locator("span.fault")).to_have_count(3)
    look("a machine that lacks everything")
    tablet.fill("What it is called in the audit", "Record archive")
    tablet.tap(tablet.radio("What may it read?", "Some kinds alone"))
    tablet.tap(tablet.button("Vital signs and scores"))
    tablet.tap(tablet.radio("Its public keys", "Pasted as a key set"))
    tablet.fill("Key set (JWKS)", json.dumps({"keys": [{**ec_key().public, "d": "AAAA"}]}))
    tablet.tap(tablet.button("Register it"))
    expect(page.locator("span.fault")).to_contain_text("private")
    tablet.fill("Key set (JWKS)", key_set(ec_key()))
    tablet.tap(tablet.button("Register it"))
    expect(page.get_by_text("Record archive is registered.")).to_be_visible()
    client_id = page.locator("output.to-copy").inner_text()
    expect(page.get_by_text("It may read: Vital signs and scores (read and search)")).to_be_visible()
    expect(page.get_by_text("has not signed in lately")).to_be_visible()
    assert token(clinic, client_id) == 200
    page.reload()
    tablet.sign_in(clinic.lead)
    expect(page.get_by_text("last signed in")).to_be_visible()
    look("a machine that has signed in")
    picture(tablet, "desk-machines")
    tablet.tap(tablet.button("End it: Record archive"))
    tablet.tap(tablet.button("Yes, end it now: Record archive"))
    expect(page.get_by_text("ended", exact=True)).to_be_visible()
    assert token(clinic, client_id) == 401
    assert look.wrong == []


def test_a_lead_adds_a_webhook_and_sees_one_fail_and_deliver(
    tablet: Tablet, clinic: Clinic, receiver: Receiver, axe: str
) -> None:
    page, look = tablet.page, Looker(tablet.page, axe)
    url = registered(clinic, receiver)
    receiver.behave = lambda _message: "503"
    maria(clinic).known()
    until(lambda: any(one["failing_since"] for one in clinic.ask(clinic.lead, "GET", "/v1/webhooks")["items"]))
    tablet.open("/#/desk/webhooks")
    tablet.sign_in(clinic.lead)
    expect(page.get_by_text("Failing since")).to_contain_text("last try: answered 503")
    look("a webhook that fails")
    picture(tablet, "desk-webhooks")
    receiver.behave = lambda _message: "204"
    heard = len(receiver.arrived)
    tablet.tap(tablet.button(f"Try now: {url}"))
    until(lambda: not any(one["waiting"] for one in clinic.ask(clinic.lead, "GET", "/v1/webhooks")["items"]))
    assert signed_by(receiver.arrived[heard], SECRET)
    tablet.tap(tablet.button("Look again"))
    expect(page.get_by_text("Delivering")).to_be_visible()
    # what a lead may not add, and what a lead may
    tablet.fill("Address", url)
    tablet.tap(tablet.radio("Told of what?", "Some kinds alone"))
    tablet.tap(tablet.button("A flag rose"))
    tablet.tap(tablet.radio("What is sent?", "Ids alone: the receiver asks for the rest with its own sign-in"))
    tablet.tap(tablet.button("Add it"))
    expect(page.locator("span.fault")).to_contain_text("by the operator")
    tablet.fill("Address", "https://records.example/in")
    tablet.tap(tablet.button("Add it"))
    expect(page.locator("output.to-copy")).to_contain_text("whsec_")
    expect(page.get_by_text("told of: A flag rose")).to_be_visible()
    look("a webhook that was added")
    tablet.tap(tablet.button(f"End it: {url}"))
    tablet.tap(tablet.button(f"Yes, end it now: {url}"))
    expect(page.get_by_text(url)).to_have_count(0)
    assert look.wrong == []


def test_an_auditor_has_the_audit_alone(tablet: Tablet, clinic: Clinic) -> None:
    auditor = clinic._add("Dov Auditor", "auditor")
    maria(clinic).checked_in("3")
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url.removeprefix(clinic.url)))
    tablet.open()
    tablet.sign_in(auditor)
    page = tablet.page
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    for place in ("#/board", "#/patients", "#/setup", "#/desk/machines"):
        page.evaluate("(place) => { location.hash = place; }", place)
        expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    tablet.tap(tablet.radio("What do you ask?", "Opened with a reason"))
    expect(page.get_by_text("Nothing is on record that answers this.")).to_be_visible()
    tablet.tap(tablet.button("Check every entry now"))
    expect(page.get_by_text("Every entry stands as it was kept.")).to_be_visible()
    tablet.tap(tablet.link("Dov Auditor"))
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    assert not [one for one in asked if "RIVERA" in one or one.startswith(("/v1/stream", "/v1/sessions", "/v1/board"))]
    assert page.get_by_text("RIVERA").count() == 0
