"""What was ordered and how far it has come, kept and read back as it was."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.domain.canonical import canonical_json
from app.domain.exports import (
    OPEN,
    ExportFile,
    ExportState,
    Level,
    Order,
    Progress,
    order_document,
    order_from,
    progress_document,
    progress_from,
)

SINCE = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)
ORDER = Order(Level.PATIENT, ("Observation", "Patient"), "https://clinic.example/fhir/$export", SINCE, (ONE, OTHER))
BEGUN = Progress(
    place=("Observation", "2026-03-08", "7"),
    files=(ExportFile("Observation", "o-1", 900, 81_000, closed=True), ExportFile("Observation", "o-2", 40, 3_600)),
    units=940,
    turns=2,
)


def through_json(document):
    return json.loads(canonical_json(document))


def test_an_order_is_kept_word_for_word():
    assert order_document(ORDER) == {
        "level": "patient",
        "types": ["Observation", "Patient"],
        "request": "https://clinic.example/fhir/$export",
        "since": "2026-03-08T09:30:00Z",
        "patients": [str(ONE), str(OTHER)],
    }


def test_an_order_of_everything_has_neither_an_instant_nor_patients():
    document = order_document(Order(Level.SYSTEM, ("Patient",), "asked"))
    assert (document["level"], document["since"], document["patients"]) == ("system", None, None)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("since", [None, SINCE])
@pytest.mark.parametrize("patients", [None, (), (ONE,), (ONE, OTHER)])
def test_an_order_comes_back_as_it_was(level, since, patients):
    order = replace(ORDER, level=level, since=since, patients=patients)
    assert order_from(through_json(order_document(order))) == order


def test_of_all_patients_is_not_of_none():
    of_all, of_none = replace(ORDER, patients=None), replace(ORDER, patients=())
    assert order_document(of_all)["patients"] is None
    assert order_document(of_none)["patients"] == []


def test_progress_is_kept_word_for_word():
    assert progress_document(BEGUN) == {
        "place": ["Observation", "2026-03-08", "7"],
        "files": [
            {"type": "Observation", "name": "o-1", "count": 900, "size": 81_000, "closed": True},
            {"type": "Observation", "name": "o-2", "count": 40, "size": 3_600, "closed": False},
        ],
        "units": 940,
        "turns": 2,
    }


@pytest.mark.parametrize("progress", [Progress(), BEGUN, replace(BEGUN, place=None), replace(BEGUN, place=())])
def test_progress_comes_back_as_it_was(progress):
    assert progress_from(through_json(progress_document(progress))) == progress


def test_nothing_is_done_at_first():
    assert progress_document(Progress()) == {"place": None, "files": [], "units": 0, "turns": 0}


def test_another_worker_goes_on_from_the_same_place_with_every_file_closed():
    taken = BEGUN.taken_over()
    assert (taken.place, taken.units, taken.turns) == (BEGUN.place, 940, 3)
    assert taken.files == (
        ExportFile("Observation", "o-1", 900, 81_000, closed=True),
        ExportFile("Observation", "o-2", 40, 3_600, closed=True),
    )
    assert [Progress().taken_over().turns, taken.taken_over().turns] == [1, 4]


def test_only_what_waits_or_runs_is_worked_on():
    assert {ExportState.WAITING, ExportState.RUNNING} == OPEN
