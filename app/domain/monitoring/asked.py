"""What no reading says: the patient's sheet, what was asked once, and what the clinic has settled for its papers."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from app.domain.forms import Answer, FormAnswers, Medicine
from app.domain.instants import to_text
from app.domain.monitoring.fields import AnswerOrigin, AnswerSource, Field, Group, Missing, Monitored, Value, on_events
from app.domain.names import listed
from app.domain.papers import ClinicPapers
from app.domain.people import Clinic
from app.domain.records import Kept, SessionRecord

ASK = "not asked yet: ask, and answer it on the session's monitoring form"
NOBODY_KNEW = "asked, and nobody could know"
SETTLE = "not settled: a lead does that under Setting up, the clinic's papers"
MEDICINES = {
    Medicine.BENZODIAZEPINES: "Benzodiazepines",
    Medicine.OTHER_SEDATIVES: "Other sedative-hypnotics",
    Medicine.PSYCHOSTIMULANTS: "Psychostimulants",
    Medicine.MAOIS: "MAO inhibitors",
    Medicine.OPIOIDS: "Opioids",
}


@dataclass(frozen=True, slots=True)
class Site:
    """Whose form it is: the clinic as it was made, its papers (None: never settled), and its zone."""

    clinic: Kept[Clinic]
    papers: Kept[ClinicPapers] | None = None
    zone: tzinfo = UTC

    @property
    def settled(self) -> ClinicPapers:
        """Its papers as they are now, whether or not anybody has settled them."""
        return ClinicPapers() if self.papers is None else self.papers.value


def source_of(origin: AnswerOrigin, what: str, kept: Kept[Any] | None) -> AnswerSource:
    """Where an answer stands: which sheet in which revision, by whom and when."""
    if kept is None:
        return AnswerSource(origin, what)
    by = f"{kept.by.name} ({kept.by.role})"
    return AnswerSource(origin, f"{what}, revision {kept.revision}, by {by} at {to_text(kept.recorded_at)}")


def patient(record: SessionRecord) -> tuple[Field, ...]:
    """Who the patient is, whether this was the first treatment, and whether they are enrolled."""
    held = record.patient
    value, source = held.value, source_of(AnswerOrigin.PATIENT, "the patient's sheet", held)
    name, born = listed(value.family_name, value.given_name), value.birth_date.isoformat()
    sex = Value(value.sex, value.sex) if value.sex else Missing("no sex is on record: enter it on the patient's sheet")
    said = _answers(record)
    enrolled = record.programmes[-1] if record.programmes else None
    return (
        Field("name", Group.PATIENT, "Name", Value(name, name), source),
        Field("birth-date", Group.PATIENT, "Birth date", Value(born, born), source),
        Field("sex", Group.PATIENT, "Sex", sex, source),
        Field(
            "first-treatment",
            Group.PATIENT,
            "First treatment",
            _answer(said.value.first_treatment if said else None),
            _asked(record),
        ),
        Field(
            "enrolled",
            Group.PATIENT,
            "Enrolled",
            _answer(enrolled.value.enrolled if enrolled else None),
            source_of(AnswerOrigin.ASKED, "asked of the patient once", enrolled),
        ),
    )


def medication(record: SessionRecord) -> tuple[Field, ...]:
    """Concomitant medicines, group by group."""
    said = _answers(record)
    given = said.value.medicines if said else {}
    source = _asked(record)
    return tuple(
        Field(group.value, Group.MEDICATION, label, _answer(given.get(group)), source)
        for group, label in MEDICINES.items()
    )


def site(record: SessionRecord, where: Site) -> tuple[Field, ...]:
    """Where it was, and who watched the patient."""
    clinic, papers = where.clinic, where.settled
    source = source_of(AnswerOrigin.CLINIC, "the clinic's papers", where.papers)

    def settled(name: str, label: str, text: str | None) -> Field:
        return Field(name, Group.SITE, label, Value(text, text) if text else Missing(SETTLE), source)

    return (
        Field(
            "site",
            Group.SITE,
            "Site",
            Value(clinic.value.name, clinic.value.name),
            source_of(AnswerOrigin.CLINIC, "the clinic's own sheet", clinic),
        ),
        settled("care-setting", "Health care setting", papers.care_setting),
        settled("site-address", "Address", papers.address),
        settled("site-enrolment", "Enrolment number of the site", papers.enrolment_number),
        *_monitor(record, where),
    )


def _monitor(record: SessionRecord, where: Site) -> tuple[Field, ...]:
    """Who watched, with a phone and an e-mail: their own, else the clinic's."""
    held = _answers(record)
    said, papers = held.value if held else FormAnswers(), where.settled
    who = Value(said.monitored_by, said.monitored_by) if said.monitored_by else Missing(ASK)
    found = [Field("monitored-by", Group.SITE, "Monitoring professional", who, _asked(record))]
    for name, label, own, of_clinic in (
        ("monitor-phone", "Their phone", said.monitor_phone, papers.phone),
        ("monitor-email", "Their e-mail", said.monitor_email, papers.email),
    ):
        if own:
            found.append(Field(name, Group.SITE, label, Value(own, own), _asked(record)))
            continue
        source = source_of(AnswerOrigin.CLINIC, "the clinic's papers", where.papers)
        answer = Value(of_clinic, of_clinic) if of_clinic else Missing(SETTLE)
        found.append(Field(name, Group.SITE, label, answer, source))
    return tuple(found)


def date_of(session: Monitored, where: Site) -> Value | Missing:
    """The day of the first device, by the clinic's calendar."""
    first = session.clock()
    if isinstance(first, Missing):
        return first
    day = first.at.astimezone(where.zone).date().isoformat()
    return Value(day, day, on_events([first]))


def _answers(record: SessionRecord) -> Kept[FormAnswers] | None:
    return record.form_answers[-1] if record.form_answers else None


def _asked(record: SessionRecord) -> AnswerSource:
    return source_of(AnswerOrigin.ASKED, "asked for this session", _answers(record))


def _answer(given: Answer | None) -> Value | Missing:
    if given is None:
        return Missing(ASK)
    return Missing(NOBODY_KNEW) if given is Answer.UNKNOWN else Value(given.value, given.value)
