"""Values as they are when only what must be given is given, and refusals as they are read."""

from uuid import UUID

from app.domain.errors import Conflict, FieldError, Invalid, Refusal
from app.domain.events import Event, EventKind
from app.domain.facts import Escort, Facts
from app.domain.instants import EPOCH
from app.domain.readings import Reading
from app.domain.vitals import Vital

NOBODY = UUID(int=0)


def test_nothing_defaults_to_normal():
    reading = Reading(NOBODY, 1, EPOCH)
    assert {reading.vital(vital) for vital in Vital} == {None}
    assert reading.oxygen is reading.consciousness is reading.dissociation is reading.symptoms is None
    assert reading.gait_steady is reading.orientated is None
    assert reading.not_measured == ()
    assert reading.confirmed_unlikely == frozenset()


def test_a_clock_is_doubted_only_where_that_is_said():
    assert Event(NOBODY, EventKind.CHECKED_IN, EPOCH).clock_doubtful is False
    assert Reading(NOBODY, 1, EPOCH).clock_doubtful is False


def test_a_sheet_begins_with_revision_one_and_a_session_without_facts():
    assert Escort("A. Friend", present=False, present_at=None).revision == 1
    facts = Facts(NOBODY)
    assert (facts.events, facts.readings, facts.escort, facts.tablets) == ((), (), None, ())


def test_a_refusal_says_its_docstring_or_something_sharper():
    assert Conflict().detail == str(Conflict()) == "The record is not in a state that allows this."
    sharper = Invalid("The systolic is blank.", errors=[FieldError("systolic", "a whole number")], seen=2)
    assert (sharper.detail, str(sharper)) == ("The systolic is blank.",) * 2
    assert sharper.errors == (FieldError("systolic", "a whole number"),)
    assert sharper.extra == {"seen": 2}
    assert issubclass(Invalid, Refusal)
