"""What is asked for the monitoring form: of a session, and of a patient once."""

from functools import partial
from uuid import UUID

from app.db import forms
from app.db.work import Work
from app.domain.deciding import Change, decide_sheet
from app.domain.deciding import sheets as deciding
from app.domain.forms import FormAnswers, Programme
from app.domain.people import Act, check_may
from app.domain.records import Kept
from app.services import patients
from app.services.session_work import carry_out


def put_answers(
    work: Work, session_id: UUID, answers: FormAnswers, expected: int | None
) -> tuple[Kept[FormAnswers], bool]:
    """Keeps what was asked for the form of one session. Raises `NoSuchSession`, `NotIntranasal`, `BadForm`."""
    check_may(work.actor, Act.CHART)
    done = carry_out(work, session_id, partial(deciding.answer_form, answers=answers, expected=expected))
    kept = done.record.form_answers[-1]
    return kept, done.new and kept.revision == 1


def put_programme(
    work: Work, patient_id: UUID, value: Programme, expected: int | None
) -> tuple[Change, Kept[Programme]]:
    """Keeps whether a patient is enrolled in the monitoring programme. Raises `NoSuchPatient`."""
    patients.find(work, patient_id)
    change = decide_sheet(forms.programme(work, patient_id), value, expected)
    if change.changed:
        forms.keep_programme(work, patient_id, value, change.revision)
    kept = forms.programme(work, patient_id)
    assert kept is not None, "it has just been kept, or was before"
    return change, kept


def programmes(work: Work, patient_id: UUID, after: int | None, limit: int) -> tuple[Kept[Programme], ...]:
    """The next revisions of it, oldest first, audited as read. Raises `NoSuchPatient`."""
    patients.find(work, patient_id)
    work.audit("patient.read", subject="patient", subject_id=patient_id, patient_id=patient_id)
    return forms.programmes(work, patient_id, after, limit)
