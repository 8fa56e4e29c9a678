"""Searches over HTTP: what is found, page by page to the end, while nurses write."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.db import lanes
from app.services.fhir import searching, walks
from tests.api.bodies import at
from tests.api.clinic import code_of
from tests.api.fhir.asking import bundle, everything, issues, link, pages, resources
from tests.api.kept_rows import newest_audit

PULSE = "http://loinc.org|8867-4"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ids(found):
    return [resource["id"] for resource in found]


@pytest.mark.parametrize("count", [1, 7, 50])
def test_pages_to_the_end_give_each_once(clinic, awkward, count):
    whole = ids(everything(clinic.lead, "Observation?_count=200"))
    paged = ids(everything(clinic.lead, f"Observation?_count={count}"))
    assert paged == whole
    assert len(set(whole)) == len(whole) > 60


def test_a_page_stays_in_place_while_nurses_write(clinic, awkward):
    """What was there when it began is found once, whatever arrives meanwhile, before and behind the place."""
    before = set(ids(everything(clinic.lead, "Observation?_count=200")))
    seen: list[str] = []
    session_id = clinic.treated()
    for number, page in enumerate(pages(clinic.lead, "Observation?_count=9")):
        seen += ids(resources(page))
        if number < 4:
            clinic.reading(session_id, 50 + number)
    assert before <= set(seen)
    assert len(seen) == len(set(seen))


def test_conditions(clinic, awkward):
    clinic.plan()
    patient = clinic.nurse.get(f"/v1/sessions/{awkward}")["patient"]["id"]
    everyones = everything(clinic.lead, "Observation?_count=200")
    mine = [one for one in everyones if one["subject"]["reference"] == f"Patient/{patient}"]
    assert mine
    assert len(mine) < len(everyones)
    for query, expected in [
        (f"patient={patient}", mine),
        (f"subject=Patient/{patient}", mine),
        (f"encounter={awkward}", [one for one in mine if "encounter" in one]),
        (f"patient={patient}&code={PULSE}", [one for one in mine if one["id"].endswith("-hr")]),
        (f"patient={patient}&category=vital-signs&code={PULSE}", [one for one in mine if one["id"].endswith("-hr")]),
        (f"patient={patient}&status=entered-in-error", [one for one in mine if one["status"] == "entered-in-error"]),
        (f"patient={uuid4()}", []),
    ]:
        assert ids(everything(clinic.lead, f"Observation?{query}&_count=200")) == ids(expected), query


def test_dates(clinic, awkward):
    base = f"Observation?encounter={awkward}&code={PULSE}&_count=200"
    all_of_them = everything(clinic.lead, base)
    for prefix in ("ge", "gt", "lt", "le", "", "ne", "sa", "eb"):
        expected = {
            "ge": lambda when: when >= at(20),
            "gt": lambda when: when > at(20),
            "sa": lambda when: when > at(20),
            "lt": lambda when: when < at(20),
            "eb": lambda when: when < at(20),
            "le": lambda when: when <= at(20),
            "": lambda when: when == at(20),
            "ne": lambda when: when != at(20),
        }[prefix]
        found = everything(clinic.lead, f"{base}&date={prefix}{at(20)}")
        assert ids(found) == ids([one for one in all_of_them if expected(one["effectiveDateTime"])]), prefix
        assert len(found) < len(all_of_them)


def test_what_changed_since(clinic, awkward):
    for kind in ("Observation", "Encounter", "Condition", "Patient", "GuidanceResponse"):
        whole = everything(clinic.lead, f"{kind}?_count=200")
        stamps = sorted({one["meta"]["lastUpdated"] for one in whole})
        middle = stamps[len(stamps) // 2]
        for prefix, holds in (("gt", lambda t, m: t > m), ("ge", lambda t, m: t >= m), ("lt", lambda t, m: t < m)):
            found = everything(clinic.lead, f"{kind}?_lastUpdated={prefix}{middle}&_count=200")
            assert ids(found) == ids([one for one in whole if holds(one["meta"]["lastUpdated"], middle)]), (
                kind,
                prefix,
            )


def test_people_by_name_birth_date_and_number(clinic):
    patient_id = clinic.add_patient(
        family_name="Müller-Đặng", given_name="Zoë", birth_date="1977-02-03", record_number="S/77,1"
    )
    for query in (
        "family=muller",
        "name=zoe",
        "name:exact=Zoë",
        "name:contains=ler-",
        "birthdate=1977-02-03",
        "birthdate=1977&family=m",
        r"identifier=S/77\,1",
    ):
        assert patient_id in ids(everything(clinic.lead, f"Patient?{query}&_count=200")), query
    for query in ("family=zoe", "name:exact=zoë", "birthdate=1977-02-04", "identifier=S/77", "birthdate=lt1977-02-03"):
        assert patient_id not in ids(everything(clinic.lead, f"Patient?{query}&_count=200")), query


def test_each_of_several_given_names_is_found(clinic):
    patient_id = clinic.add_patient(
        family_name="Dop\u2019pel-Łukasz", given_name="Ana María", given_names=["Ana", "María"], record_number="ZW-1"
    )
    [told] = [one for one in everything(clinic.lead, "Patient?given=maria") if one["id"] == patient_id]
    assert told["name"] == [{"use": "official", "family": "Dop\u2019pel-Łukasz", "given": ["Ana", "María"]}]
    found = ("given=ana", "given=MARI", "given:exact=María", "given:contains=ari", "name=maria", "name=ana maria")
    found += ("family=dop'pel", "family=lukasz", "family=doppel-lukasz", "family:contains=pel-L")
    for query in found:
        assert patient_id in ids(everything(clinic.lead, f"Patient?{query}&_count=200")), query
    for query in ("given=ria", "given:exact=maria", "given:exact=Mar", "family=pel", "given=doppel"):
        assert patient_id not in ids(everything(clinic.lead, f"Patient?{query}&_count=200")), query


def test_one_name_is_told_without_an_empty_other(clinic):
    for names, told in (
        ({"family_name": "Sukarnop", "given_name": ""}, {"family": "Sukarnop"}),
        ({"family_name": "", "given_name": "Sukarnoq"}, {"given": ["Sukarnoq"]}),
    ):
        patient_id = clinic.add_patient(**names)
        [found] = [one for one in everything(clinic.lead, "Patient?name=sukarno") if one["id"] == patient_id]
        assert found["name"] == [{"use": "official", **told}]


def test_a_form_finds_what_an_address_finds(clinic, awkward):
    wanted = f"encounter={awkward}&code={PULSE}"
    assert by_form(clinic.lead, "Observation", wanted) == bundle(clinic.lead, f"Observation?{wanted}")
    for content_type in ("application/json", "multipart/form-data", ""):
        wrong = clinic.lead.ask("POST", "/fhir/Observation/_search", raw=wanted, headers={"Content-Type": content_type})
        assert wrong.status_code == 415


def by_form(who, kind, wanted):
    return who.ask("POST", f"/fhir/{kind}/_search", raw=wanted, headers=FORM, expect=200).json()


def test_what_a_form_asked_stands_in_no_address_to_go_on_to(clinic, awkward):
    """The links carry it sealed: to the end it is the same search, in which nothing can be changed."""
    for wanted in (f"encounter={awkward}&code={PULSE}&_count=2", "_count=3"):
        page = by_form(clinic.lead, "Observation", wanted)
        found = ids(resources(page))
        following = link(page, "next")
        sealed = following
        while following:
            assert following.startswith("Observation?_page=")
            assert awkward not in following
            assert "8867" not in following
            page = bundle(clinic.lead, following)
            found += ids(resources(page))
            following = link(page, "next")
        assert found == ids(everything(clinic.lead, f"Observation?{wanted}"))
        for path in (
            sealed.replace("Observation", "Patient"),
            sealed[:-3] + ("AAA" if sealed[-3:] != "AAA" else "BBB"),
            sealed.replace("_page=", "_page=A"),
            "Observation?_page=a.b.c.d.e",
        ):
            refused = clinic.lead.ask("GET", f"/fhir/{path}")
            assert (refused.status_code, code_of(refused)) == (400, "bad-search"), path


def test_what_comes_along(clinic, awkward):
    page = bundle(
        clinic.lead, f"Observation?encounter={awkward}&_include=Observation:patient&_include=Observation:encounter"
    )
    along = {f"{one['resourceType']}/{one['id']}" for one in resources(page, "include")}
    assert along == {one["subject"]["reference"] for one in resources(page)} | {f"Encounter/{awkward}"}
    page = bundle(
        clinic.lead, f"Encounter?_id={awkward}&_revinclude=Observation:encounter&_revinclude=Provenance:target"
    )
    assert ids(resources(page)) == [awkward]
    along = resources(page, "include")
    assert {one["id"] for one in along if one["resourceType"] == "Observation"} == set(
        ids(everything(clinic.lead, f"Observation?encounter={awkward}&_count=200"))
    )
    assert "Provenance" in {one["resourceType"] for one in along}


def test_a_total_only_where_it_is_asked_for(clinic, awkward):
    whole = everything(clinic.lead, "Observation?_count=200")
    assert "total" not in bundle(clinic.lead, "Observation")
    assert bundle(clinic.lead, "Observation?_total=accurate&_count=1")["total"] == len(whole)
    counted = bundle(clinic.lead, "Observation?_count=0")
    assert (counted["total"], "entry" in counted) == (len(whole), False)


def test_a_search_that_finds_little_gives_the_place_to_go_on_from(clinic, awkward, monkeypatch):
    """However little a page found, its reads are bounded; nothing is missed."""
    for _ in range(3):
        clinic.plan()
    whole = ids(everything(clinic.lead, f"Observation?code={PULSE}&_count=200"))
    monkeypatch.setattr(searching, "SCAN", 1)
    monkeypatch.setattr(searching, "COUNT", 1)
    one_at_a_time = {walk.name: replace(walk, at_once=1) for walk in walks.WALKS}
    monkeypatch.setattr(searching, "walks_of", lambda types: [one_at_a_time["courses"], one_at_a_time["sessions"]])
    assert ids(everything(clinic.lead, f"Observation?code={PULSE}&_count=200")) == whole


def test_what_is_not_known_is_refused_unless_leniently(clinic):
    refused = clinic.lead.ask("GET", "/fhir/Observation?colour=blue&date=x")
    assert (refused.status_code, code_of(refused)) == (400, "bad-search")
    assert [text.partition(":")[0] for text in issues(refused)[1:]] == ["colour", "date"]
    page = bundle(clinic.lead, "Observation?colour=blue&_count=1", Prefer="handling=lenient")
    assert "colour" in resources(page, "outcome")[0]["issue"][0]["diagnostics"]
    assert "colour" not in (link(page, "self") or "")


@pytest.mark.parametrize(
    "place", ["x", "bm90aGluZw", "W10", "WyJhIiwiYiIsImMiLCJkIl0", "WyJzZXNzaW9ucyIsIngiLCIiLCIiXQ"]
)
def test_a_place_nobody_gave_is_refused(clinic, place):
    refused = clinic.lead.ask("GET", f"/fhir/Observation?_page={place}")
    assert (refused.status_code, code_of(refused)) == (400, "bad-search")


def test_a_search_says_what_was_asked_and_found(clinic, awkward):
    page = bundle(clinic.clinician, f"Observation?encounter={awkward}&_count=2")
    event = newest_audit(clinic.service)[0]
    assert (event.action, event.subject, str(event.session_id)) == ("fhir.searched", "Observation", awkward)
    assert event.after["found"] == ids(resources(page))
    assert ["encounter", awkward] in event.after["asked"]


def test_a_search_for_more_than_so_much_is_refused(clinic):
    """Thousands of birth dates in one form once held up everybody else for a minute."""
    born = ",".join(
        f"19{year:02}-{month:02}-{day:02}" for year in range(60) for month in range(1, 13) for day in (1, 9)
    )
    for asked in (f"birthdate={born}", "&".join(f"family:contains=a{number}" for number in range(60))):
        refused = clinic.lead.ask("POST", "/fhir/Patient/_search", raw=asked, headers=FORM)
        assert (refused.status_code, code_of(refused)) == (400, "bad-search")
        assert "at most" in issues(refused)[1]


def test_a_search_that_takes_too_long_says_so(clinic, awkward, monkeypatch):
    monkeypatch.setattr(lanes, "SEARCH_SECONDS", -1.0)
    refused = clinic.lead.ask("GET", f"/fhir/Observation?code={PULSE}")
    assert (refused.status_code, code_of(refused)) == (400, "too-costly")
    assert refused.json()["issue"][0]["code"] == "too-costly"
