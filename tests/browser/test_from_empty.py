"""From an empty service to a signed discharge on its screens alone: a lead, two nurses and a clinician, two tablets.

Whoever has the link of an empty service needs no terminal and no script. Nothing here goes past a screen but the
clinic's clock, which is put forward; what came of it is asked of the record when all is done.

Every tap is counted by whose it is, without the digits of the pad: those are counted in `test_taps`.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import empty
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.conftest import PORTRAIT
from tests.browser.empty import Empty
from tests.browser.tablet import Tablet
from tests.browser.test_accounts import choose, is_in
from tests.browser.test_signing import add_passkey, with_authenticator
from tests.browser.test_story import (
    GOOD,
    add_patient,
    answer_screening,
    fill_check_in,
    give,
    ready_to_leave,
    take_set,
)

TEAM = {"Ada Nurse": "Nurse", "Bea Nurse": "Nurse", "Cleo Clinician": "Clinician"}
OWN = {"ada": "first snow on the harbour", "bea": "seven green lanterns swing", "cleo": "a quiet fox crosses twice"}
"""What each chooses as their password."""
SETS = 5
DIGITS = SETS * len("".join(GOOD))
"""All sets of this session have as many."""
TAPS = {"lead": 35, "nurses": 76, "clinician": 16}
"""Of an empty service, and of the whole first session. Measured: whoever adds a step, or saves one, writes it here."""


class Hands:
    """Whose hands tapped how often, on whatever they held."""

    def __init__(self) -> None:
        self.taps: Counter[str] = Counter()

    @contextmanager
    def of(self, who: str, held: Tablet) -> Iterator[Tablet]:
        before = held.taps
        yield held
        self.taps[who] += held.taps - before


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[Empty]:
    with Empty(empty.emptied(tmp_path, sqlite_template, "empty")) as running:
        yield running


@pytest.fixture
def new(browser: Browser, service: Empty) -> Iterator[Callable[[], Tablet]]:
    """Makes browsers: each a profile of its own, that calls the service by its name, as passkeys need it."""
    opened: list[BrowserContext] = []

    def make() -> Tablet:
        context = browser.new_context(base_url=named(service), viewport=PORTRAIT, has_touch=True)
        opened.append(context)
        return Tablet(context, cast("Clinic", service))

    yield make
    for context in opened:
        context.close()


def named(service: Empty) -> str:
    return f"http://localhost:{service.port}"


def set_up(lead: Tablet, service: Empty) -> None:
    """The clinic, its lead, what the lead signs with, and one protocol, read and approved."""
    lead.open(f"/#first-run={service.token}")
    empty.name_clinic(lead, signing="A passkey")
    empty.name_lead(lead)
    lead.tap(lead.link("Add one under “My account”"))
    add_passkey(lead)
    lead.tap(lead.link("Back"))
    lead.tap(lead.link("Look at the protocols"))
    lead.tap(lead.link(re.compile("^Read .*iv-infusion-example")))
    lead.tap(lead.button("Approve iv-infusion-example, version 1, as Lena Lead, with your passkey"))
    expect(lead.page.get_by_text("Approved by Lena Lead on")).to_be_visible()
    lead.tap(lead.link("Back to setting up"))


def invited(lead: Tablet) -> dict[str, str]:
    """A link for each of the team, copied from the screen to be handed on; by first name."""
    lead.tap(lead.link("Add a colleague"))
    links = {}
    for name, role in TEAM.items():
        link = empty.invite(lead, name, role)
        lead.tap(lead.button(re.compile("^Copy$")))
        expect(lead.page.get_by_text("✓ Copied")).to_be_visible()
        links[name.partition(" ")[0].lower()] = link
    lead.tap(lead.link("Back to setting up"))
    expect(lead.page.get_by_text("Nurses: 2. Clinicians: 1.")).to_be_visible()
    lead.tap(lead.button("End my shift on this tablet"))
    return links


def enrol(tablet: Tablet, name: str) -> None:
    """On the tablet's own screen, by the lead who holds it."""
    tablet.open()
    empty.sign_in(tablet, "lena", PASSWORD)
    tablet.tap(tablet.link("Protocols and colleagues"))
    tablet.tap(tablet.link(re.compile("^Tablets$")))
    tablet.fill("What people call it", name)
    tablet.tap(tablet.button("Enrol this tablet"))
    expect(tablet.page.get_by_text(f"It is enrolled as {name}, and known by its key.")).to_be_visible()
    tablet.lock()


def join(own: Tablet, link: str, password: str) -> None:
    """Whoever is invited opens the link on what is theirs, and chooses a password that nobody else knows."""
    own.open(link)
    choose(own, "Your password", password)
    own.tap(own.button("Set my password"))
    is_in(own)


def check_in(tablet: Tablet) -> None:
    """A new patient in chair 3, screened, with the same-day check; the escort is named."""
    add_patient(tablet)
    fill_check_in(tablet, "IV infusion")
    tablet.tap(tablet.button(re.compile("^Check in Probe")))
    answer_screening(tablet)
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    tablet.fill("Who takes the patient home", "A friend")
    tablet.tap(tablet.button("Named, not here yet"))
    tablet.all_in_the_record()
    tablet.tap(tablet.link("To the session"))


def clear(own: Tablet) -> None:
    """From the board."""
    own.tap(own.page.locator("a.chair-link"))
    own.tap(own.link("Before the dose"))
    own.tap(own.button("Clear this session for Probe, as Cleo Clinician"))
    expect(own.page.get_by_text("cleared by Cleo Clinician")).to_be_visible()
    own.lock()


def treat(tablet: Tablet) -> None:
    """Two sets before the dose, the infusion with one set in it, and its end."""
    take_set(tablet)
    tablet.pass_by(10)
    take_set(tablet)
    tablet.pass_by(1)
    give(tablet, "infusion started", Dose_in_mg="36")
    tablet.pass_by(20)
    take_set(tablet, ("138", "88", "80", "15", "98"), "moderate")
    tablet.pass_by(20)
    give(tablet, "infusion stopped")
    tablet.all_in_the_record()
    tablet.lock()


def watch_over(tablet: Tablet) -> None:
    """The other nurse, on the other tablet: two good sets, the escort is seen, and the flag rises."""
    tablet.tap(tablet.page.locator("a.chair-link"))
    tablet.pass_by(50)
    take_set(tablet)
    tablet.pass_by(15)
    take_set(tablet)
    ready_to_leave(tablet)


def confirm(own: Tablet) -> None:
    """From where they were when they cleared it; signed with the passkey of the clinician's device."""
    own.tap(own.link("To the session"))
    own.tap(own.link("Review and sign"))
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        own.tap(own.page.get_by_role("checkbox", name=looked))
    own.tap(own.button("Confirm: the criteria are met"))
    own.tap(own.button("Sign as Cleo Clinician, with your passkey"))
    expect(own.page.get_by_role("heading", name=re.compile("^Confirmed by Cleo Clinician"))).to_be_visible()


def let_go(tablet: Tablet) -> None:
    """Where the flag was waited for the signature comes by itself, and the way on."""
    expect(tablet.page.get_by_text("Confirmed by Cleo Clinician")).to_be_visible()
    tablet.tap(tablet.link("Escort and leaving").first)
    tablet.tap(tablet.radio("Instructions given", "Yes"))
    tablet.tap(tablet.button("Probe leaves now"))
    expect(tablet.page.locator("header").get_by_text("discharged")).to_be_visible()


def test_from_an_empty_service_to_a_signed_discharge(service: Empty, new: Callable[[], Tablet]):
    began, hands = time.monotonic(), Hands()
    leads, blue, green = new(), new(), new()
    own = {username: new() for username in OWN}
    for each in (leads, own["cleo"]):
        with_authenticator(each)
    leads.context.grant_permissions(["clipboard-read", "clipboard-write"])

    with hands.of("lead", leads):
        set_up(leads, service)
        links = invited(leads)
    for tablet, name in ((blue, "Blue one"), (green, "Green one")):
        with hands.of("lead", tablet):
            enrol(tablet, name)
    ready = time.monotonic()
    for username, link in links.items():
        with hands.of("clinician" if username == "cleo" else "nurses", own[username]):
            join(own[username], link, OWN[username])
    with hands.of("clinician", own["cleo"]) as cleo:
        # whoever signs here is led to where the passkey is added, before a patient waits for it
        add_passkey(cleo, OWN["cleo"])
        cleo.tap(cleo.link("Back"))

    with hands.of("nurses", blue):
        empty.sign_in(blue, "ada", OWN["ada"])
        check_in(blue)
    with hands.of("clinician", cleo):
        clear(cleo)
    with hands.of("nurses", blue):
        treat(blue)
    with hands.of("nurses", green):
        empty.sign_in(green, "bea", OWN["bea"])
        watch_over(green)
    with hands.of("clinician", cleo):
        empty.sign_in(cleo, "cleo", OWN["cleo"])
        confirm(cleo)
    with hands.of("nurses", green):
        let_go(green)

    hands.taps["nurses"] -= DIGITS
    took = time.monotonic() - began
    print(f"\nfrom an empty service to a signed discharge: {dict(hands.taps)} taps, and {DIGITS} digits of {SETS} sets")
    print(f"in {took:.0f} s, {ready - began:.0f} of them until the clinic and its tablets stood")
    [session] = empty.in_the_record(service.url, "ada", OWN["ada"], status="closed")
    assert session["state"] == "discharged"
    assert [reading["recorded_by"]["name"] for reading in session["readings"]] == ["Ada Nurse"] * 3 + ["Bea Nurse"] * 2
    assert not any(reading["clock_doubtful"] for reading in session["readings"])
    assert len({reading["tablet_id"] for reading in session["readings"]}) == 2
    assert session["clearance"]["recorded_by"]["name"] == "Cleo Clinician"
    [signed] = session["confirmations"]
    assert (signed["decision"], signed["signed_by"]["name"], signed["proof"]["kind"]) == (
        "confirm",
        "Cleo Clinician",
        "passkey",
    )
    assert hands.taps == TAPS
