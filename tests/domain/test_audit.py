"""A chain holds as it was written, and every way of tampering with it is found at the first bad row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import (
    LATE,
    LOG,
    AuditEvent,
    BadRow,
    Head,
    Tail,
    Tampering,
    event_document,
    link_hash,
    next_link,
    verify,
)
from app.domain.facts import START
from app.domain.journal import session_stream

SESSION = session_stream(UUID(int=7))
NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)


def event(number, stream=SESSION):
    return AuditEvent(
        id=UUID(int=1000 + number),
        clinic_id=UUID(int=1),
        stream=stream,
        at=NOON + timedelta(minutes=number),
        wall_at=NOON + timedelta(minutes=number, seconds=1),
        action="reading.kept",
        actor_id=UUID(int=2),
        actor_name="Ann",
        actor_role="nurse",
        tablet_id=None,
        subject="reading",
        subject_id=str(number),
        session_id=UUID(int=7),
        patient_id=None,
        before=None,
        after={"systolic": 120 + number},
        reason=None,
    )


def chain(length, stream=SESSION):
    entries, head = [], None
    for number in range(length):
        link = next_link(head, stream, event(number, stream))
        head = Head(stream, link.position, link.hash)
        entries.append((link, event(number, stream)))
    return entries


def test_a_chain_as_written_holds():
    verdict = verify(SESSION, chain(5))
    assert verdict.holds
    assert verdict.links == 5
    assert verdict.head == Head(SESSION, 5, chain(5)[-1][0].hash)


def test_an_empty_chain_holds():
    assert verify(SESSION, []).head is None
    assert verify(SESSION, []).holds


def test_the_first_link_follows_from_nothing():
    link = chain(1)[0][0]
    assert (link.position, link.prev) == (1, START)


@pytest.mark.parametrize("name", AuditEvent.__slots__)
def test_every_field_of_an_event_is_covered(name):
    entries = chain(3)
    link, honest = entries[1]
    other = event(9, "another")
    changed = getattr(other, name)
    if changed == getattr(honest, name):
        changed = {"clinic_id": UUID(int=99), "action": "x", "subject": "x", "actor_name": "x", "actor_role": "x"}.get(
            name, {"x": 1} if name in ("before", "after") else UUID(int=99) if name.endswith("_id") else "x"
        )
    entries[1] = (link, replace(honest, **{name: changed}))
    verdict = verify(SESSION, entries)
    assert verdict.bad is not None
    assert verdict.bad.position == 2
    assert verdict.links == 1


def test_the_document_names_every_field():
    assert len(event_document(event(1))) == len(AuditEvent.__slots__) - 2  # the actor's three are one object


def test_a_link_that_holds_another_chain_s_head_is_covered():
    head = Head(SESSION, 3, "a" * 64)
    link = next_link(None, LOG, head)
    assert verify(LOG, [(link, None)]).holds
    for other in (replace(head, position=4), replace(head, hash="b" * 64), replace(head, stream="session:x")):
        assert not verify(LOG, [(replace(link, head=other), None)]).holds


tampering = {
    "changed": lambda entries, at: [
        *entries[:at],
        (entries[at][0], replace(entries[at][1], reason="never said")),
        *entries[at + 1 :],
    ],
    "link removed": lambda entries, at: entries[:at] + entries[at + 1 :],
    "event removed": lambda entries, at: [*entries[:at], (entries[at][0], None), *entries[at + 1 :]],
    "swapped": lambda entries, at: [
        *entries[:at],
        *([(entries[at][0], entries[at + 1][1]), (entries[at + 1][0], entries[at][1])]),
        *entries[at + 2 :],
    ],
    "rewritten from here on, badly": lambda entries, at: [
        *entries[:at],
        *((replace(link, prev="0" * 64 if at else "1" * 64), found) for link, found in entries[at:]),
    ],
}


@pytest.mark.parametrize("kind", tampering)
@given(data=st.data())
def test_tampering_is_found_at_the_first_bad_row(kind, data):
    length = data.draw(st.integers(3, 12))
    at = data.draw(st.integers(0, length - 2))
    tampered = tampering[kind](chain(length), at)
    anchors = {length: chain(length)[-1][0].hash}
    verdict = verify(SESSION, tampered, anchors)
    assert verdict.bad is not None
    assert verdict.bad.position in ((at + 1, at + 2) if kind == "link removed" else (at + 1,))
    assert verdict.links == at


def test_a_tail_cut_off_is_found_by_an_anchor_and_only_by_one():
    cut = chain(5)[:3]
    assert verify(SESSION, cut).holds, "a chain alone cannot know that it was longer"
    verdict = verify(SESSION, cut, {5: chain(5)[-1][0].hash})
    assert verdict.bad == BadRow(
        4, None, "the chain ends at 3, but an anchor knows link 5: its tail was cut off", Tampering.CUT_OFF
    )


def test_the_furthest_anchor_tells_how_long_the_chain_was():
    whole = chain(5)
    anchors = {link.position: link.hash for link, _ in whole if link.position in (1, 3, 5)}
    assert verify(SESSION, whole, anchors).holds
    assert verify(SESSION, whole[:4], anchors).bad == BadRow(
        5, None, "the chain ends at 4, but an anchor knows link 5: its tail was cut off", Tampering.CUT_OFF
    )
    assert verify(SESSION, whole[:3], {position: anchors[position] for position in (1, 3)}).holds


def test_a_chain_of_which_nothing_is_left_ends_at_nought():
    (first, _) = chain(1)[0]
    assert verify(SESSION, [], {1: first.hash}).bad == BadRow(
        1, None, "the chain ends at 0, but an anchor knows link 1: its tail was cut off", Tampering.CUT_OFF
    )


def test_a_chain_rewritten_as_a_whole_is_found_by_an_anchor_and_only_by_one():
    entries, head = [], None
    for number in range(5):
        forged = replace(event(number), reason="forged") if number == 2 else event(number)
        link = next_link(head, SESSION, forged)
        head = Head(SESSION, link.position, link.hash)
        entries.append((link, forged))
    assert verify(SESSION, entries).holds
    verdict = verify(SESSION, entries, {1: chain(5)[0][0].hash, 4: chain(5)[3][0].hash})
    assert verdict.bad is not None
    assert verdict.bad.position == 4
    assert verdict.bad.event_id == event(3).id


def test_events_without_a_link_are_a_tail_that_waits_for_its_seal():
    waiting = tuple(event(number) for number in (7, 8, 9))
    log = verify(LOG, chain(2, LOG), tail=Tail(waiting=waiting))
    assert log.holds
    assert log.unsealed == 3
    now = waiting[0].wall_at
    assert verify(LOG, chain(2, LOG), tail=Tail(waiting=waiting), wall=now + LATE).holds
    late = verify(LOG, chain(2, LOG), tail=Tail(waiting=waiting[:1]), wall=now + LATE + timedelta(microseconds=1))
    assert [(bad.position, bad.kind) for bad in late.wrong] == [(3, Tampering.UNSEALED)]


def test_an_event_slipped_in_behind_the_last_seal_is_named_and_so_is_one_that_is_gone():
    slipped = verify(LOG, chain(2, LOG), tail=Tail(loose=(event(7),), lost=(event(8).id,)))
    assert [(bad.position, bad.event_id, bad.kind) for bad in slipped.wrong] == [
        (3, event(7).id, Tampering.ADDED),
        (3, event(8).id, Tampering.MISSING),
    ]


def test_two_links_that_hold_each_other_s_place_are_said_to_be_swapped():
    entries = chain(6, LOG)
    (one, of_one), (other, of_other) = entries[1], entries[4]
    entries[1], entries[4] = (replace(other, position=2), of_other), (replace(one, position=5), of_one)
    wrong = verify(LOG, entries).wrong
    assert [(bad.position, bad.kind) for bad in wrong] == [(2, Tampering.SWAPPED), (5, Tampering.SWAPPED)]


def test_a_hash_is_the_same_for_ever():
    """Written down once, and compared with on every run: the form of a link can never change unnoticed."""
    assert link_hash(START, 1, SESSION, event(1)) == GOLDEN_EVENT
    assert link_hash(START, 1, LOG, Head(SESSION, 3, "a" * 64)) == GOLDEN_HEAD


GOLDEN_EVENT = "4d1675bad3e684a3576e67d95e32c35d6dc8f7f782a532d1577a25ab244ecd6a"
GOLDEN_HEAD = "1e5fb0182f5619ee7c409bb1897eb22c31a74d642d0bbea2cbb44c4b3e727e55"
