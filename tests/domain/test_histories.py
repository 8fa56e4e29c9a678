"""The record as it stood at an instant: what had arrived by then, and nothing that came later."""

from dataclasses import replace

import pytest

from app.domain.histories import SessionHistory, as_of
from app.domain.instants import from_text
from app.exchange.fhir import Past, context_of, resources_of_session, versions_of_session
from tests.exchange.made import Made, made


def history_of(one: Made) -> SessionHistory:
    record, past = one.record, one.past
    return SessionHistory(
        record,
        past.headers,
        (replace(record.patient, recorded_at=past.headers[0].recorded_at),),
        () if record.course is None else (record.course,),
        past.screenings,
        past.clearances,
        past.course_clearances,
        past.escorts,
        past.assessments,
    )


def told(one: Made, history: SessionHistory, tell) -> list:
    past = Past(
        history.headers,
        history.screenings,
        history.clearances,
        history.course_clearances,
        history.escorts,
        history.assessments,
    )
    return list(tell(history.record, context_of(one.clinic.id, history.record), past))


@pytest.mark.parametrize("seed", range(40))
def test_as_of_an_instant_each_resource_is_the_last_version_that_there_was(seed):
    one = made(seed)
    history = history_of(one)
    versions = told(one, history, versions_of_session)
    instants = sorted({from_text(version["meta"]["lastUpdated"]) for version in versions})
    for instant in instants[:: max(1, len(instants) // 6)]:
        then = as_of(history, instant)
        expected = {
            (version["resourceType"], version["id"]): version
            for version in versions
            if from_text(version["meta"]["lastUpdated"]) <= instant
        }
        found = {} if then is None else {(r["resourceType"], r["id"]): r for r in told(one, then, resources_of_session)}
        # a signature points at the newest kept assessment of its digest, which in this made-up record may come later
        assert {name: found[name] for name in found if name[0] != "Provenance"} == {
            name: expected[name] for name in expected if name[0] != "Provenance"
        }
        assert set(found) == set(expected)


def test_before_it_was_planned_there_is_no_session():
    one = made(3)
    history = history_of(one)
    earlier = history.headers[0].recorded_at.replace(year=1999)
    assert as_of(history, earlier) is None


def test_control_forgetting_the_instant_is_noticed():
    one = made(5)
    history = history_of(one)
    versions = told(one, history, versions_of_session)
    first = min(from_text(version["meta"]["lastUpdated"]) for version in versions)
    assert as_of(history, first) != history
