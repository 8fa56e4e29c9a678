"""An entry is covered whole by its hash, and a stream holds as it was written."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.audit import Head
from app.domain.canonical import canonical_json
from app.domain.facts import START
from app.domain.feed import NOT_PUBLISHED, PUBLISHED
from app.domain.journal import (
    SAID,
    Entry,
    Fact,
    Kind,
    as_event,
    entry_document,
    entry_hash,
    session_stream,
    stream_of,
    told,
)
from app.domain.records import Signer
from app.domain.tampering import Known, verify

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
SESSION = UUID(int=7)
STREAM = session_stream(SESSION)


def entry(position, **other):
    usual = {
        "clinic_id": UUID(int=1),
        "stream": STREAM,
        "position": position,
        "id": UUID(int=1000 + position),
        "kind": "reading",
        "fact_id": str(UUID(int=2000 + position)),
        "revision": 1,
        "at": NOON,
        "action": "reading.recorded",
        "patient_id": UUID(int=8),
        "text": canonical_json({"systolic": 120 + position}).decode(),
        "by": Signer(UUID(int=2), "Ann", "nurse"),
        "tablet_id": UUID(int=3),
        "reason": "misread",
        "sent_as": UUID(int=4),
        "recorded_at": NOON + timedelta(minutes=position),
        "wall_at": NOON + timedelta(minutes=position, seconds=1),
        "hash": "",
    }
    return Entry(**usual | other)


def stream(length):
    found, prev = [], START
    for position in range(1, length + 1):
        one = entry(position)
        one = replace(one, hash=entry_hash(prev, one))
        prev = one.hash
        found.append(one)
    return found


def test_a_stream_as_written_holds():
    entries = stream(5)
    verdict = verify(STREAM, entries, Known(outside={3: entries[2].hash, 5: entries[4].hash}))
    assert verdict.holds
    assert (verdict.links, verdict.head) == (5, Head(STREAM, 5, entries[4].hash))
    assert verify(STREAM, [], Known()).holds


OTHER = {
    "clinic_id": UUID(int=99),
    "stream": "session:other",
    "position": 9,
    "id": UUID(int=99),
    "kind": "event",
    "fact_id": "other",
    "revision": 2,
    "at": None,
    "action": "reading.corrected",
    "patient_id": None,
    "text": '{"systolic":121}',
    "by": Signer(UUID(int=2), "Anna", "nurse"),
    "tablet_id": None,
    "reason": None,
    "sent_as": None,
    "recorded_at": NOON,
    "wall_at": NOON,
    "hash": "0" * 64,
}


@pytest.mark.parametrize("name", [field.name for field in fields(Entry)])
def test_no_part_of_an_entry_can_be_changed(name):
    entries = stream(5)
    entries[2] = replace(entries[2], **{name: OTHER[name]})
    verdict = verify(STREAM, entries, Known())
    assert verdict.bad is not None
    assert (verdict.links, verdict.bad.position) == (2, 3)


@pytest.mark.parametrize("by", [Signer(None, "Ann", "nurse"), Signer(UUID(int=2), "Ann", "lead")])
def test_nor_who_kept_it(by):
    entries = stream(3)
    entries[1] = replace(entries[1], by=by)
    assert verify(STREAM, entries, Known()).bad.position == 2


def test_an_entry_gone_swapped_or_rewritten_with_its_hash_is_found():
    entries = stream(5)
    assert "entry 3 is missing" in verify(STREAM, [*entries[:2], *entries[3:]], Known()).bad.because
    assert verify(STREAM, [entries[1], entries[0], *entries[2:]], Known()).bad.position == 1
    forged = replace(entries[2], reason="forged")
    forged = replace(forged, hash=entry_hash(entries[1].hash, forged))
    assert verify(STREAM, [*entries[:2], forged, *entries[3:]], Known()).bad.position == 4


def test_a_tail_cut_off_or_a_whole_written_anew_is_found_by_an_anchor_and_only_by_one():
    entries = stream(5)
    assert verify(STREAM, entries[:3], Known()).holds
    assert verify(STREAM, entries[:3], Known(outside={5: entries[4].hash})).bad.position == 4
    assert "anchor" in verify(STREAM, entries, Known(outside={4: "0" * 64})).bad.because
    assert verify(STREAM, entries, Known(outside={4: "0" * 64})).bad.position == 4


def test_a_hash_is_the_same_for_ever():
    """Written down once, and compared with on every run: the form of an entry can never change unnoticed."""
    assert entry_hash(START, entry(1)) == GOLDEN
    assert entry_document(entry(1))["document"] == {"systolic": 121}


GOLDEN = "8bd0ebebc36ab44326a5961b55a1a1463087fa29b4e25d6a7e7f9ca8e39d03e9"


def test_every_kind_has_a_stream_and_every_action_is_told_or_not_by_decision():
    for kind in Kind:
        fact = Fact(kind, "x", {}, action=None if kind in SAID else "client.registered")
        assert stream_of(fact, SESSION) == STREAM
        own = stream_of(fact, None)
        assert own == "clinic" or own.partition(":")[0] in {"patient", "course", "protocol", "clinic-sheet"}
        assert fact.called in PUBLISHED | NOT_PUBLISHED
        assert replace(fact, revision=2).called in PUBLISHED | NOT_PUBLISHED


def test_what_is_told_of_long_documents_is_short_and_of_voids_nothing():
    document = {"status": "met", "as_of": "2026", "number": 3, "digest": "d", "findings": []}
    text = canonical_json(document).decode()
    assert told(entry(1, kind="assessment", text=text)) == {"status": "met", "as_of": "2026", "number": 3}
    assert told(entry(1, kind="reading-void")) is None
    assert told(entry(1)) == {"systolic": 121}


def test_an_entry_is_its_own_event_of_the_audit():
    event = as_event(entry(1, kind="assessment", text='{"as_of":"x","digest":"d","number":1,"status":"met"}'), None)
    assert (event.subject, event.subject_id, event.session_id) == ("assessment", "d", SESSION)
    assert (event.actor_name, event.at, event.reason) == ("Ann", NOON + timedelta(minutes=1), "misread")
    released = as_event(entry(1, kind="tablet-release", fact_id="tablet/session"), None)
    assert (released.subject, released.subject_id, released.after) == ("tablet", "tablet", None)
