"""One tablet's bad day: what a hand does, what goes wrong meanwhile, and what must hold in the end. See `chaos`."""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from playwright.sync_api import BrowserContext, expect

from tests.browser.clinic import Account, Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import (
    Chair,
    at_home,
    check_in,
    durabilities,
    enrol,
    inside,
    lock,
    read_outbox,
    set_pin,
    sign_in,
    start_new_version,
    unlock,
)
from tests.browser.wire import Fate, Wire

SURE_SECONDS = 90
"""How far a stamp may be from the truth and not be marked: the tablet's limit, and the time a slow machine takes."""
STEPS = (8, 12)
TALK = "TALK" in os.environ


class Lost(AssertionError):
    """Something that the screen had acknowledged is not in the record as it was typed."""


@dataclass(frozen=True)
class Typed:
    """What the screen acknowledged."""

    what: str
    chair: Chair
    author: str
    values: tuple[int, ...]
    at: datetime
    ahead: bool
    """Typed while the tablet's clock was ahead of the clinic's."""


@dataclass
class Run:
    """One tablet's bad day."""

    seed: int
    clinic: Clinic
    wire: Wire
    context: BrowserContext
    enrolled: bool = True
    done: list[str] = field(default_factory=list)
    typed: dict[str, Typed] = field(default_factory=dict)
    cut_off: bool = False
    service_up: bool = True
    who: Account | None = None
    ahead: int = 0
    refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.tablet = Tablet(self.context, self.clinic)
        self.page = self.tablet.page
        self.chairs = [check_in(self.clinic, name, str(place)) for place, name in enumerate(("Probe", "Probst"), 1)]
        self.here = self.chairs[0]
        self.nurses = (self.clinic.nurse, self.clinic.other_nurse)
        self.durable: list[str] = []
        self.happened: Counter[str] = Counter()

    # --- beginning and end ---

    def begin(self) -> None:
        """Both sessions were opened here, and the app opens without a network; where it is enrolled both have a PIN."""
        self.tablet.open("/")
        if self.enrolled:
            enrol(self.tablet)
        for nurse in self.nurses if self.enrolled else self.nurses[:1]:
            self.sign_in_fully(nurse)
            self.page.goto("/#/board")
            if self.enrolled:
                set_pin(self.tablet, nurse)
            if nurse is self.nurses[0]:
                for chair in self.chairs:
                    self.show(chair)
                if self.enrolled:
                    lock(self.tablet)
        at_home(self.tablet)
        self.show(self.here)

    def end(self) -> None:
        """Everything is well again; somebody signs in; what lies here is sent."""
        self.heal()
        nurse = self.chance.choice(self.nurses)
        self.note(f"the end: all is well again, {nurse.name} signs in")
        if self.who is not None:
            self.keep_durabilities()
            lock(self.tablet)
        self.sign_in_fully(nurse)
        done = self.page.get_by_text("all in the record")
        expect(done.or_(self.page.get_by_text("refused: look"))).to_be_visible(timeout=30_000)
        if not done.is_visible():
            self.look_at_refused()
        self.keep_durabilities()

    def look_at_refused(self) -> None:
        """A time in the future is refused by the service: it stays here, both versions on the screen."""
        self.page.goto("/#/outbox")
        expect(self.page.locator("main li.card")).to_have_count(0, timeout=30_000)
        for both in self.page.get_by_text("Both versions").all():
            both.click()
        shown = self.page.locator("main").inner_text()
        self.refused = {marker for marker, typed in self.typed.items() if typed.ahead and f'"{marker}"' in shown}
        self.note(f"refused, and shown with both versions: {sorted(self.refused)}")

    def keep_durabilities(self) -> None:
        self.durable += durabilities(self.tablet)

    def note(self, said: str) -> None:
        self.done.append(f"{time.strftime('%H:%M:%S')} {said}")
        if TALK:
            print(f"    {said}", flush=True)

    def heal(self) -> None:
        """Network and service are back. What was in store for the next write still meets it."""
        if not self.service_up:
            self.clinic.start()
            self.service_up = True
        if self.cut_off:
            self.context.set_offline(False)
            self.cut_off = False

    @property
    def reachable(self) -> bool:
        return self.service_up and not self.cut_off

    def leave(self) -> None:
        """The chairs are free for the next run."""
        at = self.clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        for chair in self.chairs:
            path = f"/v1/sessions/{chair.session_id}/events/{uuid4()}"
            self.clinic.ask(self.clinic.nurse, "PUT", path, {"kind": "cancelled", "at": at})

    # --- the hand ---

    def show(self, chair: Chair) -> None:
        self.page.goto(f"/#/session/{chair.session_id}")
        self.here = chair
        expect(self.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
        expect(self.page.get_by_role("banner").get_by_text(chair.family_name.upper())).to_be_visible()

    def sign_in_fully(self, nurse: Account) -> None:
        sign_in(self.tablet, nurse)
        self.who = nurse

    def come_in(self, nurse: Account) -> None:
        """By PIN where there is one; else by password, which takes the service."""
        field_of_pin = self.page.get_by_label(f"{nurse.name}, PIN")
        expect(field_of_pin.or_(self.page.get_by_label("Password")).first).to_be_visible()
        if field_of_pin.is_visible():
            unlock(self.tablet, nurse)
            expect(inside(self.tablet)).to_be_visible()
            self.who = nurse
            self.note(f"{nurse.name} unlocks by PIN")
            return
        self.heal()
        self.sign_in_fully(nurse)
        self.note(f"{nurse.name} signs in by password")

    def somebody(self) -> str:
        if self.who is None:
            self.come_in(self.chance.choice(self.nurses))
        assert self.who is not None
        return self.who.name

    def about_to_type(self, what: str) -> tuple[str, Chair, str]:
        """Who, for whom, and the words by which it is found again."""
        return self.somebody(), self.chance.choice(self.chairs), f"{what} {len(self.typed)} of {self.seed}"

    def fill_in_set(self, chair: Chair, marker: str) -> tuple[int, ...]:
        self.page.goto(f"/#/entry/{chair.session_id}")
        values = tuple(self.chance.randint(*band) for band in ((115, 134), (70, 85), (62, 81), (12, 17), (96, 99)))
        self.tablet.tap(self.page.locator("#systolic"))
        self.page.keyboard.type("".join(str(value) for value in values))
        expect(self.page.locator("#spo2")).to_have_value(str(values[-1]))
        unknown_scale = self.tablet.radio("Awake: which scale?", "MOAA/S")
        if unknown_scale.count():
            self.tablet.tap(unknown_scale)
        for group, choice in (
            ("Awake", "5 awake"),
            ("Dissociation", "none"),
            ("Gait", "steady"),
            ("Orientated", "yes"),
        ):
            self.tablet.tap(self.tablet.radio(group, choice))
        self.tablet.tap(self.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
        self.page.get_by_text("Note, score of an instrument").click()
        self.page.get_by_label("Note", exact=True).fill(marker)
        return values

    def save_set(self) -> None:
        self.tablet.tap(self.tablet.button(re.compile("^Save set for")))

    def acknowledged(self, chair: Chair) -> None:
        """The screen is back at the session, which shows what was typed."""
        expect(self.page.get_by_role("heading", name="Discharge criteria")).to_be_visible(timeout=25_000)
        self.here = chair

    # --- what can happen ---

    def reading(self) -> None:
        who, chair, marker = self.about_to_type("reading")
        at = self.clinic.clock.now()
        values = self.fill_in_set(chair, marker)
        self.save_set()
        self.acknowledged(chair)
        self.typed[marker] = Typed("reading", chair, who, values, at, self.ahead > 0)
        self.note(f"{who} types {marker} for {chair.family_name}: {values}")

    def event(self) -> None:
        who, chair, marker = self.about_to_type("event")
        at = self.clinic.clock.now()
        self.page.goto(f"/#/event/{chair.session_id}/addendum")
        self.tablet.fill("What is to be added", marker)
        self.tablet.tap(self.tablet.button(re.compile("^Save addendum for")))
        self.acknowledged(chair)
        self.typed[marker] = Typed("event", chair, who, (), at, self.ahead > 0)
        self.note(f"{who} types {marker} for {chair.family_name}")

    def network(self) -> None:
        self.cut_off = not self.cut_off
        self.context.set_offline(self.cut_off)
        self.note("the network goes" if self.cut_off else "the network is back")

    def service(self) -> None:
        if self.service_up:
            self.clinic.stop()
        else:
            self.clinic.start()
        self.service_up = not self.service_up
        self.note("the service starts" if self.service_up else "the service stops")

    def wire_trouble(self) -> None:
        fate = self.chance.choice(tuple(Fate))
        self.wire.fates.append(fate)
        self.note(f"the next write: {fate}")

    def cut_reply(self) -> None:
        self.wire.fates.append(Fate.CUT_AFTER)
        self.note(f"the next write: {Fate.CUT_AFTER}")

    def reload(self) -> None:
        self.keep_durabilities()
        self.page.reload()
        self.who = None
        self.note("the page is loaded anew")

    def reopen(self) -> None:
        self.keep_durabilities()
        self.page.close(run_before_unload=False)
        self.note("the tab is closed and opened again")
        self.tablet = Tablet(self.context, self.clinic)
        self.page = self.tablet.page
        self.page.goto(f"/#/session/{self.here.session_id}")
        self.who = None

    def switch(self) -> None:
        if self.who is not None:
            lock(self.tablet)
        other = self.nurses[1] if self.who is self.nurses[0] else self.nurses[0]
        self.who = None
        self.note("the tablet is handed over")
        self.come_in(other)

    def clock(self) -> None:
        minutes = self.chance.choice((-1560, -45, 45, 90))
        self.ahead += minutes
        self.tablet.state(f"window.__moveClock({minutes * 60_000})")
        self.page.wait_for_timeout(1_200)  # the tablet looks at its clocks once a second
        self.note(f"the tablet's clock is moved by {minutes} minutes")
        if minutes > 0 and self.who is not None:
            # forward looks like a tablet that slept unattended
            expect(inside(self.tablet)).to_have_count(0)
            self.who = None

    def storage_full(self) -> None:
        """The set cannot be kept: the screen says so and holds it, and saves it when there is room."""
        who, chair, marker = self.about_to_type("reading")
        at = self.clinic.clock.now()
        values = self.fill_in_set(chair, marker)
        expect(self.page.get_by_text("Note, score of an instrument")).to_be_visible()
        self.tablet.state("window.__full = true")
        self.save_set()
        expect(self.page.get_by_text("could not keep it").first).to_be_visible()
        self.tablet.state("window.__full = false")
        self.save_set()
        self.acknowledged(chair)
        self.typed[marker] = Typed("reading", chair, who, values, at, self.ahead > 0)
        self.note(f"storage is full, then not: {who} types {marker} for {chair.family_name}: {values}")

    def connections_end(self) -> None:
        self.tablet.state("window.__endConnections()")
        self.note("the browser ends the connections to the databases")

    def new_version(self) -> None:
        if not self.reachable:
            self.happened["new_version"] -= 1  # it cannot be had now
            return
        self.somebody()
        self.wire.worker += 1
        self.page.goto("/#/board")
        self.tablet.state("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)")
        self.keep_durabilities()
        start_new_version(self.tablet)
        self.who = None
        self.note("a new version of the app is taken")

    OPERATIONS = (
        (reading, 8), (event, 3), (network, 4), (service, 3), (wire_trouble, 5), (reload, 2), (reopen, 1), (switch, 3),
        (clock, 1), (storage_full, 1), (new_version, 1), (connections_end, 2),
    )  # fmt: skip

    # --- what must hold ---

    def go(self, operations: Sequence[str] | None = None) -> None:
        self.begin()
        for operation in operations or self.pick():
            getattr(self, operation)()
            self.happened[operation] += 1
            self.counter_is_true()
        self.end()
        self.check()

    def pick(self) -> Iterator[str]:
        names = [operation.__name__ for operation, _ in self.OPERATIONS]
        weights = [weight for _, weight in self.OPERATIONS]
        yield "reading"
        yield from self.chance.choices(names, weights, k=self.chance.randint(*STEPS))

    def counter_is_true(self) -> None:
        """What the screen says is unsent is what lies in the outbox, and no less than what the record lacks."""
        if self.who is None:
            return
        said = self.page.get_by_role("link", name=re.compile(r"^(all in the record|\d+ on this tablet|\d+ refused.*)$"))
        deadline = time.monotonic() + 15
        while True:
            text = said.first.inner_text()
            shown = 0 if text == "all in the record" else int(text.split()[0])
            lies = read_outbox(self.tablet)
            if shown == lies or time.monotonic() > deadline:
                break
            self.page.wait_for_timeout(100)
        if shown != lies:
            raise Lost(f"the screen says {text!r}, and {lies} items lie in the outbox")
        if self.service_up:
            lacking = set(self.typed) - set(self.in_the_record())
            if shown == 0 and lacking:
                raise Lost(f"the screen says {text!r}, and the record lacks {sorted(lacking)}")

    def in_the_record(self) -> list[str]:
        found = []
        for chair in self.chairs:
            record = self.clinic.ask(self.clinic.nurse, "GET", f"/v1/sessions/{chair.session_id}")
            found += [str(each["note"]) for each in record["readings"]]
            found += [str(each["detail"]["text"]) for each in record["events"] if each["kind"] == "addendum"]
        return found

    def check(self) -> None:
        counted = Counter(self.in_the_record())
        counted.update(self.refused)
        wrong = {marker: counted[marker] for marker in set(counted) | set(self.typed) if counted[marker] != 1}
        if wrong or set(counted) != set(self.typed):
            raise Lost(f"not exactly once in the record: {wrong}")
        for chair in self.chairs:
            record = self.clinic.ask(self.clinic.nurse, "GET", f"/v1/sessions/{chair.session_id}")
            for reading in record["readings"]:
                self.as_typed(chair, reading, self.typed[reading["note"]], reading["measured_at"])
            for event in record["events"]:
                if event["kind"] == "addendum":
                    self.as_typed(chair, event, self.typed[event["detail"]["text"]], event["at"])
        weak = [each for each in self.durable if not each.endswith(" strict")]
        if weak or not any(each.startswith("outbox") for each in self.durable):
            raise Lost(f"written without strict durability: {weak}")

    def as_typed(self, chair: Chair, found: dict[str, Any], typed: Typed, at: str) -> None:
        vitals = ("systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2")
        values = tuple(found[vital] for vital in vitals) if typed.values else ()
        kept = (chair.family_name, found["recorded_by"]["name"], values)
        if kept != (typed.chair.family_name, typed.author, typed.values):
            raise Lost(f"typed {typed}, kept {kept}")
        off = abs((datetime.fromisoformat(at) - typed.at).total_seconds())
        if off > SURE_SECONDS and not found["clock_doubtful"]:
            raise Lost(f"typed at {typed.at}, kept as {at} and not marked as doubtful")
