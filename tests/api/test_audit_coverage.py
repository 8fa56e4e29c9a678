"""Every operation of the OpenAPI document leaves what it did in the audit: a write in its own transaction, a read of
patient data before its answer.
"""

from uuid import UUID, uuid4

import pytest

from app.db.work import Work, service_actor
from app.domain.feed import NOT_PUBLISHED, PUBLISHED
from app.domain.journal import stream_of
from app.jobs import seals
from app.services import audit
from tests.api import bodies
from tests.api.asking import NOW, QUESTIONS, good_answer, good_request, standing_in
from tests.api.authorisation import ANYBODY, ORDERS, READS_AS_FHIR, READS_PATIENTS, TABLE
from tests.api.clinic import clinic_on
from tests.api.kept_rows import audit_mark, audit_since, newest_audit, record_rows
from tests.conftest import ENGINES

_R, _E = "/v1/sessions/{session_id}/readings/{reading_id}", "/v1/sessions/{session_id}/events/{event_id}"

SAID = {  # what each write is called in the audit, written by hand
    ("POST", "/v1/sign-in"): "sign-in.begun",
    ("POST", "/v1/sign-in/pin"): "sign-in.begun",
    ("POST", "/v1/sign-out"): "sign-in.ended",
    ("POST", "/v1/sign-in/lock"): "sign-in.locked",
    ("PUT", "/v1/tablets/{tablet_id}"): "tablet.enrolled",
    ("POST", "/v1/tablets/{tablet_id}/release"): "tablet.released",
    ("POST", "/v1/tablets/{tablet_id}/not-entered"): "item.not-entered",
    ("POST", "/v1/tablets/{tablet_id}/key"): "tablet.key-made",
    ("PUT", "/v1/tablets/{tablet_id}/pin"): "pin.set",
    ("PUT", "/v1/staff/{staff_id}"): "staff.added",
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
    **{key: "export.ordered" for key in ORDERS if key[0] == "POST"},
    ("DELETE", "/fhir/$export/{export_id}"): "export.deleted",
}
HEARTBEAT = ("PUT", "/v1/tablets/{tablet_id}/contact")
"""Written by a page, not by a person, every few seconds; what follows from it is kept as assessments."""
OF_MACHINES = ("POST", "/oauth/token")
"""Asked by nobody of the staff: what it leaves in the audit, its own tests say."""
OF_TABLETS = {
    ("POST", "/v1/tablets/{tablet_id}/not-entered"),
    ("POST", "/v1/tablets/{tablet_id}/release"),
    ("PUT", "/v1/tablets/{tablet_id}/pin"),
    ("POST", "/v1/webhooks/{webhook_id}/dead/{position}/resend"),
}
OF_EXPORTS = {key for key in SAID if "$export" in key[1]}
"""These keep no row of the record themselves."""
SHEETS = {  # a repeat of these keeps nothing: a clinic of its own for each
    key for key in SAID if key[0] == "PUT" and key[1].rpartition("/")[2] in {"screening", "clearance", "escort"}
}
OF_A_LEAD = {
    ("GET", path)
    for path in (
        "/v1/tablets",
        "/v1/tablets/{tablet_id}/history",
        "/v1/webhooks",
        "/v1/webhooks/{webhook_id}/dead",
    )
}
READS = (
    READS_PATIENTS
    | OF_A_LEAD
    | READS_AS_FHIR
    | {("GET", "/v1/feed"), ("GET", "/v1/export/{file}")}
    | {("GET", "/v1/audit"), ("GET", "/v1/staff"), ("GET", "/v1/staff/{staff_id}")}
)
VALUES = ("Probe", "Maria", "1984-03-11", "A friend", '"heart_rate":72', '"systolic":122')


@pytest.fixture(scope="module", params=ENGINES)
def there(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        yield standing_in(clinic)


def good_write(key, there):
    """A request that keeps something, whatever was kept before."""
    who = there.clinic.people[min(TABLE[key] - ANYBODY or {"nurse"})]
    path, body, who = good_request(key, there, who)
    if key in SHEETS:
        body = {
            "screening": {"answers": bodies.answers(pregnancy=True)},
            "clearance": {"note": f"seen {uuid4()}"},
            "escort": {"name": f"A friend {uuid4()}", "present": True},
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
    writes = {key for key in TABLE if key[0] != "GET"} - READS - {("POST", "/v1/first-run"), HEARTBEAT, OF_MACHINES}
    assert set(SAID) == writes


@pytest.mark.parametrize("key", sorted(SAID), ids=" ".join)
def test_a_write_says_who_did_what_when_and_on_which_tablet(there, key):
    path, body, who = good_write(key, there)
    mark, tablet = audit_mark(there.clinic.service), str(uuid4())
    if key == ("POST", "/v1/sign-in/pin"):
        tablet = there.tablet  # the one whose secret proves it
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


def test_a_look_at_a_session_says_whose_it_is(there):
    there.clinic.to(NOW)
    for part in ("", "/readiness", "/assessments"):
        there.clinic.auditor.get(f"/v1/sessions/{there.ready}{part}")
        event = newest_audit(there.clinic.service)[0]
        assert str(event.session_id) == there.ready
        assert event.patient_id is not None
    there.clinic.auditor.get(f"/v1/patients/{there.patient}")
    assert str(newest_audit(there.clinic.service)[0].patient_id) == there.patient


# --- no event, no deed -----------------------------------------------------------------------------------------------


def broken(*_args):
    raise RuntimeError("the audit cannot be kept")


@pytest.mark.parametrize("key", sorted(SAID), ids=" ".join)
def test_a_write_whose_event_cannot_be_kept_is_not_kept_either(there, key):
    path, body, who = good_write(key, there)
    rows = record_rows(there.clinic.service)
    with there.clinic.service.broken() as patch:
        for kept in ("_entry_row", "_event_row"):
            patch.setattr(f"app.db.work.{kept}", broken)
        answer = send(key, path, body, who)
    assert answer.status_code == 500, answer.text
    assert record_rows(there.clinic.service) == rows
    if key != ("POST", "/v1/sign-in"):
        again = send(key, path, body, who)
        assert again.status_code in {200, 201, 202, 204}, again.text


@pytest.mark.parametrize("key", sorted(READS), ids=" ".join)
def test_a_read_whose_event_cannot_be_kept_shows_nothing(there, key):
    path, body, who = good_request(key, there, there.clinic.people[min(TABLE[key])])
    with there.clinic.service.broken() as patch:
        patch.setattr("app.db.work._event_row", broken)
        answer = good_answer(key, path, body, who)
    assert answer.status_code == 500
    assert not [value for value in VALUES if value in answer.text]


# --- the walk can fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", sorted(key for key in SAID if "sign" not in key[1] and key not in OF_TABLETS | OF_EXPORTS), ids=" ".join
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
    """Whether all that this keeps is an entry in the stream of a session or course."""
    return key[1].startswith("/v1/sessions/{session_id}/") or key == ("PUT", "/v1/courses/{course_id}/clearance")


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
