"""Who typed it stays its author, though another signed-in person sends it; and a ticket opens nothing else."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.db.work import EVERY_CLINIC, Work
from app.services.sign_in import TICKET_LASTS
from tests.api import bodies
from tests.api import clinic as made
from tests.api.bodies import PASSWORD
from tests.api.clinic import Clinic, Person, another_clinic, clinic_on
from tests.api.kept_rows import audit_mark, audit_since, of_kind, record_rows
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def treated(clinic: Clinic) -> str:
    return clinic.treated()


def ticket_of(person: Person) -> str:
    """A ticket of a new sign-in of this person."""
    answer = person.service.send("POST", "/v1/sign-in", {"username": person.username, "password": PASSWORD})
    return str(answer.json()["author_ticket"])


def put_reading(session_id: str, sender: Person, ticket: str | None, *, reading_id: str | None = None, **other):
    path = f"/v1/sessions/{session_id}/readings/{reading_id or uuid4()}"
    headers = {} if ticket is None else {"X-Author-Ticket": ticket}
    return sender.ask("PUT", path, bodies.reading(50, **other), headers=headers)


def refused(clinic: Clinic, ask) -> None:
    """Asking is answered `ticket-refused`, keeps nothing, and is on record as the sender's doing."""
    clinic.service.forget_attempts()  # each of many refusals is on record by itself
    rows, mark = record_rows(clinic.service), audit_mark(clinic.service)
    answer = ask()
    assert (answer.status_code, answer.json()["code"]) == (403, "ticket-refused")
    assert record_rows(clinic.service) == rows
    assert [(event.action, event.reason) for event in audit_since(clinic.service, mark)] == [
        ("act.refused", "ticket-refused")
    ]


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_the_author_stays_and_the_sender_is_on_record(clinic: Clinic, treated: str):
    author, sender = clinic.hire("nurse"), clinic.clinician
    ticket = ticket_of(author)
    clinic.to(60)
    mark = audit_mark(clinic.service)
    answer = put_reading(treated, sender, ticket, note="typed without a network")
    assert answer.status_code == 201
    assert answer.json()["recorded_by"] == {"staff_id": author.id, "name": author.name, "role": "nurse"}
    events = audit_since(clinic.service, mark)
    assert {str(event.actor_id) for event in events} == {author.id}
    (sent,) = [event for event in events if event.action == "sent-for"]
    assert (sent.subject, sent.subject_id) == ("staff", sender.id)
    assert sent.after == {"name": sender.name, "role": "clinician"}
    assert str(sent.session_id) == treated
    assert sent.stream == f"session:{treated}", "it hangs on the session's own chain"


def test_the_same_again_by_the_author_is_a_repeat(clinic: Clinic, treated: str):
    author = clinic.hire("nurse")
    ticket, reading_id = ticket_of(author), str(uuid4())
    clinic.to(61)
    assert put_reading(treated, clinic.clinician, ticket, reading_id=reading_id).status_code == 201
    mark = audit_mark(clinic.service)
    for sender, with_ticket in ((clinic.clinician, ticket), (author, None), (author, ticket), (clinic.nurse, None)):
        again = put_reading(treated, sender, with_ticket, reading_id=reading_id)
        assert again.status_code == 200
        assert again.json()["recorded_by"]["staff_id"] == author.id
    assert [event.action for event in audit_since(clinic.service, mark)] == []


def test_ones_own_ticket_adds_nothing(clinic: Clinic, treated: str):
    answer = clinic.service.send("POST", "/v1/sign-in", {"username": clinic.nurse.username, "password": PASSWORD})
    own = replace(clinic.nurse, token=answer.json()["access_token"])
    clinic.to(62)
    for ticket in (answer.json()["author_ticket"], ticket_of(clinic.nurse)):
        mark = audit_mark(clinic.service)
        kept = put_reading(treated, own, ticket)
        assert kept.status_code == 201
        assert kept.json()["recorded_by"]["staff_id"] == clinic.nurse.id
        assert "sent-for" not in {event.action for event in audit_since(clinic.service, mark)}


def test_every_charting_route_takes_one(clinic: Clinic, treated: str):
    author = clinic.hire("nurse")
    headers = {"X-Author-Ticket": ticket_of(author)}
    clinic.to(70)
    asked = [
        (f"/v1/patients/{uuid4()}", bodies.patient()),
        (f"/v1/sessions/{treated}/events/{uuid4()}", bodies.event(65, "oxygen-stopped")),
        (f"/v1/sessions/{treated}/escort", {"name": "A friend", "present": True}),
    ]
    for path, body in asked:
        answer = clinic.clinician.ask("PUT", path, body, headers=headers, expect=201)
        assert answer.json()["recorded_by"]["staff_id"] == author.id


def test_a_clinicians_ticket_may_be_sent_by_a_nurse(clinic: Clinic, treated: str):
    ticket = ticket_of(clinic.hire("clinician"))
    clinic.to(63)
    answer = put_reading(treated, clinic.nurse, ticket)
    assert answer.status_code == 201
    assert answer.json()["recorded_by"]["role"] == "clinician"


def test_a_ticket_outlives_its_sign_in(clinic: Clinic, treated: str):
    author = clinic.hire("nurse")
    ticket = ticket_of(author)
    author.ask("POST", "/v1/sign-out", expect=204)
    clinic.to(64)
    assert put_reading(treated, clinic.clinician, ticket).status_code == 201


def test_only_its_hash_is_kept(clinic: Clinic):
    from sqlalchemy import text

    ticket = ticket_of(clinic.nurse)

    def everything(work: Work) -> str:
        return repr(work.all(text("SELECT * FROM sign_ins")))

    kept = clinic.service.database.read_now(everything, EVERY_CLINIC, clinic.service.clock.now())
    assert clinic.nurse.id in kept
    assert ticket not in kept


# --- what it does not open -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ticket", ["", "x", "x" * 43, "' OR 1=1 --", "x" * 5000])
def test_a_made_up_ticket_is_refused(clinic: Clinic, treated: str, ticket: str):
    refused(clinic, lambda: put_reading(treated, clinic.nurse, ticket))


def test_an_access_token_is_no_ticket_and_a_ticket_no_token(clinic: Clinic, treated: str):
    refused(clinic, lambda: put_reading(treated, clinic.nurse, clinic.clinician.token))
    as_token = replace(clinic.nurse, token=ticket_of(clinic.nurse))
    assert put_reading(treated, as_token, None).status_code == 401


def test_a_ticket_without_a_sign_in_opens_nothing(clinic: Clinic, treated: str):
    headers = {"X-Author-Ticket": ticket_of(clinic.nurse)}
    path = f"/v1/sessions/{treated}/readings/{uuid4()}"
    assert clinic.service.send("PUT", path, bodies.reading(50), headers=headers).status_code == 401


def test_another_clinics_ticket_is_refused_both_ways(clinic: Clinic, treated: str):
    stranger = another_clinic(clinic.service)
    theirs, ours = ticket_of(stranger.nurse), ticket_of(clinic.hire("nurse"))
    refused(clinic, lambda: put_reading(treated, clinic.clinician, theirs))
    refused(clinic, lambda: put_reading(treated, stranger.clinician, ours))


@pytest.mark.parametrize(
    "changes",
    [
        [{"active": False}],
        [{"role": "auditor"}],
        [{"role": "auditor"}, {"role": "nurse"}],
        [{"password": "another one, given by the lead"}],
        [],
    ],
    ids=["disabled", "may not chart", "may chart again", "another password", "invited anew"],
)
def test_a_ticket_is_over_with_what_it_rests_on(clinic: Clinic, treated: str, changes: list[dict]):
    """Of a sign-in that has ended too: the ticket outlives that, and not this."""
    author = clinic.hire("nurse")
    tickets = [ticket_of(author), ticket_of(author)]
    author.ask("POST", "/v1/sign-out", expect=204)
    assert put_reading(treated, clinic.clinician, tickets[0]).status_code == 201
    path = f"/v1/staff/{author.id}"
    for revision, change in enumerate(changes, 1):
        account = {"username": author.username, "name": author.name, "role": "nurse"} | change
        clinic.lead.put(path, account, expect=200, if_match=f'"{revision}"')
    if not changes:
        clinic.lead.post(f"{path}/invitation", None)
    for ticket in tickets:
        refused(clinic, lambda ticket=ticket: put_reading(treated, clinic.clinician, ticket))


def test_ones_own_old_ticket_still_names_oneself_after_a_reset(clinic: Clinic, treated: str):
    author = clinic.hire("nurse")
    ticket = ticket_of(author)
    invited = clinic.lead.post(f"/v1/staff/{author.id}/invitation", None)
    accepted = {"token": invited["token"], "password": PASSWORD}
    assert clinic.service.send("POST", "/v1/invitations/accept", accepted).status_code == 204
    again = made.sign_in(clinic.service, author.username)
    answer = put_reading(treated, again, ticket)
    assert (answer.status_code, answer.json()["recorded_by"]["staff_id"]) == (201, author.id)


@pytest.mark.parametrize("role", ["lead", "auditor", "operator"])
def test_a_sender_who_may_not_chart_sends_nothing(clinic: Clinic, treated: str, role: str):
    ticket, reading_id = ticket_of(clinic.hire("nurse")), str(uuid4())
    clinic.to(64)
    rows, mark = record_rows(clinic.service), audit_mark(clinic.service)
    answer = put_reading(treated, clinic.people[role], ticket, reading_id=reading_id)
    assert (answer.status_code, answer.json()["code"]) == (403, "sender-may-not-chart")
    assert of_kind(record_rows(clinic.service), "reading") == of_kind(rows, "reading")
    said = audit_since(clinic.service, mark)[-1]
    assert (said.action, said.reason, str(said.actor_id)) == (
        "act.refused",
        "sender-may-not-chart",
        clinic.people[role].id,
    )
    # it waited, and is taken from somebody who may
    assert put_reading(treated, clinic.nurse, ticket, reading_id=reading_id).status_code == 201


def test_it_is_for_charting_alone(clinic: Clinic):
    """Signing, clearing, acknowledging, reading, managing: all refused with somebody else's ticket."""
    session_id = clinic.ready()
    digest = clinic.digest(session_id)
    clinician, lead = clinic.hire("clinician"), clinic.hire("lead")
    asked = [
        (clinician, "POST", f"/v1/sessions/{session_id}/confirmations", bodies.confirmation(digest)),
        (clinician, "PUT", f"/v1/sessions/{session_id}/clearance", {}),
        (clinician, "GET", f"/v1/sessions/{session_id}", None),
        (clinician, "POST", f"/v1/tablets/{uuid4()}/key", {}),
        (clinician, "POST", "/v1/sign-out", None),
        (lead, "PUT", f"/v1/tablets/{uuid4()}", {"name": "Mine"}),
    ]
    for author, method, path, body in asked:
        headers = {"X-Author-Ticket": ticket_of(author)}
        for sender in (clinic.nurse, clinic.clinician):
            refused(clinic, lambda p=path, m=method, b=body, h=headers, s=sender: s.ask(m, p, b, headers=h))


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("concern-acknowledged", {"concern_id": "x"}),
        ("baseline-accepted", {"readings": [{"id": str(uuid4()), "revision": 1}]}),
    ],
)
def test_a_clinicians_own_events_take_the_clinician(clinic: Clinic, treated: str, kind: str, detail: dict):
    ticket = ticket_of(clinic.hire("clinician"))
    clinic.to(66)
    rows = record_rows(clinic.service)
    path = f"/v1/sessions/{treated}/events/{uuid4()}"
    answer = clinic.nurse.ask("PUT", path, bodies.event(60, kind, detail), headers={"X-Author-Ticket": ticket})
    assert (answer.status_code, answer.json()["code"]) == (403, "ticket-refused")
    assert record_rows(clinic.service) == rows


def test_a_refusal_of_what_is_sent_names_both(clinic: Clinic, treated: str):
    author = clinic.hire("nurse")
    ticket, reading_id = ticket_of(author), str(uuid4())
    clinic.to(67)
    clinic.nurse.put(f"/v1/sessions/{treated}/readings/{reading_id}", bodies.reading(50))
    mark = audit_mark(clinic.service)
    answer = put_reading(treated, clinic.clinician, ticket, reading_id=reading_id, heart_rate=91)
    assert answer.status_code == 409
    events = audit_since(clinic.service, mark)
    assert [event.action for event in events] == ["act.refused", "sent-for"]
    assert {event.actor_id for event in events} == {UUID(author.id)}
    assert events[1].subject_id == clinic.clinician.id


# --- time, last because it ends every sign-in ------------------------------------------------------------------------


def test_sending_for_others_never_keeps_anybody_signed_in(clinic: Clinic, treated: str):
    author, sender = clinic.hire("nurse"), clinic.hire("nurse")
    ticket = ticket_of(author)
    clinic.to(68)
    clinic.service.clock.pass_on_the_wall(20)
    assert put_reading(treated, sender, ticket).status_code == 201
    clinic.service.clock.pass_on_the_wall(10)
    assert put_reading(treated, sender, ticket).status_code == 401
    assert author.ask("GET", "/v1/protocols").status_code == 401


def test_a_ticket_ends_after_a_week(clinic: Clinic, treated: str):
    author = _new_nurse(clinic)
    ticket = ticket_of(author)
    minutes = TICKET_LASTS.total_seconds() / 60
    clinic.to(69)
    clinic.service.clock.pass_on_the_wall(minutes - 1)
    sender = made.sign_in(clinic.service, clinic.clinician.username)
    assert put_reading(treated, sender, ticket).status_code == 201
    clinic.service.clock.pass_on_the_wall(1)
    refused(clinic, lambda: put_reading(treated, sender, ticket))
    again = made.sign_in(clinic.service, author.username)
    assert put_reading(treated, again, ticket).status_code == 201, "one's own needs no ticket"


def _new_nurse(clinic: Clinic) -> Person:
    clinic.people["lead"] = made.sign_in(clinic.service, clinic.lead.username)
    return clinic.hire("nurse")
