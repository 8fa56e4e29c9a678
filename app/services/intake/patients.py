"""Patients from a file. The record number says who is meant; nobody is ever merged.

A patient's id follows from the clinic and the record number, so that the same file again, or another file of the same
people, meets the same patient, whichever format it comes in.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from app.db import patients as kept_patients
from app.db import sessions as kept_sessions
from app.db.work import Work
from app.domain.lookalikes import keys, likeness, reasons
from app.domain.names import folded, number_key
from app.domain.patients import with_kept_split
from app.domain.records import Kept, Patient
from app.exchange.intake import BirthDates, CountedIn, Fault, Incoming, Row, patient_of
from app.services import patients
from app.services.intake.finishing import SeenReport, finish, may_import
from app.services.intake.outcomes import IMPORTED, AcceptedRow, Against, Alike, Report, What, against

Named = tuple[UUID, Patient]


def id_of(clinic_id: UUID, record_number: str) -> UUID:
    """The id of the patient of this number, in this clinic for ever."""
    return uuid5(clinic_id, f"patient:{number_key(record_number)}")


def import_patients(
    work: Work,
    incoming: Incoming,
    written: BirthDates,
    *,
    commit: bool,
    look_alikes_seen: bool = False,
    deceased_seen: bool = False,
    seen: SeenReport | None = None,
) -> Report:
    """Decides every row, and keeps them all where `commit`. Raises `ImportRefused`, then nothing is kept."""
    may_import(work)
    lines, faults = [], []
    offered: list[tuple[Row, Patient]] = []
    for row in incoming.rows:
        if row.deceased is not None and not deceased_seen:
            lines.append(AcceptedRow(row.number, What.LEFT, _of_the_deceased(work, row, row.deceased)))
            continue
        found = patient_of(row, written)
        if isinstance(found, list):
            faults += found
            continue
        wrong = _checked(work, row, found)
        faults += wrong
        if not wrong:
            offered.append((row, found))
    faults += _twice(offered, incoming.unit)
    among = _Among([patient for _, patient in offered])
    puts: list[tuple[UUID, Patient, int | None]] = []
    for row, patient in offered:
        decided = _decide(work, row, patient, among)
        if isinstance(decided, Fault):
            faults.append(decided)
            continue
        line, put = decided
        notes = (*row.notes, f"{row.deceased} in the source") if row.deceased else row.notes
        lines.append(replace(line, notes=notes, patient=put[1] if put else patient))
        if put is not None:
            puts.append(put)
    report = Report.of(lines, faults, kept=commit, passed=incoming.passed, unit=incoming.unit)
    report = finish(work, "patients", report, look_alikes_seen=look_alikes_seen, seen=seen)
    if commit:
        for patient_id, patient, expected in puts:
            patients.keep(work, patient_id, patient, expected, reason=IMPORTED)
    return report


def _of_the_deceased(work: Work, row: Row, deceased: str) -> str:
    said = f"{deceased} in the source: not taken before somebody has looked, and says so"
    number = row.cells.get("record_number")
    here = kept_patients.numbered(work, number) if number else []
    if any(kept_sessions.planned_of(work, patient_id) for patient_id, _ in here):
        said += "; a session is planned here: cancel it by hand"
    return said


def _checked(work: Work, row: Row, patient: Patient) -> list[Fault]:
    try:
        patients.check_patient(patient, work.now.date())
    except patients.BadPatient as refusal:
        return [Fault(row.number, fault.field, fault.message) for fault in refusal.errors]
    return []


def _twice(offered: Sequence[tuple[Row, Patient]], unit: CountedIn) -> list[Fault]:
    rows = defaultdict(list)
    for row, patient in offered:
        rows[number_key(patient.record_number)].append(row.number)
    return [
        Fault(number, "record_number", f"stands in {unit.named(numbers)}: a number is one patient's")
        for numbers in rows.values()
        if len(numbers) > 1
        for number in numbers
    ]


def _decide(
    work: Work, row: Row, offered: Patient, among: "_Among"
) -> tuple[AcceptedRow, tuple[UUID, Patient, int | None] | None] | Fault:
    mine = id_of(work.clinic_id, offered.record_number)
    history = kept_patients.history(work, mine)
    others = [held for held in kept_patients.numbered(work, offered.record_number) if held[0] != mine]
    if others:
        if len(others) == 1 and not history and _same_person(others[0][1].value, offered):
            return AcceptedRow(row.number, What.SAME, "was added here by hand"), None
        return Fault(
            row.number, "record_number", "is that of a patient added here by hand who differs: settle it there"
        )
    offered = with_kept_split(offered, history[-1].value if history else None)
    if not history:
        return AcceptedRow(row.number, What.NEW, look_alikes=_look_alikes(work, mine, offered, among)), (
            mine,
            offered,
            None,
        )
    if "sex" in row.cells:
        found = _against(history, offered)
    else:
        # a file that is silent about it has no say in it
        found = _against([replace(kept, value=replace(kept.value, sex=None)) for kept in history], offered)
        offered = replace(offered, sex=history[-1].value.sex)
    if isinstance(found, str):
        return Fault(row.number, "record_number", found)
    put = (mine, offered, history[-1].revision) if found.what is What.REVISED else None
    return AcceptedRow(row.number, found.what, found.because), put


def _against(history: Sequence[Kept[Patient]], offered: Patient) -> Against | str:
    found = against(history, offered)
    if found.conflict:
        return found.because
    if found.what is What.REVISED and not _could_be(history[-1].value, offered):
        return "belonged to somebody with other names and another birth date: numbers are never used again"
    return found


def _same_person(one: Patient, other: Patient) -> bool:
    return (one.family_name, one.given_name, one.birth_date) == (other.family_name, other.given_name, other.birth_date)


def _could_be(before: Patient, after: Patient) -> bool:
    """Whether a correction can lie between the two: a name or the birth date must hold still."""
    families = folded(before.family_name), folded(after.family_name)
    given = folded(before.given_name), folded(after.given_name)
    # that neither has such a name is nothing that held still
    names = any(one and one == other for one, other in (families, given))
    return names or before.birth_date == after.birth_date


class _Among:
    """The other rows of the same file, found by what look-alikes share."""

    def __init__(self, everybody: Sequence[Patient]) -> None:
        self._near: dict[str, list[Patient]] = defaultdict(list)
        for patient in everybody:
            for key in keys(likeness(patient)):
                self._near[key].append(patient)

    def like(self, patient: Patient) -> bool:
        """Whether another row could be taken for this one."""
        mine = likeness(patient)
        near = {id(other): other for key in keys(mine) for other in self._near[key] if other is not patient}
        return any(reasons(mine, likeness(other)) for other in near.values())


def _look_alikes(work: Work, mine: UUID, patient: Patient, among: _Among) -> tuple[Alike, ...]:
    here = patients.look_alikes(work, {mine: patient})[mine]
    found = tuple(Alike(other.id, other.patient, other.because) for other in here)
    return (*found, Alike()) if among.like(patient) else found
