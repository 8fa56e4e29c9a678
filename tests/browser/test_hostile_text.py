"""Texts made to be taken for markup, script or an instruction, in every field that takes words: they stay texts."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import Chair
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet

CORPUS = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    '"><svg/onload=window.hit=1>',
    "'; window.hit=1; //",
    "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1}",
    "<a href=javascript:window.hit=1>tap</a>",
    "<style>*{display:none}</style>",
    "<!-- --><plaintext>",
    "]]><iframe srcdoc='<script>parent.hit=1</script>'>",
    "=HYPERLINK(0)",
    "__proto__",
    "\u05d0\u05d1\u05d2 mixed \u0627\u0644 directions",
    "Z\u0351\u036b\u0343a\u030al\u0340go \U0001f469\u200d\u2695\ufe0f",
    "&lt;b&gt;&amp;quot;",
    "-1' OR '1'='1",
)


@pytest.fixture
def engine_name() -> str:
    """A page shows what it is sent; what the databases keep is tested where they are."""
    return "sqlite"


def stays_text(tablet: Tablet, *shown: str) -> None:
    """What was typed stands on the page as a text, and did nothing."""
    for text in shown:
        expect(tablet.page.locator("body")).to_contain_text(text, use_inner_text=False)
    made = "#app :is(img, script, iframe, style, object, [onload], [onerror], a[href^='javascript'])"
    assert tablet.state("window.hit") is None
    assert tablet.state(f'document.querySelectorAll("{made}").length') == 0


def test_shown_as_typed_in_every_view(tablet: Tablet, clinic: Clinic):
    asked: list[str] = []
    tablet.context.on("request", lambda request: asked.append(request.url))
    chairs = [Chair(clinic, f"Q {text}", f"G {text}", "1984-03-11", f"R {text}").known() for text in CORPUS]
    for text, chair in zip(CORPUS, chairs, strict=True):
        chair.checked_in(f"C {text[:38]}")
        chair.start()
    clinic.clock.forward(40)
    for text, chair in zip(CORPUS, chairs, strict=True):
        reading_id = chair.set(note=f"N {text}", gait_steady=None, not_measured={"gait_steady": f"M {text}"})
        chair.correct(
            reading_id, f"W {text}", note=f"V {text}", gait_steady=None, not_measured={"gait_steady": f"M {text}"}
        )
        chair.event("infusion-stopped")
        chair.event("addendum", text=f"A {text}")
        chair.escort(f"E {text}")
    tablet.open()
    tablet.sign_in(clinic.clinician)
    for text in CORPUS:
        stays_text(tablet, f"{f'Q {text}'.upper()}, G {text}", f"R {text}", f"C {text[:38]}")
    for text, chair in zip(CORPUS, chairs, strict=True):
        whole = f"{f'Q {text}'.upper()}, G {text}"
        for address in ("entry", "event", "start", "session"):
            tablet.open(f"/#/{address}/{chair.id}")
            expect(tablet.page.locator("header")).to_contain_text(whole)
            stays_text(tablet, whole, f"R {text}")
        tablet.tap(tablet.page.locator("table").get_by_role("button").first)
        stays_text(tablet, f"V {text}", f"W {text}", f"M {text}")
        tablet.open(f"/#/review/{chair.id}")
        stays_text(tablet, f"E {text}")
        tablet.fill("In your own words", f"O {text}")
        tablet.tap(tablet.button("Decline: the patient stays"))
        tablet.fill("Reason", f"D {text}")
        tablet.fill("Your password", PASSWORD)
        tablet.tap(tablet.button("Sign as Cleo Clinician"))
        expect(tablet.page.get_by_role("heading", name=re.compile("^decline by Cleo"))).to_be_visible()
        stays_text(tablet, f"O {text}", f"D {text}")
    tablet.open("/#/patients")
    expect(tablet.page.get_by_role("button", name=re.compile("^New session for"))).to_have_count(len(CORPUS))
    for text in CORPUS:
        stays_text(tablet, f"New session for Q {text}, G {text}")
    assert [line for line in tablet.said if line.startswith("error")] == []
    elsewhere = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} - {
        urlsplit(clinic.url).netloc
    }
    assert elsewhere == set()


def test_the_policy_allows_nothing_inline(tablet: Tablet, clinic: Clinic):
    answer = tablet.page.goto("/")
    assert answer is not None
    policy = {
        line.split()[0]: line.split()[1:]
        for line in answer.headers["content-security-policy"].split(";")
        if line.strip()
    }
    print(f"\n{policy}")
    assert policy["default-src"] == ["'none'"] or policy["default-src"] == ["'self'"]
    for name, sources in policy.items():
        assert set(sources) <= {"'self'", "'none'"}, name
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    # and it holds: a script put into the page does not run
    tablet.state(
        """() => {
          const made = document.createElement("script");
          made.textContent = "window.hit = 1";
          document.body.append(made);
        }"""
    )
    assert tablet.state("window.hit") is None
    assert any("Content Security Policy" in line for line in tablet.said)
