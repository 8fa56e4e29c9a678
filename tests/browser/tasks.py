"""What there is to do in the app: on which screen, by which words, what the service is asked for it, and who may.

Written by hand from the product's roles, as `tests/api/authorisation.py` is, and taken from nothing that it judges.
Setting up an empty service belongs to nobody who is signed in: `test_from_empty` walks it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.api.authorisation import AUDITOR, CARERS, CLINICIAN, CLINICIANS, EVERYONE, LEAD, OVERSEERS, READERS

LEADS = frozenset({LEAD})
APPROVERS = frozenset({CLINICIAN, LEAD})
WARD = READERS - {AUDITOR}
"""Whose app is more than the audit."""
AUDITORS = frozenset({AUDITOR})
"""They read patients through the service, and have no screen of them."""
NO_ONE = str(uuid4())
"""An id that nobody has."""


@dataclass(frozen=True)
class Task:
    """`screen`: an address, its {names} those of what stands in the test.

    `control`: role and words of what does it. `asks`: method and path; with `body` it is refused for what it says by
    whom it may be asked at all. `beside`: a text of that screen, for whoever comes to it and may not. `opened`: what is
    tapped first, to come to the control. `also`: whom the service answers, without a screen.
    """

    name: str
    screen: str
    control: str
    asks: str
    roles: frozenset[str]
    beside: str = ""
    body: Any = None
    opened: str = ""
    also: frozenset[str] = frozenset()


_S, _R, _O, _P = "/v1/sessions/{begun}", "/v1/sessions/{recovered}", "/v1/sessions/{over}", "/v1/patients/{patient}"
_STAFF = f"/v1/staff/{NO_ONE}"
_VERSION = "/v1/protocols/iv-infusion-example/versions"
_ACCEPTED = {"kind": "baseline-accepted", "at": "{now}", "detail": {"readings": [{"id": NO_ONE, "revision": 1}]}}
_READS = "You read it."

PEOPLE = (
    Task("add a colleague", "setup/colleagues", "button ^Add the colleague", f"PUT {_STAFF}", LEADS),
    Task("change what one may do", "setup/colleagues", "button ^Change what Bea Nurse may", f"PUT {_STAFF}", LEADS),
    Task("give a new link", "setup/colleagues", "button ^New link for Bea", f"POST {_STAFF}/invitation", LEADS),
    Task("see who is signed in", "setup/signed-in", "heading ^Ada Nurse, nurse", "GET /v1/sign-ins", LEADS),
    Task("end sign-ins", "setup/signed-in", "button ^End every .* Ada", f"POST {_STAFF}/sign-ins/end", LEADS),
    Task("say what signs", "clinic/signing", "radiogroup ^What a signature", "PUT /v1/clinic/signing", LEADS),
    Task("say who vouches for people", "clinic/provider", "button ^Save$", "PUT /v1/clinic/provider", LEADS),
    Task(
        "change one's own password",
        "account",
        "button ^Change my password",
        "POST /v1/account/password",
        READERS,
        also=EVERYONE,
    ),
)
PROTOCOLS_AND_PAPERS = (
    Task("read a protocol", "setup/protocols", "link ^Read .*iv-inf", f"GET {_VERSION}/1/changes", APPROVERS),
    Task(
        "see what a version would have changed",
        "setup/iv-infusion-example:1",
        "heading ^The last 90 days under this version",
        f"GET {_VERSION}/1/changes",
        APPROVERS,
    ),
    Task(
        "approve a protocol",
        "setup/intranasal-example:2",
        "heading ^Approve it by name",
        f"POST {_VERSION}/1/approve",
        APPROVERS,
    ),
    Task(
        "write a protocol",
        "setup/iv-infusion-example:1",
        "link ^Make a new version",
        f"PUT {_VERSION}/2",
        LEADS,
        beside="The last 90 days under this version",
    ),
    Task("settle the papers", "clinic/papers", "button ^Save the papers", "PUT /v1/clinic/papers", LEADS),
)
TABLETS_AND_SCREENS = (
    Task("see the tablets", "clinic/tablets", "heading ^Enrolled tablets", "GET /v1/tablets", LEADS),
    Task("name a tablet", "clinic/tablets", "button ^Enrol this tablet", f"PUT /v1/tablets/{NO_ONE}", LEADS),
    Task("rename a tablet", "clinic/tablets", "button ^Save the new name of Blue", f"PUT /v1/tablets/{NO_ONE}", LEADS),
    Task("retire a tablet", "clinic/tablets", "button ^Take out of use: Blue", f"PUT /v1/tablets/{NO_ONE}", LEADS),
    Task(
        "release a tablet",
        "release/{recovered}",
        "button ^Release “Blue one”",
        "POST /v1/tablets/{tablet}/release",
        LEADS,
        beside="A lead releases a tablet.",
    ),
    Task("settle how tablets call", "clinic", "button ^Save for every tablet", "PUT /v1/clinic/settings", LEADS),
    Task("hang up a wall board", "clinic/walls", "button ^Make its link", f"PUT /v1/walls/{NO_ONE}", LEADS),
)
MACHINES_AND_FILES = (
    Task("register a machine", "desk/machines", "button ^Register it", "POST /v1/clients", LEADS),
    Task("add a webhook", "desk/webhooks", "button ^Add it", "POST /v1/webhooks", LEADS),
    Task("import", "clinic/import", "button ^Look at the file", "POST /v1/imports/patients/report", LEADS),
    Task("export", "clinic/exports", "button ^Order everything", "GET /v1/exports", OVERSEERS),
)
LOOKING_BACK = (
    Task("ask the audit", "desk/audit", "radiogroup ^What do you ask", "GET /v1/audit", OVERSEERS),
    Task("check the audit", "desk/audit", "button ^Check every entry", "GET /v1/audit/check", OVERSEERS),
    Task("see the clinic in numbers", "evidence", "heading ^How long it takes", "GET /v1/evidence", OVERSEERS),
    Task(
        "see what was opened with a reason",
        "clinic/break-glass",
        "heading ^Nobody has looked at these",
        "GET /v1/break-glass",
        LEADS,
        also=AUDITORS,
    ),
)
PATIENTS = (
    Task("find a patient", "patients", "searchbox ^Name or", "POST /v1/patients/search", WARD, also=AUDITORS),
    Task("add a patient", "patients", "button ^Add a patient", f"PUT /v1/patients/{NO_ONE}", CARERS, "Name or record"),
    Task(
        "come to a patient of another clinic",
        "patients",
        "link ^A patient of another clinic",
        "GET /v1/organisation",
        APPROVERS,
        "Name or record",
    ),
    Task(
        "open a patient of another clinic",
        "elsewhere",
        "button ^Open this one patient",
        f"PUT /v1/break-glass/{NO_ONE}",
        APPROVERS,
    ),
    Task("see past sessions", "past/{patient}", "heading ^Sessions", f"GET {_P}/past", WARD, also=AUDITORS),
    Task(
        "begin a session",
        "past/{patient}",
        "button ^New session for",
        f"PUT /v1/sessions/{NO_ONE}",
        CARERS,
        "Record number",
    ),
    Task(
        "plan a course",
        "past/{patient}",
        "button ^Plan this course",
        f"PUT /v1/courses/{NO_ONE}",
        CARERS,
        "No clinician has cleared it.",
    ),
    Task(
        "change a course",
        "past/{patient}",
        "button ^Change this course",
        "PUT /v1/courses/{course}",
        CARERS,
        "No clinician has cleared it.",
    ),
    Task(
        "clear a course",
        "past/{patient}",
        "button ^Clear this course",
        f"PUT /v1/courses/{NO_ONE}/clearance",
        CLINICIANS,
        "No clinician has cleared it.",
        {"note": 1},
    ),
    Task(
        "begin a session in a course",
        "past/{patient}",
        "button ^New session in this course",
        f"PUT /v1/sessions/{NO_ONE}",
        CARERS,
        "No clinician has cleared it.",
    ),
    Task("find other days", "days", "button ^Look for more than", "GET /v1/session-lines", WARD, also=AUDITORS),
    Task("see which forms are due", "forms", "heading ^Monitoring", "GET /v1/monitoring-forms", WARD, also=AUDITORS),
)
BEFORE_A_DOSE = (
    Task("mend a patient's name", "start/{begun}", "button ^Save patient", f"PUT {_P}", CARERS, _READS),
    Task("change chair and weight", "start/{begun}", "button ^Save chair", f"PUT {_S}", CARERS, _READS),
    Task("screen", "start/{begun}", "button ^Save screening", f"PUT {_S}/screening", CARERS, _READS),
    Task("say who takes them home", "start/{begun}", "button ^Seen here now", f"PUT {_S}/escort", CARERS, _READS),
    Task(
        "clear a session",
        "start/{begun}",
        "button ^Clear this session",
        f"PUT {_S}/clearance",
        CLINICIANS,
        "Not cleared:",
        {"note": 1},
    ),
    Task(
        "accept a baseline",
        "session/{begun}",
        "button ^Accept this baseline",
        f"PUT {_S}/events/{NO_ONE}",
        CLINICIANS,
        "not sound",
        _ACCEPTED,
    ),
)
THE_SESSION = (
    Task("take a set", "session/{begun}", "link ^New set", f"PUT {_S}/readings/{NO_ONE}", CARERS, "Discharge criteria"),
    Task("take one from the board", "board", "link ^New set for", f"PUT {_S}/readings/{NO_ONE}", CARERS, "PROBE"),
    Task("enter an event", "session/{begun}", "link ^Event", f"PUT {_S}/events/{NO_ONE}", CARERS, "Discharge criteria"),
    Task(
        "correct a set",
        "session/{begun}",
        "link ^Correct this set",
        f"POST {_S}/readings/{NO_ONE}/corrections",
        CARERS,
        "Revision 1",
        opened="row 164.96",
    ),
    Task(
        "sign that a patient may leave",
        "review/{recovered}",
        "checkbox Alert",
        f"POST {_R}/confirmations",
        CLINICIANS,
        "Discharge criteria",
    ),
    Task(
        "let a patient go",
        "review/{recovered}",
        "button leaves now$",
        f"POST {_R}/discharge",
        CARERS,
        "Discharge criteria",
    ),
    Task(
        "take a pack along",
        "session/{over}",
        "button ^Save the pack",
        f"GET {_O}/pack",
        APPROVERS,
        "This session is over",
        also=AUDITORS,
    ),
    Task(
        "add to what is over",
        "session/{over}",
        "link ^Addendum",
        f"PUT {_O}/events/{NO_ONE}",
        CARERS,
        "This session is over",
    ),
)
TASKS = (
    *PEOPLE,
    *PROTOCOLS_AND_PAPERS,
    *TABLETS_AND_SCREENS,
    *MACHINES_AND_FILES,
    *LOOKING_BACK,
    *PATIENTS,
    *BEFORE_A_DOSE,
    *THE_SESSION,
)
