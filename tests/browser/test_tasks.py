"""Every task has its control on its screen for whoever may, and for nobody else; and the service says the same."""

from collections.abc import Callable
from datetime import UTC
from re import compile as pattern
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.api.authorisation import AUDITOR, EVERYONE, OPERATOR
from tests.browser.chairs import Chair, maria, marta
from tests.browser.clinic import PASSWORD, Account, Clinic
from tests.browser.sisters import of_one_organisation
from tests.browser.tablet import Tablet
from tests.browser.tasks import TASKS, Task
from tests.browser.ward import check_in, inside, sign_in
from tests.domain import shipped
from tests.tablets_made import known

SHOWN = "new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))"
"""Two pictures later: what was asked to be shown is drawn."""
UNFOLDED = """new MutationObserver(() => {
  for (const each of document.querySelectorAll("details:not([open])")) each.open = true;
}).observe(document, { childList: true, subtree: true })"""
"""An init script: whatever can be unfolded is."""


@pytest.fixture
def engine_name() -> str:
    """Who may do what does not hang on the database."""
    return "sqlite"


@pytest.fixture
def people(clinic: Clinic) -> dict[str, Account]:
    found = {each.role: each for each in (clinic.nurse, clinic.clinician, clinic.lead)}
    for name, role in (("Dov Auditor", AUDITOR), ("Otto Operator", OPERATOR)):
        found[role] = clinic._add(name, role)
    assert set(found) == EVERYONE
    return found


@pytest.fixture
def stands(clinic: Clinic) -> dict[str, str]:
    """A session in each state that a task asks for, and a tablet that holds one of them back; ids by name."""
    over = maria(clinic).checked_in("3").recovered()
    over.discharged()
    recovered = marta(clinic).checked_in("4").recovered()
    away = str(uuid4())
    clinic.ask(clinic.lead, "PUT", f"/v1/tablets/{away}", known(away).enrolment("Blue one"))
    said = {"unsent": 2, "open_sessions": [recovered.id], "drafts": [], "clock_offset_ms": 0}
    clinic.ask(clinic.nurse, "PUT", f"/v1/tablets/{away}/contact", said)
    # a baseline that is not sound: the two sets disagree
    made = check_in(clinic, "Probe")
    begun = Chair(clinic, "Probe", "Maria", "", "", made.patient_id, made.session_id)
    begun.set()
    clinic.clock.forward(10)
    begun.set(systolic=164, diastolic=96)
    # a version that nobody has approved
    document = shipped.document("intranasal-example", version=2)
    clinic.ask(clinic._add("Nora Lead", "lead"), "PUT", "/v1/protocols/intranasal-example/versions/2", document)
    # somebody of another clinic can be opened
    of_one_organisation(clinic)
    now = clinic.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # planned, and cleared by nobody
    course = str(uuid4())
    clinic.ask(clinic.nurse, "PUT", f"/v1/courses/{course}", {"patient_id": begun.patient_id, "planned_sessions": 6})
    ids = {"over": over.id, "recovered": recovered.id, "begun": begun.id, "patient": begun.patient_id, "tablet": away}
    return {**ids, "course": course, "now": now}


def found(tablet: Tablet, told: str) -> Locator:
    """By the role and the words of a row."""
    role, _, words = told.partition(" ")
    return tablet.page.get_by_role(role, name=pattern(words)).first  # type: ignore[arg-type]  # a role's name is a text


def home(tablet: Tablet) -> Locator:
    """Where everybody is who comes to a screen that is not theirs: the board, or the audit."""
    page = tablet.page
    return page.get_by_role("link", name="Sessions of a day").or_(page.get_by_role("heading", name="Audit"))


def wrong_on_screen(tablet: Tablet, role: str, task: Task, stands: dict[str, str]) -> list[str]:
    """What is not as the table says, of one cell."""
    tablet.state("(to) => { location.hash = to; }", f"#/{task.screen.format(**stands)}")
    tablet.state(SHOWN)
    control = found(tablet, task.control)
    beside = tablet.page.get_by_text(task.beside).first if task.beside else home(tablet)
    may = role in task.roles
    try:
        expect((control if may else beside.or_(home(tablet))).first).to_be_visible()
    except AssertionError:
        return [f"{role}: “{task.name}” at {task.screen}: {'no ' + task.control if may else 'nothing is shown'}"]
    tablet.state(SHOWN)
    stood = control.is_visible() and control.is_enabled()
    return [] if stood == may else [f"{role}: “{task.name}” at {task.screen}: {task.control} stands there: {stood}"]


def opened(tablet: Tablet, task: Task, stands: dict[str, str]) -> None:
    """The row that a control stands in."""
    tablet.state("(to) => { location.hash = to; }", f"#/{task.screen.format(**stands)}")
    row = found(tablet, task.opened)
    expect(row.or_(home(tablet)).first).to_be_visible()
    if row.is_visible():
        tablet.tap(row)


def filled(body: Any, stands: dict[str, str]) -> Any:
    return body | {"at": stands["now"]} if isinstance(body, dict) and "at" in body else body


def wrong_at_service(clinic: Clinic, who: Account, task: Task, stands: dict[str, str]) -> list[str]:
    """What the service says otherwise than the table."""
    method, _, path = task.asks.partition(" ")
    body = filled({} if task.body is None and method != "GET" else task.body, stands)
    headers = {"Authorization": f"Bearer {who.token}"}
    answer = clinic.client.request(method, clinic.url + path.format(**stands), json=body, headers=headers)
    refused = answer.status_code == 403 and answer.json()["code"] == "role-may-not"
    may = who.role in task.roles | task.also
    if answer.status_code in {401, 405} or answer.status_code >= 500 or refused == may:
        return [f"{who.role}: “{task.name}”: {task.asks} is answered {answer.status_code}, may: {may}"]
    return []


def stays_out(tablet: Tablet, who: Account) -> None:
    """An operator runs the service and has no app: the sign-in says so."""
    tablet.open()
    tablet.fill("Username", who.username)
    tablet.fill("Password", PASSWORD)
    tablet.tap(tablet.button("Sign in"))
    expect(tablet.page.get_by_role("alert")).to_be_visible()
    expect(inside(tablet)).to_have_count(0)


def test_each_task_has_a_screen_for_whoever_may_and_the_service_says_the_same(
    clinic: Clinic, people: dict[str, Account], stands: dict[str, str], new_tablet: Callable[..., Tablet]
):
    assert [task.name for task in TASKS if not task.screen or not task.control] == []
    wrong = []
    for role, who in people.items():
        wrong += [one for task in TASKS for one in wrong_at_service(clinic, who, task, stands)]
        tablet = new_tablet()
        tablet.context.add_init_script(UNFOLDED)
        if role == OPERATOR:
            stays_out(tablet, who)
            continue
        tablet.open()
        sign_in(tablet, who)
        for task in TASKS:
            if task.opened:
                opened(tablet, task, stands)
            wrong += wrong_on_screen(tablet, role, task, stands)
        tablet.context.close()
    assert wrong == [], "\n".join(wrong)
