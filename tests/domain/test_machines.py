"""A machine is never taken for the service itself, whatever it holds and whatever is forgotten."""

from uuid import uuid4

import pytest

from app.db.work import service_actor
from app.domain.people import Act, Actor, Itself, Machine, Role, RoleMayNot, check_may, check_scope
from app.domain.scopes import Access, ScopeMayNot, registered
from tests.factories import actor as person

EVERYTHING = registered("system/*.rs")


def machine(scopes=EVERYTHING):
    return Actor(uuid4(), None, "A record system", Machine(uuid4(), scopes))


def allowed(actor, acts=Act):
    found = set()
    for act in acts:
        try:
            check_may(actor, act)
        except RoleMayNot:
            continue
        found.add(act)
    return found


def test_a_machine_reads_what_is_made_for_machines_and_nothing_else():
    assert allowed(machine()) == {Act.READ_FHIR, Act.EXPORT_FHIR, Act.READ_FEED}


def test_the_service_itself_may_do_anything_and_says_so():
    assert allowed(service_actor(uuid4())) == set(Act)


def test_an_actor_without_a_role_may_do_nothing():
    """What the type forbids fails at run time too: it used to be the service's own sign."""
    nobody = Actor(uuid4(), None, "x", None)  # type: ignore[arg-type]
    for act in Act:
        with pytest.raises(AssertionError):
            check_may(nobody, act)
    with pytest.raises(AssertionError):
        check_scope(nobody, "Patient", Access.READ)


def test_a_role_is_never_left_out():
    with pytest.raises(TypeError):
        Actor(uuid4(), None, "x")


def test_nothing_that_a_request_carries_makes_the_service():
    assert not isinstance(machine().role, (Role, Itself))
    assert {role.value for role in Role}.isdisjoint({one.value for one in Itself})


@pytest.mark.parametrize("role", list(Role))
def test_people_have_no_scopes(role):
    check_scope(person(uuid4(), role), "Patient", Access.READ)


def test_a_machine_needs_the_type_and_the_letter():
    one = machine(registered("system/Observation.r"))
    check_scope(one, "Observation", Access.READ)
    for other in (("Observation", Access.SEARCH), ("Patient", Access.READ)):
        with pytest.raises(ScopeMayNot):
            check_scope(one, *other)


def test_it_is_called_a_client_in_the_record():
    one = machine()
    assert (one.called, one.id, one.staff_id) == ("client", one.role.client_id, None)
