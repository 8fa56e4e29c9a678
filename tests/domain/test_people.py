"""Who may do what: the table a second time, and how an actor is called in the record."""

from itertools import product
from uuid import UUID, uuid4

import pytest

from app.domain.people import (
    MAY,
    Act,
    Actor,
    Clinic,
    Itself,
    Machine,
    Role,
    RoleMayNot,
    Sender,
    Staff,
    TicketRefused,
    check_may,
    may,
)
from app.domain.scopes import registered
from tests.factories import actor

N, C, L, A, O = Role  # noqa: E741
ALLOWED = {
    Act.READ_PATIENTS: {N, C, L, A},
    Act.CHART: {N, C},
    Act.CLEAR: {C},
    Act.SIGN: {C},
    Act.ACKNOWLEDGE: {C},
    Act.MANAGE_STAFF: {L},
    Act.MANAGE_TABLETS: {L},
    Act.ANSWER_ALERTS: {N, C},
    Act.READ_SETTINGS: {N, C, L, A},
    Act.MANAGE_SETTINGS: {L},
    Act.MANAGE_WALLS: {L},
    Act.READ_WALL: set(),
    Act.EXPORT_RECORD: {L, A},
    Act.READ_EVIDENCE: {L, A},
    Act.IMPORT: {L},
    Act.READ_STAFF: {L, A},
    Act.READ_PROTOCOLS: {N, C, L, A},
    Act.WRITE_PROTOCOLS: {L},
    Act.APPROVE_PROTOCOLS: {C, L},
    Act.READ_AUDIT: {L, A},
    Act.READ_FHIR: {C, L},
    Act.EXPORT_FHIR: {L, A},
    Act.READ_FEED: {C, L, A},
    Act.MANAGE_WEBHOOKS: {L},
    Act.MANAGE_CLIENTS: {L},
    Act.PACK_SESSION: {C, L, A},
    Act.BREAK_GLASS: {C, L},
    Act.READ_BREAK_GLASS: {L, A},
    Act.REVIEW_BREAK_GLASS: {L},
    Act.OWN_SIGN_IN: {N, C, L, A, O},
    Act.OWN_PASSWORD: {N, C, L, A, O},
}
CLINIC = UUID(int=1)
SENDER = Sender(UUID(int=2), "Ann", Role.NURSE)


def test_every_act_is_in_the_table():
    assert set(ALLOWED) == set(MAY) == set(Act)


@pytest.mark.parametrize(("act", "role"), list(product(Act, Role)))
def test_every_role_and_every_act(act, role):
    assert may(role, act) is (role in ALLOWED[act])
    if role in ALLOWED[act]:
        check_may(actor(CLINIC, role), act)
    else:
        with pytest.raises(RoleMayNot) as refused:
            check_may(actor(CLINIC, role), act)
        who = " or ".join(sorted(one.value for one in ALLOWED[act])) or "wall board"
        assert refused.value.detail == f"a {role.value} may not do this: it takes a {who}"


@pytest.mark.parametrize(("act", "role"), list(product(Act, Role)))
def test_what_another_sends_is_charting_alone(act, role):
    sent = actor(CLINIC, role, sent_by=SENDER)
    if act is not Act.CHART:
        with pytest.raises(TicketRefused):
            check_may(sent, act)
    elif role in ALLOWED[act]:
        check_may(sent, act)
    else:
        with pytest.raises(RoleMayNot):
            check_may(sent, act)


def test_who_acts_is_called_by_role_and_known_by_id():
    person = actor(CLINIC, Role.CLINICIAN, staff_id=UUID(int=3))
    assert (person.id, person.called) == (UUID(int=3), "clinician")
    machine = Actor(CLINIC, None, "A record system", Machine(UUID(int=4), registered("system/*.rs")))
    assert (machine.id, machine.called) == (UUID(int=4), "client")
    service = Actor(CLINIC, None, "service", Itself.SERVICE)
    assert (service.id, service.called) == (None, "service")


def test_a_person_may_sign_in_unless_that_was_ended_and_a_clinic_shows_utc():
    ann = Staff("ann", "Ann", Role.NURSE)
    assert ann.active is True
    assert may(ann.role, Act.OWN_SIGN_IN)
    assert Clinic(uuid4(), "Harbour Clinic").timezone == "UTC"
