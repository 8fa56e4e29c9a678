"""What no reading says: every answer with where it stands, and what is missing said field by field."""

from datetime import timedelta, timezone
from uuid import UUID

import pytest

from app.domain.forms import Answer, BadForm, FormAnswers, Medicine, Programme, check_answers
from app.domain.monitoring import AnswerOrigin, Missing, Site, Value, summary
from app.domain.papers import BadPapers, ClinicPapers, check_papers
from tests.domain.test_monitoring_summary import CLINIC, NASAL, SITE, device, record
from tests.factories import kept

PAPERS = ClinicPapers("Outpatient clinic", "1 Harbour Road", "+44 20 7946 0000", "ward@clinic.example", "S-77")
ASKED = FormAnswers(Answer.NO, dict.fromkeys(Medicine, Answer.NO), "Ada Nurse")


def fields(site=SITE, **other):
    return {field.id: field for field in summary(record(**other), NASAL, site)}


def test_every_field_has_a_source_and_with_all_asked_and_settled_an_answer():
    site = Site(kept(CLINIC), kept(PAPERS))
    found = fields(site, form_answers=(kept(ASKED),), programmes=(kept(Programme(Answer.YES)),))
    assert [name for name, one in found.items() if isinstance(one.answer, Missing)] == ["signed-at"]
    assert all(one.source.words for one in found.values())
    origins = {name: one.source.origin for name, one in found.items()}
    assert {name for name, origin in origins.items() if origin is AnswerOrigin.PATIENT} == {"name", "birth-date", "sex"}
    asked = {"first-treatment", "enrolled", "monitored-by", *(one.value for one in Medicine)}
    assert {name for name, origin in origins.items() if origin is AnswerOrigin.ASKED} == asked
    assert origins["monitor-phone"] is origins["care-setting"] is AnswerOrigin.CLINIC
    assert origins["bp-before"] is origins["left-at"] is AnswerOrigin.SESSION
    assert found["site-enrolment"].source.words == (
        "the clinic's papers, revision 1, by Ann (nurse) at 2026-03-07T12:00:00Z"
    )
    assert found["monitor-email"].answer == Value("ward@clinic.example", "ward@clinic.example")


def test_asked_and_not_known_is_no_answer_and_not_the_same_as_not_asked():
    found = fields(form_answers=(kept(FormAnswers(medicines={Medicine.MAOIS: Answer.UNKNOWN})),))
    assert found["maois"].answer == Missing("asked, and nobody could know")
    assert found["opioids"].answer != found["maois"].answer


def test_the_newest_revision_of_what_was_asked_counts():
    first, second = kept(FormAnswers(Answer.YES)), kept(FormAnswers(Answer.NO), revision=2)
    found = fields(form_answers=(first, second))["first-treatment"]
    assert (found.answer, "revision 2" in found.source.words) == (Value("no", "no"), True)


def test_a_phone_of_whoever_watched_comes_before_the_clinics():
    site = Site(kept(CLINIC), kept(PAPERS))
    own = FormAnswers(monitored_by="Ada Nurse", monitor_phone="+44 20 7946 0999")
    found = fields(site, form_answers=(kept(own),))
    assert (found["monitor-phone"].answer.value, found["monitor-phone"].source.origin) == (
        "+44 20 7946 0999",
        AnswerOrigin.ASKED,
    )
    assert (found["monitor-email"].answer.value, found["monitor-email"].source.origin) == (
        PAPERS.email,
        AnswerOrigin.CLINIC,
    )


def test_the_date_is_that_of_the_first_device_by_the_clinics_calendar():
    late = (device(11 * 60), device(11 * 60 + 5, 2))
    assert fields(events=late)["date"].answer.value == "2026-03-07"
    east = Site(kept(CLINIC), zone=timezone(timedelta(hours=2)))
    assert fields(east, events=late)["date"].answer.value == "2026-03-08"


@pytest.mark.parametrize(
    ("wrong", "at_fault"),
    [
        ({"monitor_phone": "none", "monitored_by": "Ada"}, ["monitor_phone"]),
        ({"monitor_phone": "+44 1 2 3"}, ["monitor_phone"]),
        *(
            ({"monitor_email": text, "monitored_by": "Ada"}, ["monitor_email"])
            for text in ("ward", "@clinic", "ward@", "a@b@c", "a b@c")
        ),
        ({"monitor_phone": "no", "monitor_email": "no", "monitored_by": "Ada"}, ["monitor_phone", "monitor_email"]),
    ],
)
def test_what_cannot_be_an_answer_names_its_field(wrong, at_fault):
    with pytest.raises(BadForm) as refused:
        check_answers(FormAnswers(**wrong))
    assert [error.field for error in refused.value.errors] == at_fault


def test_papers_have_bounds():
    check_papers(PAPERS)
    check_papers(ClinicPapers(form_days=1))
    check_papers(ClinicPapers(form_days=60))
    with pytest.raises(BadPapers) as refused:
        check_papers(ClinicPapers(phone="ask", email="ask", form_days=61))
    assert [error.field for error in refused.value.errors] == ["phone", "email", "form_days"]
    with pytest.raises(BadPapers):
        check_papers(ClinicPapers(form_days=0))


def test_a_site_that_settled_nothing_is_as_the_papers_come():
    assert Site(kept(CLINIC)).settled == ClinicPapers()
    assert record().id == UUID(int=3)
