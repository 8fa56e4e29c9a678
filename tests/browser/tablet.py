"""One tablet, used as a hand uses it: what is tapped is found by the words on it, and every tap is counted."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.browser.clinic import PASSWORD, Account, Clinic

SAVING = "Saving…"
ONE_MORE_TASK = """new Promise((done) => {
  const way = new MessageChannel();
  way.port1.onmessage = () => done(0);
  way.port2.postMessage(0);
})"""
"""The page has come to the end of what it was doing."""
CLOCK = re.compile(r"/contact$|/v1/clock$")
"""What is asked whose answer says what time it is."""
PATIENCE = 20_000
"""Milliseconds that a busy machine is waited for."""
expect.set_options(timeout=PATIENCE)


class Tablet:
    def __init__(self, context: BrowserContext, clinic: Clinic) -> None:
        self.context = context
        self.clinic = clinic
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.taps = 0
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.asking: set[Request] = set()
        self.page.on("request", self._begun)
        self.page.on("requestfinished", self._over)
        self.page.on("requestfailed", self._over)

    def _begun(self, request: Request) -> None:
        if CLOCK.search(request.url):
            self.asking.add(request)

    def _over(self, request: Request) -> None:
        self.asking.discard(request)

    def open(self, address: str = "/") -> None:
        self.page.goto(address)
        # the app, or what it says where it may keep nothing
        self.page.locator("#app > *, main[role=alert]").first.wait_for(state="attached")

    def tap(self, what: Locator) -> None:
        """One tap of a finger."""
        try:
            what.tap()
        except NotInTime:
            # without a screen the browser now and then stops drawing after a resize; a picture makes it draw again
            self.page.screenshot()
            what.tap()
        self.taps += 1

    def button(self, words: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=words)

    def link(self, words: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=words)

    def radio(self, group: str | re.Pattern[str], choice: str) -> Locator:
        return self.page.get_by_role("radiogroup", name=group).get_by_role("radio", name=choice, exact=True)

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def sign_in(self, who: Account) -> None:
        if "#" not in self.page.url and not self.page.url.startswith(self.clinic.url):
            self.open()
        self.fill("Username", who.username)
        self.fill("Password", PASSWORD)
        self.tap(self.page.get_by_role("button", name="Sign in", exact=True))
        expect(self.page.get_by_text(who.name, exact=True)).to_be_visible()

    def lock(self) -> None:
        self.tap(self.button("Lock"))
        expect(self.page.get_by_label("Password")).to_be_visible()

    def pass_by(self, minutes: float) -> None:
        """The clinic's clock goes forward, and the tablet hears of it."""
        # an answer that tells the time of before, and comes last, would put the tablet in doubt for a moment
        self.state(ONE_MORE_TASK)
        self.until(lambda: self.asking, set())
        self.clinic.clock.forward(minutes)
        with self.page.expect_request(re.compile("/contact$")) as asked:
            self.page.evaluate("dispatchEvent(new Event('focus'))")
        answer = asked.value.response()
        assert answer is not None
        answer.finished()
        self.state(ONE_MORE_TASK)

    def type_digits(self, digits: str) -> None:
        """On the pad of the app."""
        for digit in digits:
            self.tap(self.page.get_by_role("button", name=digit, exact=True))

    def all_in_the_record(self) -> None:
        """What was tapped has begun, is kept on the tablet, and has reached the record."""
        self.state(ONE_MORE_TASK)
        expect(self.page.get_by_text(SAVING, exact=True)).to_have_count(0)
        expect(self.page.get_by_text("all in the record")).to_be_visible()

    def until(self, found: Callable[[], object], wanted: object) -> None:
        """Waits until it is found so; what is found instead is the fault."""
        for _ in range(PATIENCE // 100):
            if found() == wanted:
                return
            self.page.wait_for_timeout(100)
        assert found() == wanted

    def state(self, script: str, given: object = None) -> Any:
        return self.page.evaluate(script, given)
