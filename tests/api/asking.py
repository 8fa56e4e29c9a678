"""One good request for every operation: what somebody who may would send. Used by whoever walks all of them.

`Standing` is a clinic in which each of them makes sense: sessions in every state a verb asks for. `renewed` makes those
things anew that can be used only once (a session to sign, to leave, a notice to acknowledge).
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import update

from app.db import webhooks as kept_webhooks
from app.db.tables import webhook_deliveries
from app.db.work import service_actor
from app.domain.webhooks import Webhook
from app.exchange.base64url import encoded
from app.exchange.web_push import PushSender
from app.exchange.webhooks import new_secret
from app.jobs import feed
from app.services import webhooks
from tests.api import bodies, openings
from tests.api import clinic as made
from tests.api.authorisation import IMPORTS, OF_WHO_OPENED, OF_WHO_ORDERED, ORDERS
from tests.api.bodies import PASSWORD, at
from tests.api.clinic import Clinic, Person
from tests.api.exporting import end_all, finished, ordered
from tests.api.factors import OF_OWN
from tests.domain import shipped
from tests.tablets_made import MADE, MadeTablet, known

NOW = 107.0
"""The minute at which every request below is good."""

_numbers = count(1)


@dataclass
class Standing:
    """Ids in one clinic, each of the kind its name says."""

    clinic: Clinic
    patient: str
    course: str
    planned: str
    excluded: str
    treated: str
    reading: str
    event: str
    ready: str
    digest: str
    signed: str
    noticed: str
    nasal: str
    left: str
    """Discharged."""
    notice: str
    staff: str
    tablet: str
    webhook: str
    client: str
    target: str
    """A webhook to which nothing was given up."""
    sister: str
    """Another clinic of the organisation, which has a patient and a clinician."""
    opening: str
    """What its clinician has opened here."""
    protocol_version: int = 1
    invitation: str = "x" * 43

    def unknown(self) -> "Standing":
        """The same, but of ids that nobody knows."""
        ids = ("patient", "course", "planned", "excluded", "treated", "reading", "event", "ready", "signed", "noticed")
        more = ("nasal", "left", "notice", "staff", "tablet", "webhook", "client", "target", "sister", "opening")
        return replace(self, **{name: str(uuid4()) for name in (*ids, *more)})


def standing_in(clinic: Clinic) -> Standing:
    """Sets up one of each."""
    patient, course, excluded = clinic.add_patient(), str(uuid4()), standing_excluded(clinic)
    clinic.nurse.put(f"/v1/courses/{course}", {"patient_id": patient, "planned_sessions": 6})
    planned = clinic.plan(patient_id=patient, course_id=course)
    treated = clinic.treated()
    ready = clinic.ready()
    signed = clinic.signed()
    noticed, notice = clinic.noticed()
    nasal = clinic.plan(nasal=True)
    left = clinic.discharged()
    clinic.lead.put("/v1/clinic/papers", PAPERS)
    sister = openings.sister_of(clinic)
    clinic.to(NOW)
    record = clinic.nurse.get(f"/v1/sessions/{treated}")
    return Standing(
        clinic=clinic,
        patient=patient,
        course=course,
        planned=planned,
        excluded=excluded,
        treated=treated,
        reading=record["readings"][0]["id"],
        event=record["events"][0]["id"],
        ready=ready,
        digest=clinic.digest(ready),
        signed=signed,
        noticed=noticed,
        nasal=nasal,
        left=left,
        notice=notice,
        staff=clinic.nurse.id,
        tablet=enrolled(clinic),
        webhook=given_up(clinic),
        client=clinic.lead.post("/v1/clients", REGISTRATION)["id"],
        target=clinic.lead.post("/v1/webhooks", TARGET)["id"],
        sister=str(sister.id),
        opening=openings.opened(sister.clinician, clinic, patient),
    )


SECRET = new_secret(bytes(range(32)))
DEVICE = base64.b64encode(bytes(32)).decode()

CALLING = {"loudest": "loud", "quietest": "quiet", "vibration": False, "escalate_seconds": 90}
"""How a clinic's tablets call."""

PAPERS = {
    "care_setting": "Outpatient clinic",
    "address": "1 Harbour Road\nHarbour",
    "phone": "+44 20 7946 0000",
    "email": "ward@clinic.example",
    "enrolment_number": "S-77",
    "form_days": 7,
    "instructions": "Do not drive until tomorrow.\nDrink no alcohol today.",
    "values_on_sheet": False,
}
"""What a clinic's papers say."""
FORM_ANSWERS = {"first_treatment": "no", "medicines": {"opioids": "unknown", "maois": "no"}, "monitored_by": "A nurse"}

PROVIDER = {
    "name": "House key",
    "issuer": "https://login.example/realm",
    "client_id": "vitals",
    "client_secret": "never told",
}
"""Who vouches for a clinic's people."""

FILE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Basic"}}]}
"""A file to import."""
REGISTRATION = {
    "name": "A record system",
    "scopes": "system/*.rs",
    "jwks": None,
    "jwks_url": "https://records.example/jwks",
}
"""A machine of a clinic."""

TARGET = {"url": "https://localhost/in", "kinds": None, "with_values": False}
"""A webhook: its name is taken, and nothing is ever sent to where it leads."""

HEARS = {"endpoint": "https://push.example/one", "p256dh": PushSender.of(bytes(32)).public, "auth": encoded(bytes(16))}
"""Where a browser hears push messages."""


def enrolled(clinic: Clinic) -> str:
    """A tablet with a name, on which the nurse has set a PIN."""
    made = known()
    tablet = made.id
    clinic.lead.put(f"/v1/tablets/{tablet}", made.enrolment("Chair 3"))
    clinic.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": "4927", "device": DEVICE}, expect=200)
    return tablet


def given_up(clinic: Clinic) -> str:
    """A paused webhook, to which the first change of the clinic could not be delivered."""
    service, who = clinic.service, service_actor(clinic.id)
    service.client.portal.call(feed.number_all, service.database, service.clock)
    webhook = Webhook(
        uuid4(), clinic.id, "https://198.51.1.1/", None, False, False, SECRET, None, None, None, service.clock.wall()
    )

    def keep(work):
        webhooks.add(work, webhook, from_start=True)
        webhooks.pause(work, webhook.id, "for the time being")
        kept_webhooks.spread(work, webhook, service.clock.wall())
        work.change(update(webhook_deliveries), {"dead": True, "next_at": None})

    service.database.write_now(keep, who, service.clock.now())
    return str(webhook.id)


def _dead_again(there: Standing) -> Standing:
    """Its first letter is dead, even where it was sent again."""
    service, who = there.clinic.service, service_actor(there.clinic.id)
    statement = update(webhook_deliveries).where(webhook_deliveries.c.clinic_id == there.clinic.id)
    service.database.write_now(
        lambda work: work.change(statement, {"dead": True, "next_at": None}), who, service.clock.now()
    )
    return there


def _new_client(there: Standing) -> Standing:
    return replace(there, client=there.clinic.lead.post("/v1/clients", REGISTRATION)["id"])


def _new_target(there: Standing) -> Standing:
    return replace(there, target=there.clinic.lead.post("/v1/webhooks", TARGET)["id"])


def _opened(there: Standing) -> Standing:
    """The tablet has a session open again."""
    said = {"unsent": 0, "open_sessions": [there.planned], "clock_offset_ms": 0}
    there.clinic.nurse.put(f"/v1/tablets/{there.tablet}/contact", said, expect=200)
    return there


def _new_reading(there: Standing) -> Standing:
    return replace(there, reading=there.clinic.reading(there.treated, 45)["id"])


def _new_event(there: Standing) -> Standing:
    return replace(there, event=there.clinic.event(there.treated, 46, "oxygen-stopped")["id"])


def _new_excluded(there: Standing) -> Standing:
    return replace(there, excluded=standing_excluded(there.clinic))


def standing_excluded(clinic: Clinic) -> str:
    """A planned session with one exclusion present."""
    session_id = clinic.plan(cleared=False)
    clinic.nurse.put(f"/v1/sessions/{session_id}/screening", bodies.screening(pregnancy=True))
    return session_id


def _new_ready(there: Standing) -> Standing:
    ready = there.clinic.ready()
    there.clinic.to(NOW)
    return replace(there, ready=ready, digest=there.clinic.digest(ready))


def _new_signed(there: Standing) -> Standing:
    return replace(there, signed=there.clinic.signed())


def _new_notice(there: Standing) -> Standing:
    noticed, notice = there.clinic.noticed()
    return replace(there, noticed=noticed, notice=notice)


def _new_opening(there: Standing) -> Standing:
    """By somebody new: one person may open only so many a day."""
    visitor = openings.visitor_of(there.clinic, there.sister)
    return replace(there, opening=openings.opened(visitor, there.clinic, there.patient))


def ended_exports(there: Standing) -> Standing:
    """Only so many exports may be under way at once."""
    end_all(there.clinic)
    return there


def _new_version(there: Standing) -> Standing:
    """A draft nobody has approved."""
    version = 1000 + next(_numbers)
    path = f"/v1/protocols/iv-infusion-example/versions/{version}"
    # by somebody who is not asked to approve it
    there.clinic.hire("lead").put(path, shipped.document(version=version))
    return replace(there, protocol_version=version)


@dataclass(frozen=True)
class Question:
    """How one operation is asked. `ask` gives (path, body); `renew` what must be made anew for each good answer."""

    ask: Callable[[Standing], tuple[str, Any]]
    renew: Callable[[Standing], Standing] | None = None


def _new_account(there: Standing) -> Standing:
    """An account whose owner is invited."""
    path, body = _account(there)
    invited = there.clinic.lead.put(path, body)
    return replace(there, staff=invited["id"], invitation=invited["invitation"]["token"])


def _draft(there: Standing) -> tuple[str, Any]:
    version = 5000 + next(_numbers)
    return f"/v1/protocols/iv-infusion-example/versions/{version}", shipped.document(version=version)


def _account(there: Standing) -> tuple[str, Any]:
    username = str(uuid4())
    body = {"username": username, "name": "A new nurse", "role": "nurse"}
    return f"/v1/staff/{uuid4()}", body


def _sign_in(there: Standing) -> tuple[str, Any]:
    return "/v1/sign-in", {"username": there.clinic.nurse.username, "password": PASSWORD}


def _first_run(there: Standing) -> tuple[str, Any]:
    lead = {"username": "somebody", "name": "Somebody", "password": PASSWORD}
    return "/v1/first-run", {"token": "x" * 43, "clinic": "Another", "lead": lead}


def _plain(path: str, body: Any = None) -> Question:
    return Question(lambda there: (path, body))


_S = "/v1/sessions"

QUESTIONS: dict[tuple[str, str], Question] = {
    ("POST", "/v1/sign-in"): Question(_sign_in),
    ("POST", "/v1/sign-out"): _plain("/v1/sign-out"),
    ("POST", "/v1/sign-in/lock"): _plain("/v1/sign-in/lock"),
    ("POST", "/v1/sign-in/pin"): Question(
        lambda s: ("/v1/sign-in/pin", {"tablet_id": s.tablet, "staff_id": s.staff, "pin": "4927", "device": DEVICE})
    ),
    ("GET", "/v1/sign-in/provider"): _plain("/v1/sign-in/provider"),
    # asked here of a clinic that nobody knows, and with what nobody was given
    ("POST", "/v1/sign-in/provider/begin"): Question(
        lambda s: ("/v1/sign-in/provider/begin", {"clinic": str(uuid4())})
    ),
    ("POST", "/v1/sign-in/provider/finish"): _plain(
        "/v1/sign-in/provider/finish", {"browser": "x" * 43, "state": "x" * 43, "code": "x"}
    ),
    # a form, of a clinic that nobody knows
    ("POST", "/v1/sign-in/provider/{clinic_id}/logout"): Question(
        lambda s: (f"/v1/sign-in/provider/{uuid4()}/logout", None)
    ),
    ("GET", "/v1/clinic/provider"): _plain("/v1/clinic/provider"),
    ("PUT", "/v1/clinic/provider"): _plain("/v1/clinic/provider", PROVIDER),
    ("POST", "/v1/account/identity/begin"): _plain("/v1/account/identity/begin", {"password": PASSWORD}),
    ("POST", "/v1/account/identity/unlink"): _plain("/v1/account/identity/unlink", {"password": PASSWORD}),
    ("GET", "/v1/clock"): _plain("/v1/clock"),
    ("POST", "/oauth/token"): _plain("/oauth/token", {}),
    ("GET", "/.well-known/smart-configuration"): _plain("/.well-known/smart-configuration"),
    ("GET", "/fhir/.well-known/smart-configuration"): _plain("/fhir/.well-known/smart-configuration"),
    ("GET", "/v1/first-run"): _plain("/v1/first-run"),
    ("POST", "/v1/first-run"): Question(_first_run),
    ("GET", "/health/live"): _plain("/health/live"),
    ("GET", "/health/ready"): _plain("/health/ready"),
    ("PUT", "/v1/staff/{staff_id}"): Question(_account),
    ("GET", "/v1/staff"): _plain("/v1/staff"),
    ("GET", "/v1/staff/{staff_id}"): Question(lambda s: (f"/v1/staff/{s.staff}", None)),
    ("GET", "/v1/staff/{staff_id}/history"): Question(lambda s: (f"/v1/staff/{s.staff}/history", None)),
    ("GET", "/v1/account/second-factor"): _plain("/v1/account/second-factor"),
    ("POST", "/v1/account/nonces"): _plain("/v1/account/nonces"),
    # asked here with what nobody was given: whoever may be served brings something of their own (`OF_OWN`)
    ("POST", "/v1/account/passkeys/begin"): _plain("/v1/account/passkeys/begin", {"password": PASSWORD}),
    ("POST", "/v1/account/passkeys"): _plain(
        "/v1/account/passkeys", {"nonce": "0" * 64, "name": "phone", "client_data": "e30", "attestation": "oA"}
    ),
    ("POST", "/v1/account/six-digits/begin"): _plain("/v1/account/six-digits/begin", {"password": PASSWORD}),
    ("POST", "/v1/account/six-digits"): _plain("/v1/account/six-digits", {"nonce": "0" * 64, "code": "000000"}),
    ("POST", "/v1/account/second-factor/remove"): _plain(
        "/v1/account/second-factor/remove", {"password": PASSWORD, "factor": "six-digits"}
    ),
    ("POST", "/v1/account/recovery-codes"): _plain("/v1/account/recovery-codes", {"password": PASSWORD}),
    ("GET", "/v1/clinic/signing"): _plain("/v1/clinic/signing"),
    ("PUT", "/v1/clinic/signing"): _plain("/v1/clinic/signing", {"signing": "password", "password": PASSWORD}),
    ("PUT", "/v1/tablets/{tablet_id}"): Question(lambda s: (f"/v1/tablets/{uuid4()}", {"name": "Chair 4"})),
    ("POST", "/v1/staff/{staff_id}/invitation"): Question(
        lambda s: (f"/v1/staff/{s.staff}/invitation", None), _new_account
    ),
    # of somebody nobody needs afterwards
    ("POST", "/v1/staff/{staff_id}/sign-ins/end"): Question(
        lambda s: (f"/v1/staff/{s.staff}/sign-ins/end", None), _new_account
    ),
    ("GET", "/v1/sign-ins"): _plain("/v1/sign-ins"),
    ("POST", "/v1/invitations/open"): Question(lambda s: ("/v1/invitations/open", {"token": s.invitation})),
    ("POST", "/v1/invitations/accept"): Question(
        lambda s: ("/v1/invitations/accept", {"token": s.invitation, "password": PASSWORD}), _new_account
    ),
    ("GET", "/v1/account"): _plain("/v1/account"),
    ("POST", "/v1/account/password"): _plain(
        "/v1/account/password", {"password": PASSWORD, "new_password": f"{PASSWORD}, and another"}
    ),
    ("GET", "/v1/account/sign-ins"): _plain("/v1/account/sign-ins"),
    # asked here with a sign-in nobody has: whoever may be served is given one of their own
    ("POST", "/v1/account/sign-ins/{sign_in_id}/end"): Question(
        lambda s: (f"/v1/account/sign-ins/{uuid4()}/end", None)
    ),
    ("GET", "/v1/tablets"): _plain("/v1/tablets"),
    ("GET", "/v1/tablets/{tablet_id}/history"): Question(lambda s: (f"/v1/tablets/{s.tablet}/history", None)),
    ("POST", "/v1/tablets/{tablet_id}/release"): Question(
        lambda s: (f"/v1/tablets/{s.tablet}/release", {"session_id": s.planned, "reason": "fell into the sink"}),
        _opened,
    ),
    ("POST", "/v1/tablets/{tablet_id}/not-entered"): Question(
        lambda s: (
            f"/v1/tablets/{uuid4()}/not-entered",
            {"item": str(uuid4()), "about": "a set", "typed": "{}", "refused": "{}", "reason": "typed twice"},
        )
    ),
    ("PUT", "/v1/tablets/{tablet_id}/contact"): Question(
        lambda s: (f"/v1/tablets/{uuid4()}/contact", {"unsent": 0, "open_sessions": [], "clock_offset_ms": 0})
    ),
    ("PUT", "/v1/tablets/{tablet_id}/public-key"): Question(
        lambda s: (
            f"/v1/tablets/{s.tablet}/public-key",
            {"public_key": MADE.get(s.tablet, MadeTablet()).another_key()},
        )
    ),
    ("POST", "/v1/tablets/{tablet_id}/key"): Question(lambda s: (f"/v1/tablets/{uuid4()}/key", {})),
    ("PUT", "/v1/tablets/{tablet_id}/pin"): Question(
        lambda s: (f"/v1/tablets/{s.tablet}/pin", {"pin": "4927", "device": DEVICE})
    ),
    ("PUT", "/v1/walls/{wall_id}"): Question(lambda s: (f"/v1/walls/{uuid4()}", {"name": "Corridor"})),
    ("GET", "/v1/walls"): _plain("/v1/walls"),
    ("GET", "/v1/wall"): _plain("/v1/wall"),
    ("POST", "/v1/alerts/seen"): Question(
        lambda s: ("/v1/alerts/seen", {"session_id": s.treated, "alerts": [f"{s.reading}.1.systolic"]})
    ),
    ("GET", "/v1/alerts/seen"): _plain("/v1/alerts/seen"),
    ("GET", "/v1/tablets/{tablet_id}/push"): Question(lambda s: (f"/v1/tablets/{uuid4()}/push", None)),
    ("PUT", "/v1/tablets/{tablet_id}/push"): Question(lambda s: (f"/v1/tablets/{uuid4()}/push", HEARS)),
    ("DELETE", "/v1/tablets/{tablet_id}/push"): Question(lambda s: (f"/v1/tablets/{uuid4()}/push", None)),
    ("GET", "/v1/clinic/settings"): _plain("/v1/clinic/settings"),
    ("PUT", "/v1/clinic/settings"): _plain("/v1/clinic/settings", CALLING),
    ("GET", "/v1/clinic/papers"): _plain("/v1/clinic/papers"),
    ("PUT", "/v1/clinic/papers"): _plain("/v1/clinic/papers", PAPERS),
    ("PUT", "/v1/patients/{patient_id}"): Question(lambda s: (f"/v1/patients/{uuid4()}", bodies.patient())),
    ("GET", "/v1/patients/{patient_id}"): Question(lambda s: (f"/v1/patients/{s.patient}", None)),
    ("GET", "/v1/patients/{patient_id}/history"): Question(lambda s: (f"/v1/patients/{s.patient}/history", None)),
    ("PUT", "/v1/patients/{patient_id}/programme"): Question(
        lambda s: (f"/v1/patients/{s.patient}/programme", {"enrolled": "yes"})
    ),
    ("GET", "/v1/patients/{patient_id}/programme/history"): Question(
        lambda s: (f"/v1/patients/{s.patient}/programme/history", None)
    ),
    ("POST", "/v1/patients/search"): _plain("/v1/patients/search", {"text": "Probe"}),
    ("GET", "/v1/patients/{patient_id}/courses"): Question(lambda s: (f"/v1/patients/{s.patient}/courses", None)),
    ("GET", "/v1/patients/{patient_id}/past"): Question(lambda s: (f"/v1/patients/{s.patient}/past", None)),
    ("GET", "/v1/session-lines"): _plain("/v1/session-lines"),
    ("GET", "/v1/sessions/{session_id}/before"): Question(lambda s: (f"{_S}/{s.ready}/before", None)),
    ("PUT", "/v1/courses/{course_id}"): Question(
        lambda s: (f"/v1/courses/{uuid4()}", {"patient_id": s.patient, "planned_sessions": 6})
    ),
    ("GET", "/v1/courses/{course_id}"): Question(lambda s: (f"/v1/courses/{s.course}", None)),
    ("GET", "/v1/courses/{course_id}/history"): Question(lambda s: (f"/v1/courses/{s.course}/history", None)),
    ("PUT", "/v1/courses/{course_id}/clearance"): Question(lambda s: (f"/v1/courses/{s.course}/clearance", {})),
    ("GET", "/v1/courses/{course_id}/clearance/history"): Question(
        lambda s: (f"/v1/courses/{s.course}/clearance/history", None)
    ),
    ("GET", "/v1/sessions/{session_id}/history"): Question(lambda s: (f"{_S}/{s.ready}/history", None)),
    **{
        ("GET", f"/v1/sessions/{{session_id}}/{sheet}/history"): Question(
            lambda s, sheet=sheet: (f"{_S}/{s.ready}/{sheet}/history", None)
        )
        for sheet in ("screening", "clearance", "escort")
    },
    ("PUT", "/v1/sessions/{session_id}"): Question(lambda s: (f"{_S}/{uuid4()}", bodies.header(s.patient))),
    ("GET", "/v1/sessions/{session_id}"): Question(lambda s: (f"{_S}/{s.ready}", None)),
    ("GET", "/v1/sessions"): _plain(_S),
    ("GET", "/v1/stream"): _plain("/v1/stream"),
    ("GET", "/v1/board"): _plain("/v1/board"),
    ("PUT", "/v1/sessions/{session_id}/screening"): Question(
        lambda s: (f"{_S}/{s.planned}/screening", bodies.screening())
    ),
    ("POST", "/v1/sessions/{session_id}/screening/override"): Question(
        lambda s: (
            f"{_S}/{s.excluded}/screening/override",
            {"exclusions": ["pregnancy"], "reason": "a test misread", "password": PASSWORD},
        ),
        _new_excluded,
    ),
    ("PUT", "/v1/sessions/{session_id}/clearance"): Question(lambda s: (f"{_S}/{s.planned}/clearance", {})),
    ("PUT", "/v1/sessions/{session_id}/events/{event_id}"): Question(
        lambda s: (f"{_S}/{s.treated}/events/{uuid4()}", bodies.event(50, "oxygen-stopped"))
    ),
    ("POST", "/v1/sessions/{session_id}/events/{event_id}/void"): Question(
        lambda s: (f"{_S}/{s.treated}/events/{s.event}/void", {"reason": "typed twice"}), _new_event
    ),
    ("PUT", "/v1/sessions/{session_id}/readings/{reading_id}"): Question(
        lambda s: (f"{_S}/{s.treated}/readings/{uuid4()}", bodies.reading(55))
    ),
    ("POST", "/v1/sessions/{session_id}/readings/{reading_id}/corrections"): Question(
        lambda s: (
            f"{_S}/{s.treated}/readings/{s.reading}/corrections",
            {"reason": "misread", "reading": bodies.reading(-20, note=f"corrected {next(_numbers)}")},
        )
    ),
    ("POST", "/v1/sessions/{session_id}/readings/{reading_id}/void"): Question(
        lambda s: (f"{_S}/{s.treated}/readings/{s.reading}/void", {"reason": "another patient's"}), _new_reading
    ),
    ("GET", "/v1/sessions/{session_id}/readings/{reading_id}/history"): Question(
        lambda s: (f"{_S}/{s.treated}/readings/{s.reading}/history", None)
    ),
    ("PUT", "/v1/sessions/{session_id}/escort"): Question(
        lambda s: (f"{_S}/{s.ready}/escort", {"name": "A friend", "present": True})
    ),
    ("GET", "/v1/sessions/{session_id}/readiness"): Question(lambda s: (f"{_S}/{s.ready}/readiness", None)),
    ("GET", "/v1/sessions/{session_id}/assessments"): Question(lambda s: (f"{_S}/{s.ready}/assessments", None)),
    ("POST", "/v1/sessions/{session_id}/confirmations"): Question(
        lambda s: (f"{_S}/{s.ready}/confirmations", bodies.confirmation(s.digest)), _new_ready
    ),
    ("POST", "/v1/sessions/{session_id}/notices/{notice_id}/acknowledge"): Question(
        lambda s: (f"{_S}/{s.noticed}/notices/{s.notice}/acknowledge", {"note": "seen"}), _new_notice
    ),
    ("POST", "/v1/sessions/{session_id}/discharge"): Question(
        lambda s: (f"{_S}/{s.signed}/discharge", {"left_at": at(106), "instructions_given": True}), _new_signed
    ),
    **{
        ("GET", f"/v1/sessions/{{session_id}}/{name}"): Question(lambda s, name=name: (f"{_S}/{s.nasal}/{name}", None))
        for name in ("monitoring-summary", "monitoring-summary.pdf", "form-answers/history")
    },
    ("PUT", "/v1/sessions/{session_id}/form-answers"): Question(
        lambda s: (f"{_S}/{s.nasal}/form-answers", FORM_ANSWERS)
    ),
    ("GET", "/v1/monitoring-forms"): _plain("/v1/monitoring-forms"),
    **{
        ("GET", f"/v1/sessions/{{session_id}}/{name}"): Question(lambda s, name=name: (f"{_S}/{s.left}/{name}", None))
        for name in ("after-visit-sheet", "after-visit-sheet.pdf")
    },
    ("GET", "/v1/downtime-sheets.pdf"): _plain("/v1/downtime-sheets.pdf"),
    ("GET", "/v1/downtime-sheets/blank.pdf"): _plain("/v1/downtime-sheets/blank.pdf"),
    ("GET", "/v1/sessions/{session_id}/pack"): Question(lambda s: (f"{_S}/{s.ready}/pack", None)),
    ("GET", "/v1/sessions/{session_id}/pack/{part}"): Question(lambda s: (f"{_S}/{s.ready}/pack/csv", None)),
    ("GET", "/v1/protocols"): _plain("/v1/protocols"),
    ("GET", "/v1/protocols/{protocol_id}/versions/{version}"): _plain("/v1/protocols/iv-infusion-example/versions/1"),
    ("PUT", "/v1/protocols/{protocol_id}/versions/{version}"): Question(_draft),
    ("POST", "/v1/protocols/{protocol_id}/versions/{version}/approve"): Question(
        lambda s: (
            f"/v1/protocols/iv-infusion-example/versions/{s.protocol_version}/approve",
            {"password": PASSWORD},
        ),
        _new_version,
    ),
    ("GET", "/v1/protocols/{protocol_id}/versions/{version}/changes"): _plain(
        "/v1/protocols/iv-infusion-example/versions/1/changes"
    ),
    ("GET", "/v1/protocols/{protocol_id}/versions/{version}/form"): _plain(
        "/v1/protocols/iv-infusion-example/versions/1/form"
    ),
    ("GET", "/v1/audit"): _plain("/v1/audit"),
    ("GET", "/v1/audit/check"): _plain("/v1/audit/check"),
    ("GET", "/v1/audit/anchor"): _plain("/v1/audit/anchor"),
    ("GET", "/v1/restored"): _plain("/v1/restored"),
    ("GET", "/v1/organisation"): _plain("/v1/organisation"),
    ("PUT", "/v1/break-glass/{opening_id}"): Question(
        lambda s: (f"/v1/break-glass/{uuid4()}", openings.asks(s.sister))
    ),
    # asked here with what nobody has opened: whoever may be served is given something of their own
    ("GET", "/v1/break-glass/{opening_id}"): Question(lambda s: (f"/v1/break-glass/{uuid4()}", None)),
    ("GET", "/v1/break-glass/{opening_id}/sessions/{session_id}"): Question(
        lambda s: (f"/v1/break-glass/{uuid4()}/sessions/{s.ready}", None)
    ),
    ("POST", "/v1/break-glass/{opening_id}/end"): Question(lambda s: (f"/v1/break-glass/{uuid4()}/end", None)),
    ("GET", "/v1/break-glass"): _plain("/v1/break-glass"),
    ("POST", "/v1/break-glass/{opening_id}/review"): Question(
        lambda s: (f"/v1/break-glass/{s.opening}/review", {"note": "as agreed by telephone"}), _new_opening
    ),
    ("GET", "/v1/feed"): _plain("/v1/feed"),
    ("GET", "/v1/clients"): _plain("/v1/clients"),
    ("POST", "/v1/clients"): _plain("/v1/clients", REGISTRATION),
    ("POST", "/v1/clients/{client_id}/keys"): Question(
        lambda s: (f"/v1/clients/{s.client}/keys", {"jwks_url": "https://records.example/keys"}), _new_client
    ),
    ("POST", "/v1/clients/{client_id}/end"): Question(lambda s: (f"/v1/clients/{s.client}/end", None), _new_client),
    ("GET", "/v1/webhooks"): _plain("/v1/webhooks"),
    ("POST", "/v1/webhooks"): _plain("/v1/webhooks", TARGET),
    ("POST", "/v1/webhooks/{webhook_id}/secret"): Question(lambda s: (f"/v1/webhooks/{s.target}/secret", None)),
    ("POST", "/v1/webhooks/{webhook_id}/try"): Question(lambda s: (f"/v1/webhooks/{s.target}/try", None)),
    ("POST", "/v1/webhooks/{webhook_id}/end"): Question(lambda s: (f"/v1/webhooks/{s.target}/end", None), _new_target),
    ("GET", "/v1/webhooks/{webhook_id}/dead"): Question(lambda s: (f"/v1/webhooks/{s.webhook}/dead", None)),
    ("POST", "/v1/webhooks/{webhook_id}/dead/{position}/resend"): Question(
        lambda s: (f"/v1/webhooks/{s.webhook}/dead/1/resend", {}), _dead_again
    ),
    ("GET", "/v1/export/{file}"): _plain("/v1/export/readings.csv"),
    ("GET", "/v1/evidence"): _plain("/v1/evidence"),
    ("GET", "/v1/evidence/{file}"): _plain("/v1/evidence/evidence.csv"),
    ("GET", "/v1/exports"): _plain("/v1/exports"),
    # of a file with nothing in it for us, every plan is good
    **{
        key: _plain(f"{key[1]}{'' if key[1].endswith('/report') else f'?plan={64 * chr(48)}'}", FILE) for key in IMPORTS
    },
    ("GET", "/fhir/metadata"): _plain("/fhir/metadata"),
    ("GET", "/fhir/{kind}"): _plain("/fhir/Encounter"),
    ("POST", "/fhir/{kind}/_search"): _plain("/fhir/Encounter/_search"),
    ("GET", "/fhir/{kind}/{name}"): Question(lambda s: (f"/fhir/Patient/{s.patient}", None)),
    ("GET", "/fhir/{kind}/{name}/_history"): Question(lambda s: (f"/fhir/Patient/{s.patient}/_history", None)),
    ("GET", "/fhir/{kind}/{name}/_history/{version}"): Question(
        lambda s: (f"/fhir/Patient/{s.patient}/_history/1", None)
    ),
    ("GET", "/fhir/$export"): Question(lambda s: ("/fhir/$export?_type=Encounter", None), ended_exports),
    ("POST", "/fhir/$export"): Question(lambda s: ("/fhir/$export?_type=Encounter", None), ended_exports),
    ("GET", "/fhir/Patient/$export"): Question(
        lambda s: ("/fhir/Patient/$export?_type=Encounter", None), ended_exports
    ),
    ("POST", "/fhir/Patient/$export"): Question(
        lambda s: ("/fhir/Patient/$export?_type=Encounter", None), ended_exports
    ),
    ("GET", "/fhir/Group/{name}/$export"): Question(
        lambda s: (f"/fhir/Group/{s.course}/$export?_type=Encounter", None), ended_exports
    ),
    ("POST", "/fhir/Group/{name}/$export"): Question(
        lambda s: (f"/fhir/Group/{s.course}/$export?_type=Encounter", None), ended_exports
    ),
    # asked here with an export nobody ordered: whoever may be served is given one of their own
    ("GET", "/fhir/$export/{export_id}"): Question(lambda s: (f"/fhir/$export/{uuid4()}", None)),
    ("DELETE", "/fhir/$export/{export_id}"): Question(lambda s: (f"/fhir/$export/{uuid4()}", None)),
    ("GET", "/fhir/$export/{export_id}/{name}"): Question(lambda s: (f"/fhir/$export/{uuid4()}/{'x' * 32}", None)),
}
_APPROVE = ("POST", "/v1/protocols/{protocol_id}/versions/{version}/approve")
HEADERS: dict[tuple[str, str], dict[str, str]] = {
    _APPROVE: {"If-Match": '"1"'},
    ("POST", "/fhir/{kind}/_search"): {"Content-Type": "application/x-www-form-urlencoded"},
    **{key: {"Prefer": "respond-async"} for key in ORDERS},
    **{key: {"Content-Type": "application/fhir+json"} for key in IMPORTS},
}
"""What an operation must be asked with beside its path and body."""


def good_answer(key: tuple[str, str], path: str, body: Any, who: Person, **headers: str) -> Any:
    """The answer to a good request, asked with what this operation needs."""
    return who.ask(key[0], path, body, headers=HEADERS.get(key, {}) | headers)


ENDS_IT = {("POST", "/v1/sign-out"), ("POST", "/v1/sign-in/lock")}
"""After these the sign-in that asked is over."""


def good_request(key: tuple[str, str], there: Standing, who: Person) -> tuple[str, Any, Person]:
    """(path, body, person) of a request that must succeed; signing out is done by a sign-in of its own."""
    question = QUESTIONS[key]
    now_there = question.renew(there) if question.renew else there
    there.clinic.to(NOW)
    if key in ENDS_IT:
        who = made.sign_in(who.service, who.username)
    if key == ("POST", "/v1/account/identity/unlink"):
        # it ends the PIN with every other sign-in
        who = there.clinic.hire(who.role)
    path, body = question.ask(now_there)
    if key in OF_OWN:
        body = OF_OWN[key](there.clinic, who)
    if key == ("POST", "/v1/account/password"):
        who = there.clinic.hire(who.role)
    elif key == ("POST", "/v1/invitations/accept"):
        who = Person(who.service, now_there.staff, body["token"], "A new nurse", "nurse", who.token)
    elif key == ("POST", "/v1/account/sign-ins/{sign_in_id}/end"):
        other = made.sign_in(who.service, who.username).get("/v1/account/sign-ins")["items"]
        path = next(f"/v1/account/sign-ins/{one['id']}/end" for one in other if one["here"])
    if key in OF_WHO_OPENED:
        path = openings.own(key, who, now_there.sister)
    if key in OF_WHO_ORDERED:
        if key[0] == "DELETE":
            ended_exports(there)
            path = ordered(who)
        else:
            address, file = finished(who)
            path = f"{address}/{file}" if key[1].endswith("{name}") else address
    return path, body, who
