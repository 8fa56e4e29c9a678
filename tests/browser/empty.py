"""A service that has no clinic yet, and the hands of the lead who sets it up."""

import re
from pathlib import Path
from typing import Any, Self, cast

import httpx2
from playwright.sync_api import BrowserContext, expect

from app.demo.server import Service
from app.main import create_app
from app.server import address_of, listening
from app.settings import Settings
from tests.browser.clinic import PASSWORD, Clinic, ForwardClock
from tests.browser.tablet import Tablet

TITLE = "Set up Infusion Vitals"
LATE = re.compile("has its first clinic already")
LEAD = {"username": "lena", "name": "Lena Lead", "password": PASSWORD}


class Empty:
    """Served on loopback by this process; `link` is what the console would print. Its clock can be put forward."""

    def __init__(self, database_url: str, port: int = 0) -> None:
        door = listening("127.0.0.1", port)
        self.url = address_of(door)
        self.clock = ForwardClock()
        self.app = create_app(Settings(database_url=database_url, public_url=self.url), self.clock)
        self._service = Service(self.app, door)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def __enter__(self) -> Self:
        self._service.__enter__()
        self.token: str = self.app.state.first_run_token
        self.link = f"{self.url}/#first-run={self.token}"
        return self

    def __exit__(self, *_: object) -> None:
        self._service.__exit__(None, None, None)

    def set_up(self) -> None:
        """By a script, as the README's curl does."""
        body = {"token": self.token, "clinic": "North Clinic", "signing": "password", "lead": LEAD}
        assert httpx2.post(f"{self.url}/v1/first-run", json=body, timeout=30).status_code == 201


def tablet_at(context: BrowserContext) -> Tablet:
    """A tablet of which no clinic is known yet: the test names every address itself."""
    return Tablet(context, cast("Clinic", None))


def name_clinic(
    tablet: Tablet, name: str = "North Clinic", zone: str = "New York", signing: str = "The password alone"
) -> None:
    """The first step."""
    tablet.fill("Name of the clinic", name)
    tablet.tap(tablet.button("Choose another time zone"))
    tablet.fill("Search a city or a region", zone)
    tablet.tap(tablet.button(re.compile(zone)).first)
    tablet.tap(tablet.page.get_by_role("radio", name=re.compile(signing)))
    tablet.tap(tablet.button("Go on"))


def name_lead(tablet: Tablet, clinic: str = "North Clinic") -> None:
    """The second step, up to the answer."""
    tablet.fill("Your name, as colleagues know it", LEAD["name"])
    tablet.fill("Username", LEAD["username"])
    tablet.fill("Password", PASSWORD)
    tablet.fill("The same password again", PASSWORD)
    tablet.tap(tablet.button(f"Set up {clinic}"))


def set_up(tablet: Tablet) -> None:
    """Both steps: the lead is in, and the list of what is to do is on the screen."""
    name_clinic(tablet)
    name_lead(tablet)
    expect(tablet.page.get_by_role("heading", name="Set up North Clinic")).to_be_visible()


def approve(tablet: Tablet, protocol: str = "iv-infusion-example") -> None:
    """From the list of what is to do, and back to it."""
    tablet.tap(tablet.link("Look at the protocols"))
    tablet.tap(tablet.link(re.compile(f"^Read .*{protocol}")))
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button(f"Approve {protocol}, version 1, as Lena Lead"))
    expect(tablet.page.get_by_text("Approved by Lena Lead on")).to_be_visible()
    tablet.tap(tablet.link("Back to setting up"))


def add_colleague(tablet: Tablet, name: str, role: str) -> None:
    """On the screen of the colleagues; whoever is invited has chosen a password elsewhere."""
    link = invite(tablet, name, role)
    accepted = {"token": link.rpartition("=")[2], "password": PASSWORD}
    url = f"{link.partition('#')[0]}v1/invitations/accept"
    assert httpx2.post(url, json=accepted, timeout=30).status_code == 204


def invite(tablet: Tablet, name: str, role: str) -> str:
    """On the screen of the colleagues: the link that is shown."""
    tablet.fill("Name, as colleagues know it", name)
    tablet.tap(tablet.page.get_by_role("radio", name=re.compile(f"^{role}:")))
    tablet.fill("Username", name.partition(" ")[0].lower())
    tablet.tap(tablet.button(f"Add {name}"))
    return link_for(tablet, name)


def link_for(tablet: Tablet, name: str) -> str:
    """The invitation on the screen."""
    expect(tablet.page.get_by_role("heading", name=f"The link for {name}")).to_be_visible()
    return tablet.page.locator("output.to-copy").inner_text()


def sign_in(tablet: Tablet, username: str, password: str = PASSWORD) -> None:
    """On the lock screen."""
    tablet.fill("Username", username)
    tablet.fill("Password", password)
    tablet.tap(tablet.button("Sign in"))
    expect(tablet.page.get_by_role("button", name="Lock", exact=True)).to_be_visible()


def in_the_record(url: str, username: str, password: str = PASSWORD, status: str = "active") -> list[dict[str, Any]]:
    """Every session of that status, whole, as the service has it."""
    asked = httpx2.post(f"{url}/v1/sign-in", json={"username": username, "password": password}, timeout=30).json()
    headers = {"Authorization": f"Bearer {asked['access_token']}"}
    items = httpx2.get(f"{url}/v1/sessions?status={status}", headers=headers, timeout=30).json()["items"]
    return [httpx2.get(f"{url}/v1/sessions/{item['id']}", headers=headers, timeout=30).json() for item in items]


def emptied(folder: Path, template: Path, name: str) -> str:
    """Another empty database."""
    path = folder / f"{name}.db"
    path.write_bytes(template.read_bytes())
    return f"sqlite:///{path}"


def at_the_lock_screen(tablet: Tablet) -> None:
    expect(tablet.button("Sign in")).to_be_visible()
    expect(tablet.page.get_by_role("heading", name=TITLE)).to_have_count(0)
