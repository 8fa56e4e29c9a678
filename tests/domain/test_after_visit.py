"""The after-visit sheet: the clinic's own words, whom to call, who signed; and never a verdict."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.after_visit import NotDischarged, PapersNotSettled, after_visit
from app.domain.monitoring import Site
from app.domain.papers import ClinicPapers
from app.exchange import after_visit as written
from app.exchange import paper
from tests.domain.test_monitoring_summary import CLINIC, record
from tests.factories import at, kept

PAPERS = ClinicPapers(phone="+44 20 7946 0000", instructions="Do not drive today.\nCall us if you are unsure.")
VERDICT = re.compile(r"\b(ready|fit|safe|well|recovered|normal|stable|met)\b", re.IGNORECASE)


def site(**other):
    return Site(kept(CLINIC), kept(replace(PAPERS, **other)))


def test_it_says_what_the_clinic_instructs_and_no_value():
    sheet = after_visit(record(), site())
    assert (sheet.instructions, sheet.phone, sheet.left_at) == (PAPERS.instructions, PAPERS.phone, at(130))
    assert (sheet.last, sheet.signed) == (None, None)
    assert written.values_of(sheet) is None


def test_values_are_those_of_the_newest_set_before_leaving_and_only_where_the_lead_lets_them():
    sheet = after_visit(record(), site(values_on_sheet=True))
    assert sheet.last is not None
    assert sheet.last.measured_at == at(127)
    early = after_visit(record(left=100), site(values_on_sheet=True))
    assert early.last.measured_at == at(40)
    shown = written.values_of(early)
    assert [one["words"] for one in shown["items"]] == ["122/78 mmHg", "72 a minute", "98 %"]
    nothing = after_visit(record(readings=()), site(values_on_sheet=True))
    assert nothing.last is None


def test_who_has_not_been_discharged_takes_no_sheet_home():
    with pytest.raises(NotDischarged):
        after_visit(record(left=None), site())


@pytest.mark.parametrize(
    ("papers", "lacks"),
    [
        (None, ["instructions", "phone"]),
        (ClinicPapers(phone="+44 1"), ["instructions"]),
        (ClinicPapers(instructions="Rest."), ["phone"]),
    ],
)
def test_a_sheet_without_instructions_or_anybody_to_call_is_none(papers, lacks):
    with pytest.raises(PapersNotSettled) as refused:
        after_visit(record(), Site(kept(CLINIC), kept(papers) if papers else None))
    assert [error.field for error in refused.value.errors] == lacks


def test_no_word_of_ours_is_a_verdict():
    """Of the page, of the screen and of the labels: whatever is not the clinic's own."""
    web = Path(written.__file__).parents[1] / "web" / "src" / "screens" / "forms" / "words.ts"
    screen = web.read_text(encoding="utf-8").partition("after: {")[2]
    page = Path(paper.__file__).with_name("after-visit.typ").read_text(encoding="utf-8")
    labels = " ".join(f"{label} {unit}" for label, unit in written.SHOWN.values())
    for text in (screen, page.partition("\n\n")[2], labels):
        assert not VERDICT.search(text)
    assert VERDICT.search("You are ready to go home"), "a control"
