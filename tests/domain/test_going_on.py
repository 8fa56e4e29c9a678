"""Law: going on from what a session came to before is deriving it anew, whatever arrived in between, in whatever order.

And while nothing is due, what it came to is what it comes to.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import derive as deriving
from app.domain.canonical import digest
from app.domain.derive import Derived, derive
from app.domain.facts import Facts
from app.domain.readiness import evidence as evidence_module
from app.domain.readiness.evidence import holds_for
from app.domain.readiness.inputs import inputs_digest
from app.domain.readings import Reading
from app.domain.records import EventHistory, ReadingHistory, SessionRecord, Void
from tests.domain.sessions_made import AS_OF, law, made
from tests.factories import header, kept, patient
from tests.spec.language import SESSION, named, session
from tests.spec.protocols import EXAMPLE

VOID = kept(Void(SESSION, "entered in error"))
Step = Callable[[SessionRecord], SessionRecord]


def with_reading(reading: Reading) -> Step:
    """It arrives, or a correction of it does."""

    def step(record: SessionRecord) -> SessionRecord:
        held = {one.current.value.id: one for one in record.readings}
        before = held[reading.id].revisions if reading.id in held else ()
        held[reading.id] = ReadingHistory((*before, kept(reading, reading.revision)))
        return replace(record, readings=tuple(held.values()))

    return step


def without_reading(reading: Reading) -> Step:
    def step(record: SessionRecord) -> SessionRecord:
        return replace(
            record,
            readings=tuple(
                replace(one, void=VOID) if one.current.value.id == reading.id else one for one in record.readings
            ),
        )

    return step


def arrivals(facts: Facts, chance: Random) -> list[Step]:
    """What arrives: mostly as it happens; at times late, in another form that is corrected, or in error."""
    timed: list[tuple[float, Step]] = []

    def add(when: float, *steps: Step) -> None:
        for step in steps:
            late = chance.choice((0, 0, 0, 0, chance.uniform(0, 9000)))
            when += late + chance.random()
            timed.append((when, step))

    for event in facts.events:
        history = EventHistory(kept(event))
        wrong = EventHistory(kept(replace(event, id=uuid5(event.id, "wrong"))))
        add(event.at.timestamp(), lambda record, one=history: replace(record, events=(*record.events, one)))
        if chance.random() < 0.15:
            add(
                event.at.timestamp(),
                lambda record, one=wrong: replace(record, events=(*record.events, one)),
                lambda record, one=wrong: replace(
                    record, events=tuple(replace(each, void=VOID) if each is one else each for each in record.events)
                ),
            )
    for reading in facts.readings:
        other = replace(reading, systolic=chance.choice((None, 88, 195)), symptoms=chance.choice((None, ())))
        when = reading.measured_at.timestamp()
        match chance.randrange(6):
            case 0:
                moved = replace(other, measured_at=reading.measured_at - timedelta(minutes=chance.randrange(60)))
                right = replace(reading, revision=reading.revision + 1)
                add(when, with_reading(chance.choice((other, moved))), with_reading(right))
            case 1:
                wrong_one = replace(other, id=uuid5(reading.id, "wrong"))
                add(when, with_reading(reading), with_reading(wrong_one), without_reading(wrong_one))
            case _:
                add(when, with_reading(reading))
    # the escort and the tablets come whenever they come
    add(chance.uniform(timed[0][0], timed[-1][0]), lambda record: replace(record, tablets=facts.tablets))
    if facts.escort is not None:
        escort = kept(facts.escort)
        add(chance.uniform(timed[0][0], timed[-1][0]), lambda record: replace(record, escorts=(escort,)))
    return [step for _, step in sorted(timed, key=lambda pair: pair[0])]


def walked(facts: Facts, protocol, chance: Random) -> Iterator[tuple[SessionRecord, Derived, Derived, bool]]:
    """After each arrival: the record, what going on says, what deriving anew says, and whether it did go on."""
    sheet = header(UUID(int=4), route=protocol.route, protocol_id=protocol.id, protocol_version=protocol.version)
    record = SessionRecord(id=SESSION, headers=(kept(sheet),), patients=(kept(patient()),))
    known = derive(record, protocol, AS_OF)
    for step in arrivals(facts, chance):
        record = step(record)
        found, anew = derive(record, protocol, AS_OF, known), derive(record, protocol, AS_OF)
        assert found.evidence is not None
        yield record, found, anew, bool(holds_for(found.evidence.facts, protocol, known.evidence))
        known = found


@law
@given(made(), st.integers(0, 10_000))
def test_going_on_is_deriving_anew(one, seed):
    for _, found, anew, _ in walked(one.facts, one.protocol, Random(seed)):
        assert found == anew


@law
@given(made())
def test_what_was_looked_at_is_the_digest_of_its_canonical_json(one):
    facts = one.facts
    readings = sorted((str(reading.id), reading.revision) for reading in facts.readings)
    spelt = {
        "readings": [{"id": name, "revision": revision} for name, revision in readings],
        "events": sorted(str(event.id) for event in facts.events),
        "escort": facts.escort.revision if facts.escort else None,
    }
    assert inputs_digest(facts) == digest(spelt)


FULL = session(
    EXAMPLE.route,
    "reading x at 30; reading y at 22; reading z at 12; y symptoms nausea mild; z systolic 150; "
    "event m medication-given ondansetron at 26; event n symptom-resolved nausea at 15",
)


def differing(seeds: range) -> tuple[int, int]:
    """In how many arrivals going on says something else than deriving anew, and in how many it went on."""
    steps = [step for seed in seeds for step in walked(FULL, EXAMPLE, Random(seed))]
    return sum(found != anew for _, found, anew, _ in steps), sum(went_on for *_, went_on in steps)


def test_it_does_go_on():
    differ, went_on = differing(range(60))
    assert (differ, went_on > 100) == (0, True)


def patched(monkeypatch, careless):
    for module in (evidence_module, deriving):
        monkeypatch.setattr(module, "holds_for", careless)


def test_control_what_is_not_thrown_away_at_a_correction_or_a_late_reading_is_seen(monkeypatch):
    def careless(facts, protocol, known):
        held = holds_for(facts, protocol, known)
        return held if held is None else len(known.facts.readings)

    patched(monkeypatch, careless)
    assert differing(range(60))[0] > 30


def test_control_what_is_not_thrown_away_at_an_event_is_seen(monkeypatch):
    def careless(facts, protocol, known):
        return holds_for(facts, protocol, known and replace(known, facts=replace(known.facts, events=facts.events)))

    patched(monkeypatch, careless)
    assert differing(range(60))[0] > 30


def test_a_reading_of_the_very_instant_of_the_last_set_belongs_to_that_set(monkeypatch):
    last = max(FULL.readings, key=lambda one: one.measured_at)
    record = SessionRecord(
        id=SESSION,
        headers=(kept(header(UUID(int=4), route=EXAMPLE.route)),),
        patients=(kept(patient()),),
        events=tuple(EventHistory(kept(event)) for event in FULL.events),
        readings=tuple(ReadingHistory((kept(reading),)) for reading in FULL.readings),
    )
    known = derive(record, EXAMPLE, AS_OF)
    more = with_reading(replace(last, id=UUID(int=2**128 - 1), gait_steady=False))(record)
    anew = derive(more, EXAMPLE, AS_OF)
    assert derive(more, EXAMPLE, AS_OF, known) == anew
    # control: looked at alone, it would be a set of its own
    patched(monkeypatch, lambda _facts, _protocol, known: len(known.facts.readings))
    assert derive(more, EXAMPLE, AS_OF, known) != anew


@pytest.mark.parametrize("at", ["45", "33", "31", "24", "12", "4"])
@pytest.mark.parametrize("grade", ["", "; late systolic 190", "; late gait -"])
def test_a_set_that_arrives_late_within_the_run_is_counted_in_its_place(at, grade):
    """Counted are those five minutes apart: which of those after it count may change."""
    good = session(EXAMPLE.route, "reading r at 32; reading q at 28; reading p at 22")
    late = session(EXAMPLE.route, f"reading late at {at}{grade}")
    (reading,) = (one for one in late.readings if one.id == named("late"))
    record = SessionRecord(
        id=SESSION,
        headers=(kept(header(UUID(int=4), route=EXAMPLE.route)),),
        patients=(kept(patient()),),
        events=tuple(EventHistory(kept(event)) for event in good.events),
        readings=tuple(ReadingHistory((kept(one),)) for one in good.readings),
    )
    known = derive(record, EXAMPLE, AS_OF)
    more = with_reading(reading)(record)
    found = derive(more, EXAMPLE, AS_OF, known)
    assert found == derive(more, EXAMPLE, AS_OF)
    assert known.evidence is not None
    assert found.evidence is not None
    assert holds_for(found.evidence.facts, EXAMPLE, known.evidence)
    # and once more, corrected to another instant
    moved = replace(reading, revision=2, measured_at=reading.measured_at + timedelta(minutes=3))
    again = with_reading(moved)(more)
    assert derive(again, EXAMPLE, AS_OF, found) == derive(again, EXAMPLE, AS_OF)


# --- while nothing is due ---------------------------------------------------------------------------------------------


def told(derived: Derived) -> tuple[object, ...]:
    """What a look at a session takes from it."""
    judged = derived.assessment
    clocks = (judged.lapses_at, judged.earliest_met_at, judged.next_change_at)
    rest = (derived.life, derived.phase, derived.evidence, derived.due, derived.peaks, derived.had_left_at)
    return (judged.status, derived.outcomes, clocks, rest, derived.failed)


@law
@given(made(), st.integers(0, 10_000), st.integers(0, 7200))
def test_while_nothing_is_due_it_comes_to_the_same(one, seed, seconds):
    *_, (record, found, _, _) = walked(one.facts, one.protocol, Random(seed))
    now = AS_OF + timedelta(seconds=seconds)
    still = found.still(record.tablets, now)
    due = found.assessment.next_change_at
    assert (still is None) is (due is not None and now >= due)
    if still is not None:
        assert told(still) == told(derive(record, one.protocol, now))


def test_at_the_instant_of_a_change_it_is_derived_anew():
    *_, (record, found, _, _) = walked(session(EXAMPLE.route), EXAMPLE, Random(1))
    due = found.assessment.next_change_at
    assert due is not None
    assert found.still(record.tablets, due) is None
    # control: what it came to before is not what it comes to then
    assert found.outcomes != derive(record, EXAMPLE, due).outcomes
    assert found.still(record.tablets, due - timedelta(seconds=1)) is not None


def test_another_word_of_a_tablet_and_an_earlier_look_are_derived_anew():
    facts = session(EXAMPLE.route, "tablet t heard 0 unsent 0")
    *_, (record, found, _, _) = walked(facts, EXAMPLE, Random(1))
    heard = tuple(replace(one, unsent=1) for one in record.tablets)
    assert found.still(record.tablets, AS_OF) is not None
    assert found.still(heard, AS_OF) is None
    assert found.still(record.tablets, AS_OF - timedelta(seconds=1)) is None
