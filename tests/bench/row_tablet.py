"""Rows about the tablet's share: what a hand waits for, what goes over the air, what an open board costs the device.

The app in a real Chromium, its processor slowed and its network narrowed while a hand types, against the real service.
No figure was promised for any of them: they are told.
"""

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Browser, CDPSession, expect, sync_playwright

from tests.bench.counted_wire import CountedWire
from tests.bench.processes import Watch
from tests.bench.rounds import Figure, exact, figure
from tests.bench.stand import Stand
from tests.bench.table import Row
from tests.browser import chairs, chromium
from tests.browser.clinic import Clinic
from tests.browser.conftest import FLAGS, PORTRAIT
from tests.browser.tablet import PATIENCE, Tablet
from tests.browser.ward import at_home
from tests.node import tablet_app_built

SLOWER = 4
DELAY, DOWN, UP = 150, 1_600, 750
"""Milliseconds of round trip, and thousand bits a second: with four times slower, what Lighthouse takes for a middling
telephone on a slow network."""
SETS, SESSIONS, OPEN_HOURS = 12, 2, 8
"""Of the day that is told: sets a session, sessions, and hours that the tablet lies there with its board open."""
WATCHED = 150.0
"""Seconds of an open board on which nobody lays a hand: ten heartbeats, fifteen signs of life, all minutes."""
SHORTEST = 16.0
"""Milliseconds: Chromium times no interaction that was painted sooner."""

NOTE = """
{
  const noted = window.__noted = { taps: {}, said: [], clicked: 0 };
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId) noted.taps[interactionId] = Math.max(noted.taps[interactionId] ?? 0, duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  addEventListener("click", (event) => { noted.clicked = event.timeStamp; }, true);
  let last = "";
  new MutationObserver(() => {
    const said = document.querySelector(".saved")?.textContent ?? "";
    if (said !== last) noted.said.push([performance.now(), last = said]);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
"""
"""An init script: how long each tap took until what it changed was painted, and when the app said how far all is."""

KEPT_AFTER = """() => {
  const { said, clicked } = window.__noted;
  const after = said.filter(([at]) => at > clicked);
  const kept = after.findIndex(([, words], place) => place > 0 && words.includes("all in the record"));
  return kept < 0 ? null : after[kept][0] - clicked;
}"""
"""First the app says that something lies on the tablet, then that all is in the record."""


def tablet(stand: Stand) -> Iterator[Row]:
    """T1 to T5."""
    tablet_app_built()
    with ExitStack() as until:
        where = stand.place("sqlite")
        clinic = until.enter_context(Clinic(where.url))
        wire = until.enter_context(CountedWire(clinic.port))
        playwright = until.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=list(FLAGS))
        until.callback(browser.close)
        ward = chairs.ward(clinic)
        with _narrow(browser, clinic, wire) as (hand, devtools):
            first, every_day = _opened(hand, wire)
            watch = Watch()
            looks = _looks_at_sessions(devtools)
            taps, saves, each_set = _session(hand, ward.new, wire)
            looked = len(looks) / SETS
            foreign = watch.foreign()
            idle, busy = _left_alone(devtools, wire)
    yield Row("T1", f"{SETS} sets, {len(taps)} taps", figure(taps, foreign), _tap_words(taps))
    yield Row("T2", f"{SETS} sets", figure(saves, foreign), f"95th of a hundred: {_late(saves):,.0f} ms")
    yield Row("T3", "with what it keeps for later", exact(first / 1000), "once, and after each new version")
    day = every_day + SESSIONS * SETS * each_set + OPEN_HOURS * 3600 * idle
    words = (
        f"computed: sign-in and board {every_day / 1000:.0f} kB; {SESSIONS * SETS} sets x {each_set / 1000:.0f} kB, in "
        f"each of which the session is asked for {looked:.1f} times; {OPEN_HOURS} h x {3.6 * idle:,.0f} kB an hour of "
        "stream and heartbeats"
    )
    yield Row("T4", f"{SESSIONS} sessions of {SETS} sets", exact(day / 1000), words)
    yield Row("T5", "five chairs, processor not slowed", busy, f"from {WATCHED:.0f} s, times {3600 / WATCHED:.0f}")


@contextmanager
def _narrow(browser: Browser, clinic: Clinic, wire: CountedWire) -> Iterator[tuple[Tablet, CDPSession]]:
    """A tablet as slow as many are, behind a network as narrow as many are."""
    context = browser.new_context(base_url=wire.url, viewport=PORTRAIT, has_touch=True)
    context.add_init_script(NOTE)
    hand = Tablet(context, clinic)
    devtools = context.new_cdp_session(hand.page)
    devtools.send("Network.enable")
    rates = {"latency": DELAY, "downloadThroughput": DOWN * 125, "uploadThroughput": UP * 125}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, **rates})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield hand, devtools
    context.close()


def _opened(hand: Tablet, wire: CountedWire) -> tuple[int, int]:
    """Bytes until the app and all it keeps for later is there, and of a sign-in until the board is."""
    hand.open()
    at_home(hand)
    expect(hand.page.get_by_label("Password")).to_be_visible()
    first = wire.bytes
    hand.sign_in(hand.clinic.nurse)
    expect(hand.link(re.compile("^New set for Rivera, Maria"))).to_be_visible()
    return first, wire.bytes - first


def _looks_at_sessions(devtools: CDPSession) -> list[str]:
    """Every question for a whole session from now on."""
    found: list[str] = []

    def note(event: dict[str, Any]) -> None:
        asked = event["request"]
        if asked["method"] == "GET" and re.search(r"/v1/sessions/[0-9a-f-]{36}$", asked["url"]):
            found.append(asked["url"])

    devtools.on("Network.requestWillBeSent", note)
    return found


def _session(hand: Tablet, chair: chairs.Chair, wire: CountedWire) -> tuple[list[float], list[float], float]:
    """Every set of a session, typed: the milliseconds of each tap and of each save, and the bytes of one set."""
    hand.taps, sizes, saves = 0, [], []
    hand.state("window.__noted.taps = {}")
    for number in range(SETS):
        hand.pass_by(10)
        before = wire.bytes
        _typed(hand, chair, 120 + number % 7)
        saves.append(_took(hand))
        expect(hand.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
        hand.tap(hand.page.locator("a.back"))
        expect(hand.link(re.compile(f"^New set for {chair.family_name}"))).to_be_visible()
        sizes.append(wire.bytes - before)
        if number == 1:
            chair.start()
        elif number == 5:
            chair.event("infusion-stopped")
    timed = [float(one) for one in hand.state("Object.values(window.__noted.taps)")]
    assert timed, "no tap was timed"
    kept = chair.read()["readings"]
    assert len(kept) == SETS, len(kept)
    return timed + [SHORTEST] * max(0, hand.taps - len(timed)), saves, statistics.mean(sizes)


def _typed(hand: Tablet, chair: chairs.Chair, systolic: int) -> None:
    """One good set, from the board, as a nurse types it."""
    hand.tap(hand.link(re.compile(f"^New set for {chair.family_name}")))
    hand.type_digits(f"{systolic}" + "80" + "72" + "14" + "98")
    hand.tap(hand.radio("Awake", "5 awake"))
    hand.tap(hand.radio("Dissociation", "none"))
    hand.tap(hand.radio("Gait", "steady"))
    hand.tap(hand.radio("Orientated", "yes"))
    hand.tap(hand.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    hand.tap(hand.button(re.compile(f"^Save set for {chair.family_name}")))


def _took(hand: Tablet) -> float:
    """Milliseconds from the tap on Save until the app says that all is in the record."""
    ends = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < ends:
        found = hand.state(KEPT_AFTER)
        if found is not None:
            return float(found)
        time.sleep(0.05)
    raise RuntimeError("the app never said that all is in the record")


def _left_alone(devtools: CDPSession, wire: CountedWire) -> tuple[float, Figure]:
    """Bytes a second of a board that lies open, and the processor seconds that its page takes an hour."""
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    devtools.send("Performance.enable")
    time.sleep(5)
    watch, sent = Watch(), wire.bytes
    thirds = []
    for _ in range(3):
        used, since = _task_seconds(devtools), time.perf_counter()
        time.sleep(WATCHED / 3)
        thirds.append(3600 * (_task_seconds(devtools) - used) / (time.perf_counter() - since))
    return (wire.bytes - sent) / watch.wall(), figure(thirds, watch.foreign())


def _task_seconds(devtools: CDPSession) -> float:
    """Seconds that the page's main thread has been at work."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _late(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _tap_words(taps: list[float]) -> str:
    quick = sum(one <= SHORTEST for one in taps)
    return f"95th of a hundred: {_late(taps):,.0f} ms; {quick} of {len(taps)} within {SHORTEST:.0f} ms, told as that"
