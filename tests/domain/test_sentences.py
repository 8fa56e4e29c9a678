"""Sentences are formed from codes, parameters and limits alone, and every rule gives its sentence what it names."""

import json
import re
from string import Formatter

import pytest
from hypothesis import given

from app.domain.canonical import canonical_json
from app.domain.codes import Code
from app.domain.readiness import assess, finding_shown
from app.domain.readiness.evidence import gather, in_one_order
from app.domain.sentences import FORMERS, because_of, sentence, words
from tests.domain.sessions_made import law, made
from tests.oracle.cases import case
from tests.spec.codes import assessed, nested, parts_of
from tests.spec.language import AS_OF, session
from tests.spec.protocols import EXAMPLE
from tests.spec.tables import rows

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def whole(assessment):
    """Every finding's sentence is whole, and can be formed again from what is kept of it."""
    kept = json.loads(canonical_json(assessment.document))["findings"]
    for finding, document in zip(assessment.findings, kept, strict=True):
        assert because_of(document) == finding.because
        assert set(document) == {"criterion", "outcome", "code", "params", "rests_on", "limits"}
        assert not re.search(r"[{}]|\bNone\b|\bTrue\b|\bFalse\b", finding.because), finding.because
    for reason in (assessment.baseline, *assessment.baseline.vitals.values()):
        assert not re.search(r"[{}]|\bNone\b", reason.because), reason.because


@law
@given(made())
def test_every_sentence_is_given_what_it_names(one):
    whole(assess(one.facts, one.protocol, AS_OF))


def test_so_it_is_of_the_oracle_s_cases():
    for seed in range(400):
        facts, protocol, as_of = case(seed)
        whole(assess(facts, protocol, as_of))
        for concern in gather(in_one_order(facts), protocol).concerns:
            assert Code(concern.reason.document()["code"]) in Code
            assert concern.because.startswith(concern.vital.value.replace("_", " ").replace("spo2", "SpO2"))


def test_no_two_codes_share_a_name_and_each_is_kebab_case():
    assert len({code.value for code in Code}) == len(Code) == len(Code.__members__)
    assert all(KEBAB.fullmatch(code.value) for code in Code)


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_words_without_an_end(code):
    """The end and the capital are the sentence's."""
    assert code.template
    assert not code.template[0].isupper() or code.template.startswith("SpO2")
    assert not code.template.endswith(".")


def test_every_former_is_named_by_a_sentence():
    named = {name for code in Code for _, name, _, _ in Formatter().parse(code.template) if name}
    assert set(FORMERS) <= named


def test_a_name_that_nobody_gave_is_an_error_and_no_gap():
    with pytest.raises(KeyError, match="ended_at"):
        sentence(Code.DOSE_ENDED, {}, {})
    with pytest.raises(TypeError, match="has no words"):
        words(Code.DOSE_ENDED, {"ended_at": ["2026-03-08T10:30:00Z"]})
    with pytest.raises(TypeError, match="has no words"):
        words(Code.DOSE_ENDED, {"ended_at": None})
    with pytest.raises(TypeError, match="has no words"):
        words(Code.DOSE_ENDED, {"ended_at": True})


def test_what_a_nurse_typed_stands_in_the_sentence_as_typed():
    params = {"vital": "spo2", "reason": "{at} {0} |", "at": "2026-03-08T10:30:00Z"}
    said = sentence(Code.VITAL_NOT_MEASURED, params, {})
    assert said == "In the set at 2026-03-08T10:30:00Z: SpO2 was not measured ({at} {0} |): measure it in the next set."


def test_a_finding_is_shown_with_its_sentence_and_its_parameters_by_both_names():
    [kept, *_] = assess(session(EXAMPLE.route), EXAMPLE, AS_OF).document["findings"]
    shown = finding_shown(kept)
    assert shown["values"] == shown["params"] == kept["params"]
    assert shown["because"] == "The dose ended at 2026-03-08T10:30:00Z."
    assert {name: shown[name] for name in kept} == kept


def test_other_words_change_no_digest(monkeypatch):
    before = assess(session(EXAMPLE.route), EXAMPLE, AS_OF)
    monkeypatch.setattr(Code.DOSE_ENDED, "template", "nothing was given since {ended_at}")
    after = assess(session(EXAMPLE.route), EXAMPLE, AS_OF)
    assert after.findings[0].because == "Nothing was given since 2026-03-08T10:30:00Z."
    assert (after.digest, after.document) == (before.digest, before.document)


def test_the_parts_of_every_row_have_words_too():
    for row in rows():
        assessment = assessed(row)
        whole(assessment)
        assert all(code.template for code in parts_of(assessment))
    assert list(nested({"why": {"code": "no-dose", "also": ["no-tablet"]}})) == [Code.NO_DOSE, Code.NO_TABLET]
