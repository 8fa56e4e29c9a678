"""A version as a form, and what the service says of what is made from it, field by field."""

import copy

from tests.api.conftest import People
from tests.domain import shipped
from tests.factories import PASSWORD

PATH = "/v1/protocols/iv-infusion-example/versions"


def fields(form: dict) -> dict[str, dict]:
    return {
        f"{table['table']}.{each['name']}".lstrip("."): each for table in form["tables"] for each in table["fields"]
    }


def test_a_lead_reads_what_may_stand_in_each_field(people: People) -> None:
    answer = people.lead.get(f"{PATH}/1/form")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    form = answer.json()
    assert (form["document"], form["status"], form["next_version"]) == (shipped.document(), "draft", 2)
    found = fields(form)["criteria.minutes-since-dose.infusion-end"]
    assert (found["label"], found["unit"]) == ("Since the end of the infusion, at least", "min")
    assert (found["low"], found["high"], found["required"]) == (15, 240, True)
    assert "criteria.minutes-since-dose.first-device" not in fields(form)
    assert not {"id", "version", "route"} & set(fields(form)), "what the address says is not typed"
    nasal = people.lead.get("/v1/protocols/intranasal-example/versions/1/form").json()
    assert fields(nasal)["criteria.minutes-since-dose.first-device"]["low"] == 120


def test_the_next_number_counts_drafts_too(people: People) -> None:
    people.clinician.post(f"{PATH}/1/approve", {"password": PASSWORD}, If_Match='"1"')
    people.lead.put(f"{PATH}/7", shipped.document(version=7))
    form = people.lead.get(f"{PATH}/1/form").json()
    assert (form["status"], form["next_version"]) == ("approved", 8)


def test_the_bands_it_tells_are_those_that_a_draft_is_held_to(people: People) -> None:
    """Every number of the shipped draft, one beyond either end at once: the service names each by its field."""
    form = people.lead.get(f"{PATH}/1/form").json()
    bands = {path: (each["low"], each["high"]) for path, each in fields(form).items() if each["low"] is not None}
    minutes = "criteria.medication-settled.minutes"
    for place in (0, 1):
        made, wrong = copy.deepcopy(shipped.document(version=2)), set()
        for path, band in bands.items():
            at = path.replace(f"{minutes}.*", f"{minutes}.midazolam")
            shipped.put(made, at, band[place] + (-1, 1)[place])
            wrong.add(at)
        refused = people.lead.put(f"{PATH}/2", made)
        assert refused.status_code == 422
        said = {one["field"]: one["message"] for one in refused.json()["errors"]}
        assert wrong <= set(said)
        assert "give a whole number from 15 to 240" in said["criteria.minutes-since-dose.infusion-end"]
    assert people.lead.get(f"{PATH}/2").status_code == 404, "nothing of it was kept"
