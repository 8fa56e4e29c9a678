"""Patients: two identifiers, revisions, look-alikes, search; never across clinics."""

from uuid import uuid4

import pytest

from tests.api.conftest import People, Person

PATIENT = {"family_name": "Probe", "given_name": "Maria", "birth_date": "1984-03-11", "record_number": "R-100"}


def put(person: Person, **other: object) -> dict:
    answer = person.put(f"/v1/patients/{uuid4()}", PATIENT | other)
    assert answer.status_code == 201, answer.text
    return answer.json()


def search(person: Person, **query: object) -> dict:
    answer = person.post("/v1/patients/search", query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(found: dict) -> list[str]:
    return [f"{item['family_name']} {item['given_name']}" for item in found["items"]]


def test_put_keeps_and_get_gives_it_back(people: People) -> None:
    path = f"/v1/patients/{uuid4()}"
    made = people.nurse.put(path, PATIENT | {"sex": "female"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    got = people.clinician.get(path)
    assert (got.status_code, got.headers["etag"]) == (200, '"1"')
    assert got.json() == made.json()
    assert {key: got.json()[key] for key in PATIENT} == PATIENT
    assert got.json()["recorded_by"] == {
        "staff_id": str(people.nurse.id),
        "name": people.nurse.staff.name,
        "role": "nurse",
    }


def test_revisions_need_if_match_and_are_all_kept(people: People) -> None:
    path = f"/v1/patients/{uuid4()}"
    changed = PATIENT | {"given_name": "Mia"}
    assert people.nurse.put(path, PATIENT).status_code == 201
    assert people.nurse.put(path, PATIENT).status_code == 200
    missing = people.nurse.put(path, changed)
    assert (missing.status_code, missing.json()["current_revision"]) == (428, 1)
    assert people.nurse.put(path, changed, If_Match='"1"').headers["etag"] == '"2"'
    assert people.nurse.put(path, changed, If_Match='"1"').status_code == 200, "a repeat after a lost answer"
    stale = people.clinician.put(path, PATIENT | {"given_name": "May"}, If_Match='W/"1"')
    assert stale.status_code == 412
    assert (stale.json()["current_revision"], stale.json()["expected_revision"]) == (2, 1)
    history = people.nurse.get(f"{path}/history").json()["items"]
    assert [(item["revision"], item["given_name"]) for item in history] == [(1, "Maria"), (2, "Mia")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"birth_date": "2030-01-01"}, "birth_date"),
        ({"birth_date": "1850-01-01"}, "birth_date"),
        ({"birth_date": "1984-02-30"}, "birth_date"),
        ({"family_name": " "}, "family_name"),
        ({"given_name": "x" * 201}, "given_name"),
        ({"record_number": ""}, "record_number"),
        ({"record_number": 100}, "record_number"),
        ({"record_number": "R\u200b-100"}, "record_number"),
        ({"record_number": "\ufeffR-100"}, "record_number"),
        ({"record_number": "R-100\u202c"}, "record_number"),
        ({"family_name": "", "given_name": ""}, "family_name"),
        ({"given_name": " "}, "given_name"),
        ({"given_names": ["Maria", " "]}, "given_names.1"),
        ({"given_names": ["Maria", "Ana"]}, "given_names"),
        ({"given_names": []}, "given_names"),
        ({"given_names": ["Maria"] * 21}, "given_names"),
        ({"sex": "F"}, "sex"),
        ({"id": str(uuid4())}, "id"),
    ],
)
def test_what_cannot_be_right_is_refused_by_field(people: People, change: dict, field: str) -> None:
    path = f"/v1/patients/{uuid4()}"
    refused = people.nurse.put(path, PATIENT | change)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert people.nurse.get(path).status_code == 404


def test_look_alikes_are_marked_both_ways(people: People) -> None:
    first = put(people.nurse)
    second = put(people.nurse, given_name="Marie", record_number="R-200")
    put(people.nurse, family_name="Zander", given_name="Otto", birth_date="1950-12-30", record_number="Q-7")
    assert [other["id"] for other in second["look_alikes"]] == [first["id"]]
    assert second["look_alikes"][0]["because"]
    again = people.nurse.get(f"/v1/patients/{first['id']}").json()
    assert [other["id"] for other in again["look_alikes"]] == [second["id"]]
    marked = {item["id"]: len(item["look_alikes"]) for item in search(people.nurse)["items"]}
    assert sorted(marked.values()) == [0, 1, 1]


def test_search_minds_neither_case_nor_accents_and_finds_record_numbers(people: People) -> None:
    put(people.nurse, family_name="Šedivá", given_name="Zoë", record_number="MRN 77")
    put(people.nurse)
    for text in ("sediva", "ŠEDIVÁ", "zoe", "div zo", "mrn 77", "77"):
        assert names(search(people.nurse, text=text)) == ["Šedivá Zoë"], text
    assert names(search(people.nurse, text="%")) == []
    assert names(search(people.nurse, text="_")) == []
    assert names(search(people.nurse, birth_date="1984-03-11", text="pro")) == ["Probe Maria"]
    assert names(search(people.nurse, birth_date="1984-03-12")) == []


def test_a_patient_is_found_as_every_list_shows_them(people: People) -> None:
    put(people.nurse, family_name="Haverkamp", given_name="Ines", record_number="H-1")
    put(people.nurse, family_name="O\u2019Brien", given_name="Łukasz", record_number="H-2")
    put(people.nurse, given_names=["Ana", "María"], given_name="Ana María", record_number="H-3")
    for text, found in {
        "HAVERKAMP, Ines": "Haverkamp Ines",
        "ines haverkamp": "Haverkamp Ines",
        "\u2068HAVERKAMP\u2069, Ines": "Haverkamp Ines",
        "Haver\u200bkamp": "Haverkamp Ines",
        "haverkamp\tines": "Haverkamp Ines",
        "lukasz": "O\u2019Brien Łukasz",
        "o'brien": "O\u2019Brien Łukasz",
        "O\u00b4BRIEN": "O\u2019Brien Łukasz",
        "maria": "Probe Ana María",
        "h-3": "Probe Ana María",
        "H\u20133": "Probe Ana María",
    }.items():
        assert names(search(people.nurse, text=text)) == [found], text
    for text in (",", "-", "' ,"):
        assert names(search(people.nurse, text=text)) == [], text


def test_given_names_stay_apart_and_are_told_as_one_as_well(people: People) -> None:
    path = f"/v1/patients/{uuid4()}"
    apart = {key: PATIENT[key] for key in PATIENT if key != "given_name"} | {"given_names": ["Ana", "María"]}
    made = people.nurse.put(path, apart)
    assert made.status_code == 201
    assert (made.json()["given_name"], made.json()["given_names"]) == ("Ana María", ["Ana", "María"])
    # an older client sends back what it read, as one text: nothing changed
    again = people.nurse.put(path, PATIENT | {"given_name": "Ana María"})
    assert (again.status_code, again.json()["given_names"]) == (200, ["Ana", "María"])
    assert people.nurse.put(path, apart | {"given_name": "Ana María"}).status_code == 200
    revised = people.nurse.put(path, apart | {"family_name": "Proba", "given_name": "Ana María"}, If_Match='"1"')
    assert (revised.status_code, revised.json()["given_names"]) == (200, ["Ana", "María"])
    other = people.nurse.put(path, PATIENT | {"given_name": "Anna María"}, If_Match='"2"')
    assert other.json()["given_names"] == ["Anna María"]


@pytest.mark.parametrize("one", [{"family_name": "Sukarno"}, {"given_name": "Sukarno"}, {"given_names": ["Sukarno"]}])
def test_one_name_is_a_name(people: People, one: dict) -> None:
    path = f"/v1/patients/{uuid4()}"
    rest = {key: PATIENT[key] for key in ("birth_date", "record_number")}
    made = people.nurse.put(path, rest | one)
    assert made.status_code == 201, made.text
    kept = made.json()
    assert sorted((kept["family_name"], kept["given_name"])) == ["", "Sukarno"]
    assert [found["id"] for found in search(people.nurse, text="sukarno")["items"]] == [kept["id"]]
    # told with both fields, and taken back as it was told
    told = {key: kept[key] for key in ("family_name", "given_name", "given_names", *rest)}
    assert people.nurse.put(path, told).status_code == 200
    swapped = put(people.nurse, family_name=kept["given_name"], given_name=kept["family_name"], record_number="R-9")
    assert [found["because"] for found in swapped["look_alikes"]] == [["family and given name swapped"]]
    put(people.nurse, family_name=kept["family_name"] and "Quist", given_name=kept["given_name"] and "Quist")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"family_name": "Smithson"}, {"family_name": "Simthson"}),
        ({"family_name": "Smithson"}, {"family_name": "Msithson"}),
        ({"family_name": "Haas", "given_name": "Eva"}, {"family_name": "Has", "given_name": "Ewa"}),
        ({"family_name": "Quist", "given_name": "Mette"}, {"family_name": "Uist", "given_name": "Mette"}),
        ({"given_name": "Anna"}, {"given_name": "Nana"}),
        ({"birth_date": "1984-03-11"}, {"birth_date": "1984-03-12", "given_name": "Mona", "family_name": "Pahl"}),
        ({"record_number": "R-100"}, {"record_number": "100", "birth_date": "1985-03-11", "family_name": "X"}),
    ],
)
def test_whoever_the_rule_would_mark_is_marked(people: People, one: dict, other: dict) -> None:
    first = put(people.nurse, **one)
    second = put(people.nurse, **{"birth_date": "1951-07-30", "record_number": "ZZ-77"} | other)
    assert [found["id"] for found in second["look_alikes"]] == [first["id"]], second
    assert [found["id"] for found in people.nurse.get(f"/v1/patients/{first['id']}").json()["look_alikes"]] == [
        second["id"]
    ]


def test_pages_follow_each_other_without_loss(people: People) -> None:
    for number in range(7):
        put(people.nurse, given_name=f"Maria {number % 3}", record_number=f"{number}{'x' * number}")
    seen: list[str] = []
    query: dict[str, object] = {"limit": 2}
    for _ in range(10):
        page = search(people.nurse, **query)
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert len(seen) == len(set(seen)) == 7
    whole = search(people.nurse, limit=50)
    assert [item["id"] for item in whole["items"]] == seen
    assert whole["next"] is None


@pytest.mark.parametrize(
    "after", ["", "x", "bnVsbA", "WyJhIl0", "WzEsMiwzXQ", "WyJhIiwiYiIsImMiXQ", "!!!", "WyJcdTAwMDAiLCJiIiwiYyJd"]
)
def test_a_cursor_that_is_none_of_ours_is_refused(people: People, after: str) -> None:
    refused = people.nurse.post("/v1/patients/search", {"after": after})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "after"


def test_another_clinics_patient_answers_exactly_as_an_unknown_one(people: People, others: People) -> None:
    theirs = put(others.nurse)
    path, unknown = f"/v1/patients/{theirs['id']}", f"/v1/patients/{uuid4()}"
    assert people.nurse.get(path).content == people.nurse.get(unknown).content
    assert people.nurse.get(path).status_code == 404
    assert people.nurse.get(f"{path}/history").content == people.nurse.get(f"{unknown}/history").content
    assert people.nurse.get(f"{path}/courses").status_code == 404
    assert names(search(people.nurse)) == []


def test_the_same_id_in_two_clinics_is_two_patients(people: People, others: People) -> None:
    theirs = put(others.nurse)
    mine = people.nurse.put(f"/v1/patients/{theirs['id']}", PATIENT | {"given_name": "Other"})
    assert mine.status_code == 201
    assert others.nurse.get(f"/v1/patients/{theirs['id']}").json() == theirs


def test_every_look_is_audited_before_the_answer(people: People) -> None:
    patient = put(people.nurse)
    people.clinician.get(f"/v1/patients/{patient['id']}")
    search(people.nurse, text="probe")
    events = people.auditor.get(f"/v1/audit?patient_id={patient['id']}").json()["items"]
    assert [(event["action"], event["actor"]["id"]) for event in events] == [
        ("patient.read", str(people.clinician.id)),
        ("patient.added", str(people.nurse.id)),
    ]
    assert events[1]["before"] is None
    assert events[1]["after"] == PATIENT | {"given_names": ["Maria"], "sex": None}
    [searched] = people.auditor.get("/v1/audit?action=patients.searched").json()["items"]
    assert searched["after"]["found"] == [patient["id"]]


def test_the_tablet_is_kept_with_what_it_sent(people: People) -> None:
    tablet = str(uuid4())
    made = people.nurse.put(f"/v1/patients/{uuid4()}", PATIENT, X_Tablet_Id=tablet)
    assert made.json()["tablet_id"] == tablet
    [event] = people.auditor.get("/v1/audit?action=patient.added").json()["items"]
    assert event["tablet_id"] == tablet


# --- courses ---------------------------------------------------------------------------------------------------------


def test_a_course_is_a_sheet_of_its_patient(people: People) -> None:
    patient, path = put(people.nurse), f"/v1/courses/{uuid4()}"
    course = {
        "patient_id": patient["id"],
        "planned_sessions": 6,
        "interval_days": 3,
        "note": "twice a week\nthen taper",
    }
    made = people.nurse.put(path, course)
    assert made.status_code == 201
    assert {key: made.json()[key] for key in course} == course
    assert (made.json()["clearance"], made.json()["sessions"]) == (None, [])
    assert people.nurse.put(path, course | {"planned_sessions": 8}).status_code == 428
    assert people.nurse.put(path, course | {"planned_sessions": 8}, If_Match='"1"').status_code == 200
    assert [item["planned_sessions"] for item in people.nurse.get(f"{path}/history").json()["items"]] == [6, 8]
    listed = people.nurse.get(f"/v1/patients/{patient['id']}/courses").json()
    assert [item["id"] for item in listed["items"]] == [made.json()["id"]]
    another = put(people.nurse, record_number="R-300")
    moved = people.nurse.put(path, course | {"patient_id": another["id"]}, If_Match='"2"')
    assert (moved.status_code, moved.json()["code"]) == (409, "course-of-another-patient")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"planned_sessions": 0}, 422),
        ({"planned_sessions": 201}, 422),
        ({"planned_sessions": True}, 422),
        ({"interval_days": 0}, 422),
        ({"note": ""}, 422),
        ({"patient_id": str(uuid4())}, 404),
    ],
)
def test_a_course_that_cannot_be_is_refused(people: People, change: dict, status: int) -> None:
    patient = put(people.nurse)
    answer = people.nurse.put(f"/v1/courses/{uuid4()}", {"patient_id": patient["id"], "planned_sessions": 6} | change)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == next(iter(change))


def test_a_course_is_cleared_by_a_clinician_alone(people: People, others: People) -> None:
    patient, path = put(people.nurse), f"/v1/courses/{uuid4()}"
    people.nurse.put(path, {"patient_id": patient["id"], "planned_sessions": 6})
    clearance = {"until": "2026-06-30T23:59:59+02:00", "note": "after review"}
    assert people.nurse.put(f"{path}/clearance", clearance).status_code == 403
    assert others.clinician.put(f"{path}/clearance", clearance).status_code == 404
    made = people.clinician.put(f"{path}/clearance", clearance)
    assert (made.status_code, made.json()["until"]) == (201, "2026-06-30T21:59:59Z")
    assert people.clinician.put(f"{path}/clearance", clearance).status_code == 200
    assert people.clinician.put(f"{path}/clearance", {}).status_code == 428
    assert people.clinician.put(f"{path}/clearance", {}, If_Match='"1"').json()["until"] is None
    kept = people.nurse.get(path).json()["clearance"]
    assert (kept["revision"], kept["recorded_by"]["role"]) == (2, "clinician")


def test_another_clinics_patient_cannot_get_a_course_here(people: People, others: People) -> None:
    theirs = put(others.nurse)
    body = {"patient_id": theirs["id"], "planned_sessions": 6}
    unknown = {"patient_id": str(uuid4()), "planned_sessions": 6}
    here, nowhere = (
        people.nurse.put(f"/v1/courses/{uuid4()}", body),
        people.nurse.put(f"/v1/courses/{uuid4()}", unknown),
    )
    assert here.status_code == nowhere.status_code == 404
    assert here.content == nowhere.content
