"""An account is its owner's: the invitation, a password that somebody else gave, and "My account", on a real tablet."""

import os
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser import empty
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker

CHOSEN = "what bea alone has chosen"
GIVEN = "a first one, told by the lead"


@pytest.fixture
def engine_name() -> str:
    """Every database answers as `tests/api` says."""
    return "sqlite"


def made(clinic: Clinic, name: str, **given: str) -> str:
    """The token of somebody new; "" of one who was given a password."""
    body = {"username": name.partition(" ")[0].lower(), "name": name, "role": "nurse", **given}
    invitation = clinic.ask(clinic.lead, "PUT", f"/v1/staff/{uuid4()}", body)["invitation"]
    return invitation["token"] if invitation else ""


def choose(tablet: Tablet, label: str, password: str) -> None:
    tablet.fill(label, password)
    tablet.fill("The same password again", password)


def is_in(tablet: Tablet) -> None:
    expect(tablet.page.get_by_role("button", name="Lock", exact=True)).to_be_visible()


def picture(tablet: Tablet, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        tablet.page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


def test_whoever_is_invited_sees_whose_account_it_is_and_chooses_the_password(
    tablet: Tablet, clinic: Clinic, axe: str
) -> None:
    token = made(clinic, "Dora Nurse")
    look = Looker(tablet.page, axe)
    tablet.open(f"/#invitation={token}")
    expect(tablet.page.get_by_text("Dora Nurse, you have an account at North Clinic.")).to_be_visible()
    assert token not in tablet.page.url
    look("an invitation")
    picture(tablet, "invited")
    tablet.tap(tablet.button("Set my password"))
    expect(tablet.page.get_by_text("This has 0 of at least 15 characters.")).to_be_visible()
    choose(tablet, "Your password", "passwordpassword")
    tablet.tap(tablet.button("Set my password"))
    expect(tablet.page.get_by_text("is a simple pattern")).to_be_visible()
    choose(tablet, "Your password", CHOSEN)
    tablet.tap(tablet.button("Set my password"))
    is_in(tablet)
    assert tablet.page.evaluate("sessionStorage.length") == 0
    tablet.tap(tablet.button("Lock"))
    tablet.open(f"/#invitation={token}")
    expect(tablet.page.get_by_text("This invitation is not good any more")).to_be_visible()
    look("an invitation that is over")
    tablet.tap(tablet.button("To the sign-in"))
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    assert look.wrong == []


def test_a_given_password_opens_nothing_before_it_is_changed(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    made(clinic, "Emil Nurse", password=GIVEN)
    look = Looker(tablet.page, axe)
    tablet.open()
    tablet.fill("Username", "emil")
    tablet.fill("Password", GIVEN)
    tablet.tap(tablet.button("Sign in"))
    expect(tablet.page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    expect(tablet.page.get_by_role("button", name="Lock", exact=True)).to_have_count(0)
    look("a given password")
    picture(tablet, "given")
    choose(tablet, "Your new password", GIVEN)
    tablet.tap(tablet.button("Keep it, and go on"))
    expect(tablet.page.get_by_text("is the one you have")).to_be_visible()
    choose(tablet, "Your new password", CHOSEN)
    tablet.tap(tablet.button("Keep it, and go on"))
    is_in(tablet)
    expect(tablet.page.get_by_text("No session is under way.")).to_be_visible()
    assert look.wrong == []


def test_ones_own_password_and_where_one_is_signed_in(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    look = Looker(tablet.page, axe)
    tablet.open()
    tablet.sign_in(clinic.nurse)
    is_in(tablet)
    tablet.tap(tablet.link("My account"))
    expect(tablet.page.get_by_role("heading", name="My account")).to_be_visible()
    # this tablet, and the sign-in that the test itself works with
    ends = tablet.button(re.compile("^End it"))
    expect(ends).to_have_count(1)
    look("my account")
    picture(tablet, "account")
    tablet.tap(ends)
    expect(ends).to_have_count(0)
    assert (
        clinic.client.get(
            f"{clinic.url}/v1/account", headers={"Authorization": f"Bearer {clinic.nurse.token}"}
        ).status_code
        == 401
    )
    tablet.fill("The password you have now", "not this one at all")
    choose(tablet, "Your new password", CHOSEN)
    tablet.tap(tablet.button("Change my password"))
    expect(tablet.page.get_by_text("The password is wrong.")).to_be_visible()
    tablet.fill("The password you have now", PASSWORD)
    tablet.tap(tablet.button("Change my password"))
    expect(tablet.page.get_by_text("Changed. You are signed out everywhere else.")).to_be_visible()
    tablet.tap(tablet.button("Lock"))
    tablet.fill("Username", clinic.nurse.username)
    tablet.fill("Password", CHOSEN)
    tablet.tap(tablet.button("Sign in"))
    is_in(tablet)
    assert look.wrong == []


def test_a_lead_invites_anew_after_being_told_what_ends(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    look = Looker(tablet.page, axe)
    tablet.open()
    tablet.sign_in(clinic.lead)
    is_in(tablet)
    tablet.open("/#/setup/colleagues")
    tablet.tap(tablet.button("New link for Bea Nurse"))
    expect(tablet.page.get_by_text("Bea Nurse is signed out everywhere")).to_be_visible()
    look("before inviting anew")
    tablet.tap(tablet.button("Make the new link"))
    link = empty.link_for(tablet, "Bea Nurse")
    look("a link")
    picture(tablet, "link")
    assert link.startswith(f"{clinic.url}/#invitation=")
    refused = {"Authorization": f"Bearer {clinic.other_nurse.token}"}
    assert clinic.client.get(f"{clinic.url}/v1/account", headers=refused).status_code == 401
    tablet.tap(tablet.button("Lock"))
    tablet.open(link)
    expect(tablet.page.get_by_text("Bea Nurse, you have an account at North Clinic.")).to_be_visible()
    assert look.wrong == []


def test_whoever_approves_sees_what_is_new_and_its_author_waits(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    path = "/v1/protocols/iv-infusion-example/versions"
    document = clinic.ask(clinic.lead, "GET", f"{path}/1")["document"] | {"version": 2, "example": False}
    document["criteria"]["fresh"]["minutes"] = 25
    clinic.ask(clinic.lead, "PUT", f"{path}/2", document)
    look = Looker(tablet.page, axe)
    tablet.open()
    tablet.sign_in(clinic.lead)
    is_in(tablet)
    tablet.open("/#/setup/iv-infusion-example:2")
    expect(tablet.page.get_by_text("New since version 1, which Cleo Clinician approved")).to_be_visible()
    expect(tablet.page.get_by_text("The last 90 days under this version")).to_be_visible()
    expect(tablet.page.get_by_text("You wrote this version.")).to_be_visible()
    expect(tablet.page.get_by_label("Your password")).to_have_count(0)
    look("a version of one's own")
    picture(tablet, "protocol")
    assert look.wrong == []
