"""What a patient must have to be kept: a name, and a record number that looks like no other's."""

from dataclasses import replace

from app.domain.errors import FieldError
from app.domain.records import Patient
from app.domain.texts import identifier_faults, text_faults

MOST_GIVEN = 20
"""Given names of one patient."""
NAMELESS = "a patient has a family name, a given name or both: type at least one"


def patient_faults(patient: Patient) -> list[FieldError]:
    """What is wrong with the names and the record number."""
    faults = _one_name("family_name", patient.family_name)
    if len(patient.given_names) > MOST_GIVEN:
        faults.append(FieldError("given_names", f"are {len(patient.given_names)}: keep the first {MOST_GIVEN}"))
    field = "given_name" if len(patient.given_names) == 1 else "given_names"
    given = [fault for name in patient.given_names for fault in text_faults(field, name)]
    faults += given[:1] or _one_name("given_name", patient.given_name)
    if not (patient.family_name or patient.given_names):
        faults.append(FieldError("family_name", NAMELESS))
    return faults + identifier_faults("record_number", patient.record_number)


def _one_name(field: str, name: str) -> list[FieldError]:
    """A name may be left out; one that is there can be read."""
    return text_faults(field, name) if name else []


def with_kept_split(offered: Patient, kept: Patient | None) -> Patient:
    """The patient offered; given names that read the same as those kept stay apart as they are kept.

    Whoever sends them as one text (an older client, a spreadsheet) does not say where one ends and the next begins.
    """
    if kept is None or len(offered.given_names) != 1 or offered.given_name != kept.given_name:
        return offered
    return replace(offered, given_names=kept.given_names)
