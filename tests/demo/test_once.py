"""Whole sessions over real HTTP, and the two faults the run is there to find, made on purpose."""

import re
from dataclasses import replace
from typing import Any

import pytest

from app.db import chains, clinics
from app.db.clock import load_clock
from app.db.engine import open_database
from app.db.work import EVERY_CLINIC, service_actor
from app.demo import bedside, charting, once, stories
from app.demo.stories import Plan, Story
from app.domain.monitoring import AnswerOrigin, Missing
from app.domain.own_evidence.groups import Portion, SessionGroup, groups_of
from app.domain.own_evidence.went import Stretch
from app.services import monitoring, own_evidence
from tests.factories import NOON
from tests.services.test_rebuilding import otherwise

ONLY_LATE = [Story.LATE_DISSOCIATION]


def row(text: str, label: str) -> str:
    found = re.search(rf"│ {label} +│ (.*?) *│", text)
    assert found, text
    return found.group(1)


def played(monkeypatch: pytest.MonkeyPatch, told: list[Story]) -> int:
    """Only these stories."""
    monkeypatch.setattr(once, "programme", lambda _count, _chance: list(told))
    return len(told)


def test_sessions_end_with_every_reading_in_the_record_and_no_false_ready(
    build: Any, heard: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        Story.CORRECTION_AFTER_FLAG, Story.REBOUND, Story.TYPED_1200, Story.SWAPPED_PRESSURES, Story.EXCLUDED,
        Story.NASAL, Story.OVER_MIDNIGHT,
    ]  # fmt: skip
    count = played(monkeypatch, told)
    assert once.main(build, sessions=count, seed=3, database_url=database_url, console=heard) == 0, heard.text
    assert row(heard.text, "sessions") == "7 (6 unusual)"
    assert int(row(heard.text, "flags raised")) >= 6
    assert int(row(heard.text, "flags withdrawn")) >= 2
    assert row(heard.text, "false readies") == "0"
    sent = int(row(heard.text, "readings sent"))
    assert sent > 40
    assert row(heard.text, "readings found in the record") == str(sent)
    assert as_the_journal_says(database_url)
    whole = evidence_of(database_url)
    assert (whole.unknown, whole.sessions) == (0, 6)  # all but the one that was excluded before a dose
    assert str(whole.minutes[Stretch.DOSE_END_TO_LEAVING].sessions) == row(heard.text, "discharged")
    assert (
        sum(one.of for one in list(whole.last_in_way.values())[:1]) == whole.minutes[Stretch.DOSE_END_TO_FLAG].sessions
    )
    assert whole.portions[Portion.VALUES_CORRECTED].hits > 0
    assert_every_field_is_filled(database_url)


def evidence_of(database_url: str) -> SessionGroup:
    """What the clinic's own evidence says of all sessions."""
    database = open_database(database_url)
    now = database.read_now(load_clock, EVERY_CLINIC, NOON)
    (clinic,) = database.read_now(clinics.all_clinics, EVERY_CLINIC, now)
    found = database.read_now(own_evidence.read, service_actor(clinic.id), now, own_evidence.Months())
    database.close()
    return groups_of(found.sessions)[0]


def assert_every_field_is_filled(database_url: str) -> None:
    """Of the nasal session's monitoring form, each with where it comes from."""
    database = open_database(database_url)
    now = database.read_now(load_clock, EVERY_CLINIC, NOON)
    (clinic,) = database.read_now(clinics.all_clinics, EVERY_CLINIC, now)
    found = database.read_now(monitoring.due, service_actor(clinic.id), now, None, 20)
    database.close()
    (form,) = found.items
    assert form.fields is not None
    assert [(one.id, one.answer.because) for one in form.fields if isinstance(one.answer, Missing)] == []
    assert [one.id for one in form.fields if not one.source.words] == []
    assert {one.source.origin for one in form.fields} == set(AnswerOrigin)


def as_the_journal_says(database_url: str) -> bool:
    """Whether everything derived is what the journal comes to, and every stream holds."""
    database = open_database(database_url)
    now = database.read_now(load_clock, EVERY_CLINIC, NOON)
    assert now is not None
    (clinic,) = database.read_now(clinics.all_clinics, EVERY_CLINIC, now)
    actor = service_actor(clinic.id)
    streams = database.read_now(chains.all_streams, actor, now)
    verdicts = [database.read_now(chains.verify_stream, actor, now, stream) for stream in streams]
    differing = otherwise(database, clinic.id, now)
    database.close()
    assert len(streams) > 7
    return all(verdict.holds for verdict in verdicts) and differing == []


def test_the_same_seed_gives_the_same_table(build: Any, another: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    played(monkeypatch, [Story.ORDINARY, Story.DECLINED_ONCE])
    texts = []
    for seed in (5, 5, 6):
        heard = another()
        assert once.main(build, sessions=2, seed=seed, console=heard) == 0
        texts.append(heard.text)
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_control_a_blind_nurse_makes_a_false_ready_and_the_run_says_so(
    build: Any, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The patient still dissociates; the nurse writes none. Nothing else is wrong with them."""
    monkeypatch.setattr(charting, "grade", lambda _cadss: "none")
    monkeypatch.setattr(bedside, "SCORED_SHARE", 0)
    shape = stories.SHAPES[Story.LATE_DISSOCIATION]

    def steady(drawn: Plan, chance: Any) -> Plan:
        late = shape(drawn, chance)
        return replace(late, body=replace(late.body, gait_steady=70.0, orientated=65.0), escort_after=20.0)

    monkeypatch.setitem(stories.SHAPES, Story.LATE_DISSOCIATION, steady)
    played(monkeypatch, ONLY_LATE)
    assert once.main(build, sessions=1, seed=3, console=heard) == 1
    assert "FALSE READY" in heard.text
    assert "CADSS +" in heard.text
    assert "the record says" in heard.text


def test_control_a_reading_that_never_arrived_is_missed(
    build: Any, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = bedside.Bedside._send
    swallowed = []

    def leaky(self: Any, reading_id: Any, reading: Any) -> Any:
        if not swallowed:
            swallowed.append(reading_id)
            return {}
        return send(self, reading_id, reading)

    monkeypatch.setattr(bedside.Bedside, "_send", leaky)
    played(monkeypatch, [Story.ORDINARY])
    assert once.main(build, sessions=1, seed=3, console=heard) == 1
    assert f"{swallowed[0]}" in heard.text
    assert "LOST" in heard.text


def test_control_a_service_that_takes_1200_is_found_out(
    build: Any, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    must = bedside.Bedside._must_be_refused

    def harmless(self: Any, reading_id: Any, reading: Any, otherwise: str) -> None:
        must(self, reading_id, {**reading, "systolic": 120, "diastolic": 70}, otherwise)

    monkeypatch.setattr(bedside.Bedside, "_must_be_refused", harmless)
    played(monkeypatch, [Story.TYPED_1200])
    assert once.main(build, sessions=1, seed=3, console=heard) == 1
    assert "DEFECT" in heard.text


def test_an_unknown_cohort_is_one_line(build: Any, heard: Any) -> None:
    assert once.main(build, cohort="atlantis", console=heard) == 2
    assert heard.text.count("\n") == 1
    assert "yale" in heard.text


def test_a_database_with_a_clinic_is_left_alone(build: Any, heard: Any, database_url: str) -> None:
    from uuid import uuid4

    from app.clock import SystemClock
    from app.db.engine import open_database
    from app.db.work import service_actor
    from app.domain.people import Clinic
    from app.services import clinics

    database = open_database(database_url)
    clinic = Clinic(uuid4(), "A real clinic", "UTC")
    database.write_now(clinics.create, service_actor(clinic.id), SystemClock().now(), clinic)
    database.close()
    assert once.main(build, sessions=1, database_url=database_url, console=heard) == 2
    assert heard.text.count("\n") == 1
    assert "real clinic" in heard.text
