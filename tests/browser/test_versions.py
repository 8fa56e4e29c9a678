"""A new version of the app: it waits while a session is open on the screen, asks, and takes nothing with it."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.web import DIST
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import take_set
from tests.browser.ward import at_home, check_in, enrol, read_outbox, set_pin, sign_in, start_new_version, unlock

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # files and a browser; the outbox is on the tablet
ASKS = "A new version of the app is ready."
OLD, NEW = "Discharge criteria", "Criteria to go home"


def next_version(dist: Path, folder: Path) -> Path:
    """The app with one word changed and its script under another name, as the next build would have it."""
    made = folder / "next"
    shutil.copytree(dist, made)
    (script,) = (path for path in (made / "assets").glob("*.js") if OLD in path.read_text(encoding="utf-8"))
    renamed = script.with_name("index-NextNext.js")
    renamed.write_text(script.read_text(encoding="utf-8").replace(OLD, NEW), encoding="utf-8")
    # what is fetched later names the script too
    for path in (made / "index.html", made / "sw.js", *(made / "assets").glob("*.js")):
        path.write_text(path.read_text(encoding="utf-8").replace(script.name, renamed.name), encoding="utf-8")
    script.unlink()
    # a page's hash tells the worker's file list of one version from that of another
    worker = made / "sw.js"
    hashed = re.compile(r'("revision": ?")[0-9a-f]{32}(", ?"url": ?"index.html")')
    text, found = hashed.subn(r"\g<1>" + "0" * 32 + r"\2", worker.read_text(encoding="utf-8"))
    assert found >= 1
    worker.write_text(text, encoding="utf-8")
    return made


def look_for_a_new_one(tablet: Tablet) -> None:
    """As the app does every few minutes; returns when the new one waits."""
    tablet.state(
        """async () => {
             const registration = await navigator.serviceWorker.getRegistration();
             await registration.update();
             while (!registration.waiting) await new Promise((on) => setTimeout(on, 50));
           }"""
    )


def test_it_waits_asks_and_the_outbox_survives(
    tablet: Tablet, clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    chair = check_in(clinic, "Probe")
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.nurse)
    set_pin(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name=OLD)).to_be_visible()
    at_home(tablet)

    clinic.stop()
    monkeypatch.setattr("app.main.DIST", next_version(DIST, tmp_path))
    clinic.start()
    look_for_a_new_one(tablet)
    # it is there, and a session is open: nobody is asked, and the old page works with the new service
    take_set(tablet)
    tablet.all_in_the_record()
    expect(tablet.page.get_by_text(ASKS)).to_have_count(0)

    tablet.context.set_offline(True)
    take_set(tablet, ("126", "82", "74", "15", "97"))
    expect(tablet.page.get_by_text("1 on this tablet")).to_be_visible()
    tablet.tap(tablet.link("Back").first)
    start_new_version(tablet)
    assert read_outbox(tablet) == 1
    tablet.context.set_offline(False)
    unlock(tablet, clinic.nurse)
    tablet.all_in_the_record()
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name=NEW)).to_be_visible()
    (session,) = clinic.sessions()
    assert [reading["systolic"] for reading in session["readings"]] == [124, 126]
    names = tablet.state("caches.keys()")
    assert len(names) == 1, "the files of the old version are gone"
