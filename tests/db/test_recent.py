"""What is remembered of a patient's stream is used only up to the head that its row says."""

from dataclasses import replace

import pytest

from app.db import recent, session_records
from app.services import patients
from tests import factories
from tests.services.ward import Ward


@pytest.fixture
def ward(database):
    made = Ward(database)
    made.patient = made.add_patient(record_number="R-1")
    made.session = made.plan(made.patient)
    return made


def called(work, session_id):
    record = session_records.load(work, session_id)
    return [kept.value.family_name for kept in record.patients]


def corrected(work, ward, name, revision):
    patients.put(work, ward.patient, factories.patient(record_number="R-1", family_name=name), revision)
    return called(work, ward.session)


def test_a_sheet_that_was_corrected_is_read_anew(ward):
    first = ward.read(called, ward.session)
    key = (ward.clinic.id, f"patient:{ward.patient}")
    assert recent._AROUND.get(key) is not None
    ward.write(patients.put, ward.patient, factories.patient(record_number="R-1", family_name="Second"), 1)
    assert ward.read(called, ward.session) == [*first, "Second"]
    # control: what is remembered is used, and of another head it is not
    held = recent._AROUND.get(key)
    recent._AROUND.keep(key, replace(held, folding=session_records.Folding(ward.session)))
    assert ward.read(called, ward.session) == []
    recent._AROUND.keep(key, replace(held, hash="another", folding=session_records.Folding(ward.session)))
    assert ward.read(called, ward.session) == [*first, "Second"]


def test_a_work_that_corrects_a_sheet_sees_it_before_its_head_is_written(ward):
    first = ward.read(called, ward.session)
    assert ward.write(corrected, ward, "Second", 1) == [*first, "Second"]
    assert ward.write(corrected, ward, "Third", 2) == [*first, "Second", "Third"]


def test_nothing_of_a_work_that_was_rolled_back_is_remembered(ward):
    first = ward.read(called, ward.session)

    def fails(work):
        corrected(work, ward, "Second", 1)
        raise LookupError

    with pytest.raises(LookupError):
        ward.write(fails)
    assert ward.read(called, ward.session) == first
    ward.write(patients.put, ward.patient, factories.patient(record_number="R-1", family_name="Other"), 1)
    assert ward.read(called, ward.session) == [*first, "Other"]
