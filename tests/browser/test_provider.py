"""Signing in with the clinic's provider as a person does, in a real browser, at a real provider on this machine."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.commands.running import operator
from app.db.clinics import all_clinics
from app.db.work import EVERY_CLINIC
from app.domain.providers import Provider
from app.services import providers
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker
from tests.browser.test_accounts import is_in, made, picture
from tests.exchange.authority import believed
from tests.exchange.openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider

WITH = "Sign in with House key"


@pytest.fixture
def engine_name() -> str:
    """Every database answers as `tests/api` says."""
    return "sqlite"


@pytest.fixture
def provider(tmp_path: Path, clinic: Clinic) -> Iterator[OpenIdProvider]:
    with believed(tmp_path) as chain, openid_provider(chain) as found:
        yield found


@pytest.fixture
def settled(clinic: Clinic, provider: OpenIdProvider) -> OpenIdProvider:
    frame = clinic.app.state.frame
    [home] = frame.database.read_now(all_clinics, EVERY_CLINIC, clinic.clock.now())
    value = Provider("House key", provider.issuer, CLIENT, private=True)
    frame.database.write_now(providers.put_at_any_revision, operator(home.id), clinic.clock.now(), value, SECRET)
    return provider


def test_a_person_signs_in_with_the_clinics_provider(
    new_tablet: Callable[..., Tablet], clinic: Clinic, settled: OpenIdProvider, axe: str
) -> None:
    settled.subject = "ada there"
    tablet = new_tablet(ignore_https_errors=True)
    look = Looker(tablet.page, axe)
    addresses: list[str] = []
    tablet.page.on("framenavigated", lambda frame: addresses.append(frame.url))
    tablet.open()
    expect(tablet.button(WITH)).to_be_visible()
    look("the sign-in screen")
    picture(tablet, "provider-sign-in")
    # nobody is linked yet
    tablet.tap(tablet.button(WITH))
    tablet.tap(tablet.link("It is me"))
    expect(tablet.page.get_by_text("Nobody here is linked to this identity")).to_be_visible()
    assert "code=" not in tablet.page.url
    look("an identity that nobody has linked")
    picture(tablet, "provider-unknown")
    # she links hers
    tablet.sign_in(clinic.nurse)
    tablet.page.evaluate("location.hash = '#/account'")
    expect(tablet.page.get_by_role("heading", name=WITH)).to_be_visible()
    look("my account, not linked")
    picture(tablet, "provider-account")
    card = tablet.page.locator("form", has=tablet.page.get_by_role("heading", name=WITH))
    card.get_by_label("Your password").fill(PASSWORD)
    tablet.tap(card.get_by_role("button", name="Link House key"))
    tablet.tap(tablet.link("It is me"))
    is_in(tablet)
    expect(tablet.page.get_by_text(clinic.nurse.name, exact=True)).to_be_visible()
    # and comes in with it from then on
    tablet.tap(tablet.button("Lock"))
    tablet.tap(tablet.button(WITH))
    tablet.tap(tablet.link("It is me"))
    is_in(tablet)
    assert "code=" not in tablet.page.url
    assert tablet.page.evaluate("sessionStorage.length") == 0
    # no token of anybody ever stood in an address
    tokens = tablet.page.evaluate("JSON.stringify(Object.values(localStorage))")
    assert "access_token" not in tokens
    assert not [one for one in addresses if re.search(r"token|[#&?]browser=", one)]
    # a way back that was used, or was begun elsewhere
    there = next(one for one in reversed(addresses) if "code=" in one)
    tablet.tap(tablet.button("Lock"))
    tablet.open(there.removeprefix(clinic.url))
    expect(tablet.page.get_by_text("was not begun in this browser")).to_be_visible()
    assert look.wrong == []


def test_whoever_is_invited_may_come_in_with_it_and_choose_no_password(
    new_tablet: Callable[..., Tablet], clinic: Clinic, settled: OpenIdProvider, axe: str
) -> None:
    settled.subject = "dora there"
    tablet = new_tablet(ignore_https_errors=True)
    look = Looker(tablet.page, axe)
    tablet.open(f"/#invitation={made(clinic, 'Dora Nurse')}")
    expect(tablet.button(WITH)).to_be_visible()
    look("an invitation with a provider")
    picture(tablet, "provider-invited")
    tablet.tap(tablet.button(WITH))
    tablet.tap(tablet.link("It is me"))
    is_in(tablet)
    tablet.page.evaluate("location.hash = '#/account'")
    expect(tablet.page.get_by_text("You have no password here")).to_be_visible()
    assert look.wrong == []


def test_a_lead_settles_it(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    look = Looker(tablet.page, axe)
    tablet.open("/#/clinic/provider")
    tablet.sign_in(clinic.lead)
    expect(tablet.page.get_by_text(f"{clinic.url}/", exact=True)).to_be_visible()
    tablet.tap(tablet.button("Save"))
    expect(tablet.page.get_by_text("This is needed.")).to_have_count(4)
    look("a provider that lacks everything")
    tablet.fill("What people call it", "House key")
    tablet.fill("Issuer", "http://login.example")
    tablet.fill("Client id", "vitals")
    tablet.fill("Client secret", "a secret")
    tablet.tap(tablet.button("Save"))
    expect(tablet.page.get_by_text("must begin with https://")).to_be_visible()
    tablet.fill("Issuer", "https://login.example")
    tablet.tap(tablet.button("Save"))
    expect(tablet.page.get_by_text("Leave it empty to keep the one there is.")).to_be_visible()
    assert tablet.page.get_by_label("Client secret", exact=True).input_value() == ""
    look("a provider that is settled")
    picture(tablet, "provider-settled")
    assert look.wrong == []
