"""Whom a reference means: FHIR R4's rules of resolving within a Bundle, and nobody where they leave a doubt."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.intake import day_rows
from app.exchange.intake.references import Held, References, Unresolved

TODAY = date(2026, 3, 8)
A, B = "http://a.example/fhir/", "https://b.example/r4/x/"


def entry(full_url, resource):
    return {"resource": resource} | ({"fullUrl": full_url} if full_url else {})


def patient(number, id_="1", **other):
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "urn:mrn", "value": number}],
        "name": [{"family": number}],
        "birthDate": "1980-05-06",
    } | other


def version(number, version_id):
    return patient(number, meta={"versionId": version_id})


def met(entries, actor, full_url=f"{A}Appointment/5", system=None, **other):
    """The record number that the one appointment comes to, or what is said instead."""
    resource = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2026-03-09T09:30:00Z",
        "participant": [{"actor": {"reference": actor} if isinstance(actor, str) else actor, "status": "accepted"}],
    } | other
    content = json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [*entries, entry(full_url, resource)]}
    )
    [row] = day_rows(content.encode(), system, TODAY).rows
    return "; ".join(fault.message for fault in row.faults) or row.cells["record_number"]


IN_A, IN_B = entry(f"{A}Patient/1", patient("of-a")), entry(f"{B}Patient/1", patient("of-b"))
BARE = entry(None, patient("bare"))
TWO_VERSIONS = [entry(f"{A}Patient/1", version("v2", "2")), entry(f"{A}Patient/1", version("v3", "3"))]
URN = entry("urn:uuid:7f", patient("urn"))


@pytest.mark.parametrize(
    ("entries", "reference", "full_url", "expected"),
    [
        # a full URL is met exactly
        ([IN_A, IN_B], f"{B}Patient/1", f"{A}Appointment/5", "of-b"),
        ([IN_A, URN], "urn:uuid:7f", f"{A}Appointment/5", "urn"),
        ([entry("urn:oid:1.2.3", patient("oid"))], "urn:oid:1.2.3", None, "oid"),
        # a relative reference belongs to the base of whoever says it
        ([IN_A, IN_B], "Patient/1", f"{A}Appointment/5", "of-a"),
        ([IN_B, IN_A], "Patient/1", f"{A}Appointment/5", "of-a"),
        ([IN_A, IN_B], "Patient/1", f"{B}Appointment/5", "of-b"),
        ([IN_B], "Patient/1", f"{A}Appointment/5", "not in this Bundle"),
        ([URN], "Patient/1", f"{A}Appointment/5", "not in this Bundle"),
        # without a base one that is alone is meant, and no other
        ([IN_A], "Patient/1", "urn:uuid:1", "of-a"),
        ([URN], "Patient/1", None, "urn"),
        ([IN_A, IN_B], "Patient/1", None, "can mean each of the entries 1, 2, which differ: two patients"),
        ([IN_B, IN_A], "Patient/1", "urn:uuid:1", "can mean each of the entries 1, 2, which differ: two patients"),
        # one that says nothing of where it lives
        ([BARE], "Patient/1", f"{A}Appointment/5", "bare"),
        ([BARE, IN_A], "Patient/1", f"{A}Appointment/5", "of-a"),
        ([BARE, entry(None, patient("other"))], "Patient/1", f"{A}Appointment/5", "can mean each of the entries 1, 2"),
        ([BARE], f"{A}Patient/1", f"{A}Appointment/5", "not in this Bundle"),
        # versions
        ([entry(f"{A}Patient/1", version("v", "2"))], "Patient/1/_history/2", f"{A}Appointment/5", "v"),
        ([entry(f"{A}Patient/1", version("v", "2"))], f"{A}Patient/1/_history/2", None, "v"),
        ([entry(f"{A}Patient/1", version("v", "3"))], "Patient/1/_history/2", f"{A}Appointment/5", "another version"),
        ([IN_A], "Patient/1/_history/2", f"{A}Appointment/5", "another version"),
        (TWO_VERSIONS, "Patient/1/_history/2", f"{A}Appointment/5", "v2"),
        (TWO_VERSIONS, "Patient/1", f"{A}Appointment/5", "can mean each of the entries 1, 2, which differ"),
        ([entry(f"{A}Patient/1/_history/2", version("v", "2"))], "Patient/1", f"{A}Appointment/5", "v"),
        # one full URL
        ([URN, entry("urn:uuid:7f", patient("else"))], "urn:uuid:7f", None, "can mean each of the entries 1, 2"),
        ([URN, URN], "urn:uuid:7f", None, "urn"),
        ([URN, entry("urn:uuid:7f", {"resourceType": "Practitioner"})], "urn:uuid:7f", None, "can mean each"),
        # nothing there
        ([IN_A], "urn:uuid:absent", None, "means something that is not in this Bundle: add it"),
        ([IN_A], "http://c.example/Patient/1", None, "means a Patient that is not in this Bundle: add it"),
        ([IN_A], "patient/1", None, "means something that is not in this Bundle"),
        ([IN_A], "Practitioner/1", None, "names no patients"),
    ],
)  # fmt: skip
def test_whom_a_reference_means(entries, reference, full_url, expected):
    found = met(entries, reference, full_url)
    assert expected in found if " " in expected else found == expected


@pytest.mark.parametrize(
    ("contained", "reference", "expected"),
    [
        ([patient("c", "p")], "#p", "c"),
        ([patient("c", "p")], "#q", "is not contained in this Appointment"),
        ([patient("c", "p"), patient("d", "p")], "#p", "is contained more than once"),
        ([patient("c", "p", modifierExtension=[{"url": "urn:x"}])], "#p", "has modifierExtension"),
        ([{"resourceType": "Practitioner", "id": "p"}], "#p", "names no patients"),
    ],
)
def test_whom_a_reference_within_means(contained, reference, expected):
    # an entry of the same id elsewhere is another one
    found = met([entry(f"{A}Patient/p", patient("elsewhere", "p"))], reference, contained=contained)
    assert expected in found if " " in expected else found == expected


MR = {"coding": [{"code": "MR"}]}


@pytest.mark.parametrize(
    ("actor", "system", "expected"),
    [
        ({"identifier": {"type": MR, "value": "R-7"}}, None, "R-7"),
        ({"type": "Patient", "identifier": {"value": "R-7"}}, None, "R-7"),
        ({"identifier": {"system": "urn:mrn", "value": "R-7"}}, "urn:mrn", "R-7"),
        ({"type": "Patient", "identifier": {"system": "urn:ssn", "value": "R-7"}}, "urn:mrn", "in words only"),
        ({"reference": "Patient/9", "identifier": {"type": MR, "value": "R-7"}}, None, "R-7"),
        ({"reference": "Patient/1", "identifier": {"type": MR, "value": "of-a"}}, None, "of-a"),
        ({"reference": "Patient/1", "identifier": {"type": MR, "value": "R-7"}}, None, "another by its identifier"),
        ({"identifier": {"type": MR, "use": "old", "value": "R-7"}}, None, "names no patients"),
        ({"identifier": {"value": "1234567893"}}, None, "names no patients"),
        ({"type": "Patient", "display": "Probe, Maria"}, None, "in words only"),
        ({"reference": "urn:uuid:1", "type": "Practitioner"}, None, "names no patients"),
    ],
)
def test_whom_an_identifier_means(actor, system, expected):
    found = met([IN_A], actor, system=system)
    assert expected in found if " " in expected else found == expected


def test_of_two_patients_none_is_taken():
    who = [{"actor": {"reference": url}, "status": "accepted"} for url in (f"{A}Patient/1", f"{B}Patient/1")]
    assert "names 2 patients" in met([IN_A, IN_B], "x", participant=who)


def test_a_chair_is_the_place_taken_part_in():
    place = entry(f"{A}Location/c", {"resourceType": "Location", "id": "c", "name": "Chair 3"})
    who = {"actor": {"reference": "Patient/1"}, "status": "accepted"}

    def chair(actor, **other):
        resource = {"resourceType": "Appointment", "status": "booked", "participant": [who, {"actor": actor} | other]}
        content = {"resourceType": "Bundle", "entry": [IN_A, place, entry(f"{A}Appointment/5", resource)]}
        [row] = day_rows(json.dumps(content).encode(), None, TODAY).rows
        assert row.faults == ()
        return row.cells.get("chair")

    assert chair({"reference": "Location/c"}) == "Chair 3"
    assert chair({"reference": "Location/c", "display": "3"}) == "3"
    assert chair({"reference": "Location/elsewhere", "display": "4"}) == "4"
    assert chair({"type": "Location", "display": "5"}) == "5"
    assert chair({"reference": "Location/c"}, status="declined") is None


urls = st.sampled_from([f"{A}Patient/1", f"{B}Patient/1", f"{A}Patient/2", "urn:uuid:1", None])
held = st.tuples(urls, st.sampled_from(["1", "2"]), st.sampled_from([None, "1", "2"]), st.sampled_from([b"x", b"y"]))


@given(st.lists(held, max_size=5), st.sampled_from(["Patient/1", f"{A}Patient/1", "Patient/1/_history/2", "urn:uuid:1"]), urls)  # fmt: skip  # noqa: E501
def test_the_order_of_a_bundle_never_says_who_is_meant(placed, reference, referrer):
    def resolved(order):
        references = References()
        for full_url, id_, version_id, digest in order:
            references.add(full_url, Held(1, "Patient", id_, version_id, digest, None))
        found = references.resolve(reference, referrer)
        return None if isinstance(found, Unresolved) else found.digest

    assert len({resolved(placed), resolved(placed[::-1]), resolved(sorted(placed, key=str))}) == 1
