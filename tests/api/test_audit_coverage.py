"""Every operation of the OpenAPI document leaves what it did in the audit: a write in its own transaction, a read of
patient data before its answer.
"""

from itertools import count
from uuid import UUID, uuid4

import pytest

from app.db.work import Work, service_actor
from app.domain.feed import NOT_PUBLISHED, PUBLISHED
from app.domain.journal import stream_of
from app.domain.questions import ANSWERED_BY, Question
from app.jobs import seals
from app.services import audit
from tests.api import bodies
from tests.api.asking import CALLING, NOW, PAPERS, PROVIDER, QUESTIONS, good_answer, good_request, standing_in
from tests.api.authorisation import ANYBODY, IMPORTS, OF_WHO_OPENED, ORDERS, READS_AS_FHIR, READS_PATIENTS, TABLE
from tests.api.clinic import clinic_on
from tests.api.factors import ACCOUNT, OF_OWN, loosening
from tests.api.kept_rows import audit_mark, audit_since, record_rows
from tests.conftest import ENGINES

_R, _E = "/v1/sessions/{session_id}/readings/{reading_id}", "/v1/sessions/{session_id}/events/{event_id}"

SAID = {  # what each write is called in the audit, written by hand
    ("POST", "/v1/sign-in"): "sign-in.begun",
    ("POST", "/v1/sign-in/pin"): "sign-in.begun",
    ("POST", "/v1/sign-out"): "sign-in.ended",
    ("POST", "/v1/sign-in/lock"): "sign-in.locked",
    ("POST", f"{ACCOUNT}/passkeys/begin"): "second-factor.begun",
    ("POST", f"{ACCOUNT}/passkeys"): "second-factor.added",
    ("POST", f"{ACCOUNT}/six-digits/begin"): "second-factor.begun",
    ("POST", f"{ACCOUNT}/six-digits"): "second-factor.added",
    ("POST", f"{ACCOUNT}/second-factor/remove"): "second-factor.removed",
    ("POST", f"{ACCOUNT}/recovery-codes"): "recovery-codes.made",
    ("POST", f"{ACCOUNT}/identity/begin"): "identity.begun",
    ("POST", f"{ACCOUNT}/identity/unlink"): "identity.unlinked",
    ("PUT", "/v1/clinic/provider"): "provider.settled",
    ("PUT", "/v1/clinic/signing"): "signing.set",
    ("PUT", "/v1/tablets/{tablet_id}"): "tablet.enrolled",
    ("POST", "/v1/tablets/{tablet_id}/release"): "tablet.released",
    ("POST", "/v1/tablets/{tablet_id}/not-entered"): "item.not-entered",
    ("POST", "/v1/tablets/{tablet_id}/key"): "tablet.key-made",
    ("PUT", "/v1/tablets/{tablet_id}/public-key"): "tablet.key-renewed",
    ("PUT", "/v1/tablets/{tablet_id}/pin"): "pin.set",
    ("PUT", "/v1/clinic/settings"): "clinic.settled",
    ("PUT", "/v1/clinic/papers"): "papers.settled",
    ("PUT", "/v1/patients/{patient_id}/programme"): "programme.kept",
    ("PUT", "/v1/sessions/{session_id}/form-answers"): "form.answered",
    ("PUT", "/v1/walls/{wall_id}"): "wall.made",
    ("POST", "/v1/alerts/seen"): "alert.seen",
    ("PUT", "/v1/tablets/{tablet_id}/push"): "push.subscribed",
    ("DELETE", "/v1/tablets/{tablet_id}/push"): "push.unsubscribed",
    ("PUT", "/v1/staff/{staff_id}"): "staff.added",
    ("POST", "/v1/staff/{staff_id}/invitation"): "staff.invited",
    ("POST", "/v1/staff/{staff_id}/sign-ins/end"): "sign-ins.ended",
    ("POST", "/v1/invitations/accept"): "invitation.accepted",
    ("POST", "/v1/account/password"): "password.changed",
    ("POST", "/v1/account/sign-ins/{sign_in_id}/end"): "sign-in.ended",
    ("PUT", "/v1/patients/{patient_id}"): "patient.added",
    ("PUT", "/v1/courses/{course_id}"): "course.added",
    ("PUT", "/v1/courses/{course_id}/clearance"): "course.cleared",
    ("PUT", "/v1/sessions/{session_id}"): "session.planned",
    ("PUT", "/v1/sessions/{session_id}/screening"): "screening.kept",
    ("POST", "/v1/sessions/{session_id}/screening/override"): "screening.overridden",
    ("PUT", "/v1/sessions/{session_id}/clearance"): "session.cleared",
    ("PUT", _E): "event.recorded",
    ("POST", f"{_E}/void"): "event.voided",
    ("PUT", _R): "reading.recorded",
    ("POST", f"{_R}/corrections"): "reading.corrected",
    ("POST", f"{_R}/void"): "reading.voided",
    ("PUT", "/v1/sessions/{session_id}/escort"): "escort.kept",
    ("POST", "/v1/sessions/{session_id}/confirmations"): "discharge.confirmed",
    ("POST", "/v1/sessions/{session_id}/notices/{notice_id}/acknowledge"): "notice.acknowledged",
    ("POST", "/v1/sessions/{session_id}/discharge"): "discharge.recorded",
    ("PUT", "/v1/protocols/{protocol_id}/versions/{version}"): "protocol.drafted",
    ("POST", "/v1/protocols/{protocol_id}/versions/{version}/approve"): "protocol.approved",
    ("POST", "/v1/webhooks/{webhook_id}/dead/{position}/resend"): "webhook.resent",
    ("POST", "/v1/webhooks"): "webhook.added",
    ("POST", "/v1/webhooks/{webhook_id}/secret"): "webhook.rotated",
    ("POST", "/v1/webhooks/{webhook_id}/try"): "webhook.resumed",
    ("POST", "/v1/webhooks/{webhook_id}/end"): "webhook.removed",
    ("POST", "/v1/clients"): "client.registered",
    ("POST", "/v1/clients/{client_id}/keys"): "client.keys-changed",
    ("POST", "/v1/clients/{client_id}/end"): "client.disabled",
    ("PUT", "/v1/break-glass/{opening_id}"): "break-glass.asked",
    ("POST", "/v1/break-glass/{opening_id}/review"): "break-glass.reviewed",
    ("POST", "/v1/break-glass/{opening_id}/end"): "break-glass.left",
    **{key: "export.ordered" for key in ORDERS if key[0] == "POST"},
    ("DELETE", "/fhir/$export/{export_id}"): "export.deleted",
    **{key: "import.kept" for key in IMPORTS if not key[1].endswith("/report")},
}
HEARTBEAT = ("PUT", "/v1/tablets/{tablet_id}/contact")
"""Written by a page, not by a person, every few seconds; what follows from it is kept as assessments."""
OPENED = ("POST", "/v1/invitations/open")
"""Keeps nothing: a look at whom an invitation is for, its token in the body."""
OF_MACHINES = ("POST", "/oauth/token")
"""Asked by nobody of the staff: what it leaves in the audit, its own tests say."""
OF_PROVIDERS = {
    ("POST", "/v1/sign-in/provider/begin"),
    ("POST", "/v1/sign-in/provider/finish"),
    ("POST", "/v1/sign-in/provider/{clinic_id}/logout"),
}
"""Asked by a provider, or by somebody who is yet to say who they are: what they leave, tests/api/vouched says."""
SIGNING = ("PUT", "/v1/clinic/signing")
NONCE = ("POST", f"{ACCOUNT}/nonces")
"""Worth nothing without the answer that it is asked for; that one is on record."""
OF_TABLETS = {
    ("POST", "/v1/alerts/seen"),
    ("PUT", "/v1/tablets/{tablet_id}/push"),
    ("DELETE", "/v1/tablets/{tablet_id}/push"),
    ("POST", "/v1/tablets/{tablet_id}/not-entered"),
    ("POST", "/v1/tablets/{tablet_id}/release"),
    ("PUT", "/v1/tablets/{tablet_id}/pin"),
    ("POST", "/v1/webhooks/{webhook_id}/dead/{position}/resend"),
    *(key for key in SAID if key[1].startswith(ACCOUNT)),
}
OF_FILES = {key for key in SAID if "$export" in key[1]} | IMPORTS
"""These keep no row of the record themselves."""
SHEETS = {  # a repeat of these keeps nothing: a clinic of its own for each
    key
    for key in SAID
    if key[0] == "PUT"
    and key[1].rpartition("/")[2]
    in {"screening", "clearance", "escort", "settings", "provider", "papers", "form-answers"}
}
OF_A_LEAD = {
    ("GET", path)
    for path in (
        "/v1/tablets",
        "/v1/tablets/{tablet_id}/history",
        "/v1/clients",
        "/v1/webhooks",
        "/v1/webhooks/{webhook_id}/dead",
        "/v1/clinic/provider",
    )
}
READS = (
    READS_PATIENTS
    | OF_A_LEAD
    | READS_AS_FHIR
    | {key for key in OF_WHO_OPENED if key[0] == "GET"}
    | {("GET", "/v1/break-glass")}
    | {key for key in IMPORTS if key[1].endswith("/report")}
    | {("GET", "/v1/feed"), ("GET", "/v1/export/{file}"), ("GET", "/v1/restored")}
    | {("GET", "/v1/evidence"), ("GET", "/v1/evidence/{file}")}
    | {("GET", "/v1/audit/check"), ("GET", "/v1/audit/anchor")}
    | {("GET", "/v1/audit"), ("GET", "/v1/staff"), ("GET", "/v1/staff/{staff_id}"), ("GET", "/v1/account/sign-ins")}
)
VALUES = ("Probe", "Maria", "1984-03-11", "A friend", '"heart_rate":72', '"systolic":122')


@pytest.fixture(scope="module", params=ENGINES)
def there(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        yield standing_in(clinic)


_SECONDS = count(100)


def good_write(key, there):
    """A request that keeps something, whatever was kept before."""
    who = there.clinic.people[min(TABLE[key] - ANYBODY or {"nurse"})]
    path, body, who = good_request(key, there, who)
    if key == SIGNING:
        body = loosening(there.clinic, who)
    if path.endswith("/programme"):
        path = f"/v1/patients/{there.clinic.add_patient()}/programme"
    if key in SHEETS:
        body = {
            "screening": bodies.screening(pregnancy=True),
            "clearance": {"note": f"seen {uuid4()}"},
            "escort": {"name": f"A friend {uuid4()}", "present": True},
            "provider": PROVIDER | {"name": f"Key {uuid4()}"},
            "papers": PAPERS | {"care_setting": f"Ward {uuid4()}"},
            "form-answers": {"monitored_by": f"A nurse {uuid4()}"},
            "settings": CALLING | {"escalate_seconds": next(_SECONDS)},
        }[key[1].rpartition("/")[2]]
        if "screening" in path:
            path = f"/v1/sessions/{there.clinic.plan(cleared=False)}/screening"
            there.clinic.to(NOW)
    return path, body, who


def send(key, path, body, who):
    """Sent with the ETag that lets a sheet change."""
    answer = good_answer(key, path, body, who)
    if answer.status_code == 428:
        answer = who.ask(key[0], path, body, headers={"If-Match": f'"{answer.json()["current_revision"]}"'})
    return answer


def test_every_write_of_the_contract_has_its_word():
    writes = (
        {key for key in TABLE if key[0] != "GET"}
        - READS
        - OF_PROVIDERS
        - {("POST", "/v1/first-run"), HEARTBEAT, OPENED, OF_MACHINES, NONCE}
    )
    assert set(SAID) == writes


@pytest.mark.parametrize("key", sorted(SAID), ids=" ".join)
def test_a_write_says_who_did_what_when_and_on_which_tablet(there, key):
    path, body, who = good_write(key, there)
    mark, tablet = audit_mark(there.clinic.service), str(uuid4())
    if key in (("POST", "/v1/sign-in/pin"), ("PUT", "/v1/tablets/{tablet_id}/public-key")):
        tablet = there.tablet  # the one whose key proves it
    headers = {"X-Tablet-Id": tablet}
    answer = good_answer(key, path, body, who, **headers)
    if answer.status_code == 428:
        mark = audit_mark(there.clinic.service)
        etag = {"If-Match": f'"{answer.json()["current_revision"]}"'}
        answer = who.ask(key[0], path, body, headers=headers | etag)
    assert answer.status_code in {200, 201, 202, 204}, answer.text
    since = audit_since(there.clinic.service, mark)
    assert unmapped(event.action for event in since) == set(), "app/domain/feed.py must say whether this is told"
    left = [event for event in since if event.action == SAID[key]]
    assert len(left) == 1
    event = left[0]
    assert (str(event.actor_id), event.actor_name, event.actor_role) == (who.id, who.name, who.role)
    assert (event.clinic_id, str(event.tablet_id)) == (there.clinic.id, tablet)
    assert event.at == there.clinic.service.clock.now()
    assert event.subject_id
    if path.startswith("/v1/sessions/"):
        assert event.session_id == UUID(path.split("/")[3])


def unmapped(actions):
    """Words of the audit of which nobody has said whether integrators are told."""
    return set(actions) - PUBLISHED - NOT_PUBLISHED


def test_control_a_word_that_nobody_thought_of_is_noticed():
    assert not PUBLISHED & NOT_PUBLISHED
    assert unmapped({"reading.recorded", "reading.weighed", "audit.read"}) == {"reading.weighed"}


def unaudited(there, keys):
    """Reads that left no event of the person who looked."""
    silent = []
    for key in keys:
        for role in sorted(TABLE[key]):
            path, body, who = good_request(key, there, there.clinic.people[role])
            mark = audit_mark(there.clinic.service)
            answer = good_answer(key, path, body, who)
            assert answer.status_code == 200, answer.text
            since = audit_since(there.clinic.service, mark)
            assert unmapped(event.action for event in since) == set()
            found = [str(event.actor_id) for event in since]
            if who.id not in found:
                silent.append((*key, role))
    return silent


def test_every_look_at_a_patient_is_on_record(there):
    assert unaudited(there, sorted(READS)) == []


def unowned(there, keys):
    """Looks at one session or patient that do not say whose record it was: nobody finds them by the patient."""
    found = []
    for key in keys:
        path, body, who = good_request(key, there, there.clinic.people[min(TABLE[key])])
        mark = audit_mark(there.clinic.service)
        good_answer(key, path, body, who)
        events = [event for event in audit_since(there.clinic.service, mark) if str(event.actor_id) == who.id]
        found += [(*key, event.action) for event in events if event.patient_id is None and event.action in LOOKED]
    return found


LOOKED = ANSWERED_BY[Question.WHO_LOOKED]
OF_ONE = sorted(key for key in READS if any(name in key[1] for name in ("{session_id}", "{patient_id}", "{course_id}")))


def test_a_look_at_a_session_or_a_patient_says_whose_it_is(there):
    assert len(OF_ONE) > 15
    assert unowned(there, OF_ONE) == []


def test_control_a_look_that_does_not_say_whose_it_is_is_noticed(there, monkeypatch):
    audit_ = Work.audit
    monkeypatch.setattr(Work, "audit", lambda *args, **kwargs: audit_(*args, **{**kwargs, "patient_id": None}))
    assert unowned(there, [("GET", "/v1/sessions/{session_id}")]) != []


# --- no event, no deed -----------------------------------------------------------------------------------------------


def broken(*_args):
    raise RuntimeError("the audit cannot be kept")


@pytest.mark.parametrize("key", sorted(SAID), ids=" ".join)
def test_a_write_whose_event_cannot_be_kept_is_not_kept_either(there, key):
    path, body, who = good_write(key, there)
    rows = record_rows(there.clinic.service)
    with there.clinic.service.broken() as patch:
        for kept in ("entry_row", "event_row"):
            patch.setattr(f"app.db.work.{kept}", broken)
        answer = send(key, path, body, who)
    assert answer.status_code == 500, answer.text
    assert record_rows(there.clinic.service) == rows
    if key in OF_OWN or key == SIGNING:
        # what proved it is used up
        path, body, who = good_write(key, there)
    if key != ("POST", "/v1/sign-in"):
        again = send(key, path, body, who)
        assert again.status_code in {200, 201, 202, 204}, again.text


@pytest.mark.parametrize("key", sorted(READS), ids=" ".join)
def test_a_read_whose_event_cannot_be_kept_shows_nothing(there, key):
    path, body, who = good_request(key, there, there.clinic.people[min(TABLE[key])])
    with there.clinic.service.broken() as patch:
        patch.setattr("app.db.work.event_row", broken)
        answer = good_answer(key, path, body, who)
    assert answer.status_code == 500
    assert not [value for value in VALUES if value in answer.text]


# --- the walk can fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", sorted(key for key in SAID if "sign" not in key[1] and key not in OF_TABLETS | OF_FILES), ids=" ".join
)
def test_control_a_verb_that_forgets_its_event_keeps_nothing(there, key):
    """Of a session deed and event are one entry; whoever also writes a table of their own is refused."""
    path, body, who = good_write(key, there)
    rows = record_rows(there.clinic.service)
    with there.clinic.service.broken() as patch:
        patch.setattr(Work, "keep", forgets)
        patch.setattr(Work, "audit", lambda *args, **kwargs: None)
        answer = send(key, path, body, who)
    after = record_rows(there.clinic.service)
    assert after["journal"] == rows["journal"]
    if not one_entry(key):
        # not found: the verb reads back what it kept
        assert answer.status_code in {404, 500}, answer.text
        assert after == rows


def one_entry(key):
    """Whether all that this keeps is one entry, and there is no other copy of it."""
    alone = {
        ("PUT", path)
        for path in (
            "/v1/courses/{course_id}/clearance",
            "/v1/clinic/settings",
            "/v1/clinic/papers",
            "/v1/patients/{patient_id}/programme",
        )
    }
    return key[1].startswith("/v1/sessions/{session_id}/") or key in alone


_keep = Work.keep


def forgets(work, fact, session_id=None):
    """Makes the entry, and does not keep it."""
    head = work.head(stream_of(fact, session_id))
    entry = _keep(work, fact, session_id)
    work._entries.remove(entry)
    work._heads[head.stream] = head
    return entry


def test_control_a_read_that_forgets_its_event_is_noticed(there, monkeypatch):
    monkeypatch.setattr(Work, "audit", lambda *args, **kwargs: None)
    keys = [("GET", "/v1/sessions"), ("GET", "/v1/patients/{patient_id}")]
    assert unaudited(there, keys) == [(*key, role) for key in keys for role in sorted(TABLE[key])]


# --- and the chains hold ---------------------------------------------------------------------------------------------


def test_after_all_that_every_link_holds(there):
    service, who = there.clinic.service, service_actor(there.clinic.id)
    service.client.portal.call(seals.seal_all, service.database, service.clock)
    now = service.clock.now()
    streams = service.database.read_now(audit.streams, who, now)
    assert len(streams) > 5
    verdicts = [service.database.read_now(audit.verify, who, now, stream, {}) for stream in streams]
    assert [verdict for verdict in verdicts if verdict.bad is not None] == []
    assert sum(verdict.links for verdict in verdicts) > 200


def test_the_questions_cover_what_is_walked():
    assert set(SAID) | set(READS) <= set(QUESTIONS)
