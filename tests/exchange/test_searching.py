"""Searches as values: dates, codes, references and words, and what is refused."""

import pytest

from app.exchange.fhir import SESSION_TYPES, context_of, resources_of_session
from app.exchange.searching.offers import OFFERED, OFFERS
from app.exchange.searching.query import CONDITIONS, VALUES, BadSearch, read_query
from app.services.fhir.local import LOCAL
from app.services.fhir.walks import TYPES, WALKS
from tests.exchange.made import made

BASE = "https://clinic.example/fhir"


def query(kind, *pairs, lenient=False):
    return read_query(OFFERED[kind], pairs, BASE, lenient=lenient)


def holds(kind, resource, name, value):
    return query(kind, (name, value)).holds(resource)


NOON = {"effectiveDateTime": "2026-03-07T12:00:00Z"}
DATES = [
    ("2026", True),
    ("2026-03", True),
    ("2026-03-07", True),
    ("2026-03-07T12:00:00Z", True),
    ("2026-03-07T13:00:00+01:00", True),
    ("2026-03-07T13:00:00 01:00", True),  # a plus that nobody escaped
    ("2026-03-07T12:00", True),
    ("2026-03-08", False),
    ("ne2026-03-07", False),
    ("ne2026-03-08", True),
    ("gt2026-03-07", False),
    ("gt2026-03-06", True),
    ("gt2026-03-07T11:59:59.999999Z", True),
    ("gt2026-03-07T12:00:00Z", False),
    ("ge2026-03-07T12:00:00Z", True),
    ("ge2026-03-08", False),
    ("lt2026-03-07", False),
    ("lt2026-03-07T12:00:00.000001Z", True),
    ("le2026-03-07T12:00:00Z", True),
    ("le2026-03-07", True),
    ("sa2026-03-06", True),
    ("sa2026-03-07", False),
    ("eb2026-03-08", True),
    ("eb2026-03-07", False),
]


@pytest.mark.parametrize(("value", "expected"), DATES)
def test_dates(value, expected):
    assert holds("Observation", NOON, "date", value) is expected


def test_an_open_period_goes_on():
    encounter = {"period": {"start": "2026-03-07T12:00:00Z"}}
    assert holds("Encounter", encounter, "date", "ge2030")
    assert not holds("Encounter", encounter, "date", "eb2030")
    assert not holds("Encounter", {}, "date", "ge2000")


@pytest.mark.parametrize(
    "text", ["", "20", "2026-13", "2026-02-30", "2026-03-07T25:00", "2026-03-07T12:00:00+99:00", "9999-12-31", "٢٠٢٦"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(BadSearch):
        query("Observation", ("date", text))


PULSE = {
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}, {"system": "urn:x", "code": "P"}]},
    "status": "final",
    "subject": {"reference": "Patient/1"},
}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("code", "8867-4", True),
        ("code", "http://loinc.org|8867-4", True),
        ("code", "http://loinc.org|", True),
        ("code", "|8867-4", False),
        ("code", "urn:x|8867-4", False),
        ("code", "nothing,8867-4", True),
        ("code:not", "8867-4", False),
        ("code:not", "1,2", True),
        ("status", "final", True),
        ("status", "amended", False),
        ("patient", "1", True),
        ("patient", "Patient/1", True),
        ("patient", f"{BASE}/Patient/1", True),
        ("patient", "https://elsewhere.example/fhir/Patient/1", False),
        ("subject:Patient", "1", True),
        ("encounter", "1", False),
    ],
)
def test_codes_and_references(name, value, expected):
    assert holds("Observation", PULSE, name, value) is expected


SARAH = {"name": [{"family": "O'Müller", "given": ["Sarah Jane"]}], "identifier": [{"system": "s", "value": "R,1"}]}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", "sarah", True),
        ("name", "o'mull", True),
        ("name", "jane", True),
        ("name", "ane", False),
        ("name", "sarah j", True),
        ("name:contains", "jane", True),
        ("name:exact", "sarah jane", False),
        ("name:exact", "Sarah Jane", True),
        ("family", "sarah", False),
        ("identifier", r"R\,1", True),
        ("identifier", r"s|R\,1", True),
        ("identifier", "R,1", False),
    ],
)
def test_words_and_identifiers(name, value, expected):
    assert holds("Patient", SARAH, name, value) is expected


@pytest.mark.parametrize(
    "pair",
    [
        ("colour", "blue"),
        ("_sort", "date"),
        ("_summary", "true"),
        ("code:above", "x"),
        ("code", ""),
        ("_count", "-1"),
        ("_count", "a"),
        ("_total", "yes"),
        ("_include", "Observation:device"),
        ("_include", "Patient:organization"),
        ("_revinclude", "Observation:encounter"),
        ("subject.name", "x"),
    ],
)
def test_what_is_not_known_is_refused_and_named(pair):
    with pytest.raises(BadSearch) as refused:
        query("Observation", ("status", "final"), pair)
    assert [name for name, _ in refused.value.faults] == [pair[0]]


def test_leniently_it_is_left_out_and_said():
    found = query("Observation", ("colour", "blue"), ("status", "final"), lenient=True)
    assert (found.ignored, found.sent) == (("colour",), (("status", "final"),))
    with pytest.raises(BadSearch):  # what is known must be right all the same
        query("Observation", ("date", "blue"), lenient=True)


def test_every_fault_is_named_at_once():
    with pytest.raises(BadSearch) as refused:
        query("Observation", ("colour", "blue"), ("date", "x"))
    assert {name for name, _ in refused.value.faults} == {"colour", "date"}


def test_everything_told_can_be_searched_and_nothing_else():
    assert {offer.type for offer in OFFERS} == set(TYPES) | set(LOCAL)
    assert set(SESSION_TYPES) <= set(TYPES)


def test_every_include_names_a_reference():
    for offer in OFFERS:
        for name in offer.included:
            assert offer.parameter(name).kind.value == "reference", (offer.type, name)
        for kind, name in offer.reverse:
            assert offer.type in OFFERED[kind].parameter(name).target, (kind, name)


@pytest.mark.parametrize("kind", SESSION_TYPES)
def test_resources_of_one_session_are_alike_where_a_search_looks_at_one_of_them(kind):
    """What `Walk.alike` says; where they are not, a search looks at each."""
    (walk,) = (one for one in WALKS if one.name == "sessions")
    names = [one.name for one in OFFERED[kind].parameters]
    assert walk.alike.intersection(names) or kind == "Provenance"
    told = 0
    for seed in range(60):
        one = made(seed)
        found = list(resources_of_session(one.record, context_of(one.clinic.id, one.record), [kind]))
        told += len(found)
        for name in walk.alike.intersection(names):
            parameter = OFFERED[kind].parameter(name)
            assert len({str(list(parameter.found_in(resource))) for resource in found}) <= 1, name
    assert told > 10


def test_one_search_asks_for_no_more_than_so_much():
    """What a search costs is bounded before anything is looked at: so many values, so many conditions, each once."""
    days = [f"2026-03-07T12:{minute:02}:{second:02}Z" for minute in range(60) for second in range(60)]
    at_most = query("Observation", ("date", ",".join(days[:VALUES])))
    assert len(at_most.conditions[0].values) == VALUES
    with pytest.raises(BadSearch, match=f"at most {VALUES} values") as refused:
        query("Observation", *(("date", ",".join(days[start : start + 60])) for start in (0, 60)))
    assert [name for name, _ in refused.value.faults] == ["date"]
    with pytest.raises(BadSearch, match=f"at most {CONDITIONS} conditions"):
        query("Observation", *(("date", f"ge{day}") for day in days[: CONDITIONS + 1]))
    assert len(query("Observation", *(("date", f"ge{day}") for day in days[:CONDITIONS])).conditions) == CONDITIONS


def test_what_is_asked_twice_is_asked_once():
    same = [
        ("code", "a|b,a|b"),
        ("code", "a|b"),
        ("_include", "Observation:subject"),
        ("_include", "Observation:subject"),
    ]
    found = query("Observation", *same * 30)
    assert [one.values for one in found.conditions] == [("a|b",)]
    assert found.include == ("subject",)
    assert found.sent == (("code", "a|b,a|b"), ("_include", "Observation:subject"))


def test_however_many_faults_a_search_has_a_few_are_told():
    with pytest.raises(BadSearch) as refused:
        query("Observation", *((f"colour{number}", "blue") for number in range(5000)))
    assert len(refused.value.faults) <= CONDITIONS + 1
