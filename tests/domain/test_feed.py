"""Which events are told, when a delivery is tried again, and which addresses it may go to."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

import app
from app.domain.addresses import Reach, may_reach, reach_of
from app.domain.exports import OPEN, ExportState
from app.domain.feed import NOT_PUBLISHED, PUBLISHED, FeedItem, item_document
from app.domain.journal import SAID
from app.domain.keeping import PAST
from app.domain.records import Decision, FlagChange
from app.domain.webhooks import GAPS, JITTER, LAST, LEASE, TRY_SECONDS, next_try

WORD = re.compile(r"[a-z-]+\.[a-z-]+\Z")
SPELT = {  # actions that the code puts together
    "export.": {f"export.{state.value}" for state in set(ExportState) - OPEN},
    "discharge.": {f"discharge.{PAST[decision]}" for decision in Decision},
    "readiness.": {f"readiness.{change.value}" for change in FlagChange},
}


def actions_of(source):
    """Every action that this source hands to the audit."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in CALLS):
            continue
        for argument in node.args[:3]:
            for part in ast.walk(argument):
                if isinstance(part, ast.JoinedStr):
                    found |= SPELT.get(getattr(part.values[0], "value", None), set())
                elif isinstance(part, ast.Constant) and isinstance(part.value, str) and WORD.match(part.value):
                    found.add(part.value)
    return found


CALLS = {"audit", "_audit", "_keep", "_revise", "keep", "read_record"}
KEPT = {action for said in SAID.values() for action in (said.first, said.later)}
"""What the journal calls what it keeps."""


def test_every_word_of_the_audit_is_told_or_not_by_decision():
    root = Path(app.__file__).parent
    found = {action for path in root.rglob("*.py") for action in actions_of(path.read_text())} | KEPT
    found |= SPELT["readiness."] | SPELT["discharge."] | {"assessment.kept"}
    assert len(found) > 60
    assert found - PUBLISHED - NOT_PUBLISHED == set()
    assert PUBLISHED - found == set(), "told of and never done"
    assert not PUBLISHED & NOT_PUBLISHED


def test_control_a_new_word_is_noticed():
    assert actions_of('work.audit("reading.weighed", subject="reading")') == {"reading.weighed"}


SESSION, PATIENT = UUID(int=7), UUID(int=8)


def item(session_id=SESSION, patient_id=PATIENT, revision=2):
    at = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    values = {"family_name": "Probe"}
    return FeedItem(41, UUID(int=1), "escort.kept", at, session_id, patient_id, "escort", "e-1", revision, values)


def test_what_is_told_is_where_to_look_and_nothing_of_the_patient_s():
    assert item_document(item()) == {
        "position": 41,
        "id": str(UUID(int=1)),
        "kind": "escort.kept",
        "at": "2026-03-08T09:30:00Z",
        "session_id": str(SESSION),
        "patient_id": str(PATIENT),
        "subject": "escort",
        "subject_id": "e-1",
        "revision": 2,
    }
    of_neither = item_document(item(None, None, None))
    assert (of_neither["session_id"], of_neither["patient_id"], of_neither["revision"]) == (None, None, None)


@pytest.mark.parametrize(
    ("session_id", "patient_id", "lane"),
    [
        (SESSION, PATIENT, str(SESSION)),
        (SESSION, None, str(SESSION)),
        (None, PATIENT, str(PATIENT)),
        (None, None, "escort:e-1"),
    ],
)
def test_order_holds_within_a_session_else_a_patient_else_a_thing(session_id, patient_id, lane):
    assert item(session_id, patient_id).lane == lane


def test_tries_go_on_for_days_and_then_end():
    assert timedelta(days=4) < sum(GAPS, timedelta()) < timedelta(days=6)
    assert list(GAPS) == sorted(GAPS)
    for tries, gap in enumerate(GAPS, 1):
        assert next_try(tries, 0.0) == gap
        assert next_try(tries, 1.0) == gap * (1 + JITTER)
    assert next_try(LAST, 0.5) is not None
    assert next_try(LAST + 1, 0.5) is None


def test_a_try_is_over_long_before_another_process_may_take_it():
    assert LEASE.total_seconds() > 3 * TRY_SECONDS


PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "64:ff9b::168.63.129.17",
]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "::ffff:100.100.100.201",
    "64:ff9b::100.100.100.199",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "::1%eth0",
    "fd12::1%eth0",
    "2606:4700::1111%eth0",
    "::ffff:8.8.8.8%eth0",
    "fec0::1",
    "ff02::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "64:ff9b:1::1",
    "64:ff9b::a9fe:a9fe",
    "::ffff:169.254.169.254",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:42::42",
    "100::1",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "",
]


@pytest.mark.parametrize(
    ("reach", "text"),
    [(reach, text) for reach, texts in zip(Reach, (PUBLIC, PRIVATE, NEVER), strict=True) for text in texts],
)
def test_where_an_address_leads(reach, text):
    assert reach_of(text) is reach


def test_a_host_may_be_sent_to_only_if_every_address_is_right():
    assert may_reach(["8.8.8.8", "2606:4700::1111"], https=True, allow_private=False)
    assert not may_reach(["8.8.8.8", "10.0.0.1"], https=True, allow_private=False)
    assert not may_reach(["8.8.8.8"], https=False, allow_private=True)
    assert may_reach(["10.0.0.1"], https=False, allow_private=True)
    assert may_reach(["8.8.8.8", "10.0.0.1"], https=True, allow_private=True)
    assert not may_reach(["10.0.0.1", "169.254.1.1"], https=True, allow_private=True)
    assert not may_reach([], https=True, allow_private=True)
