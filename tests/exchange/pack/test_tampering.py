"""Whoever changes a pack is found out: a byte, or a value with its digests made anew."""

import io
import json
import zipfile
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.pack.archive import write_zip
from app.exchange.pack.manifest import BadManifest, read_manifest
from tests.exchange.pack.forging import changed, entries_of, failed, forged, part_at, relinked, replaced
from tests.exchange.pack.test_pack import opened


def frame_of(pack):
    """Every byte of the ZIP that is no part's: headers, table, end."""
    with zipfile.ZipFile(io.BytesIO(pack)) as found:
        heads = [range(one.header_offset, one.header_offset + 30 + len(one.filename)) for one in found.infolist()]
        return [place for head in heads for place in head] + list(range(found.start_dir, len(pack)))


def test_the_untouched_pack_holds(pack, small):
    assert failed(pack) == {}
    assert failed(small) == {}


def test_a_changed_byte_of_the_frame_is_found_and_its_part_named(small, monkeypatch):
    # the pages are untouched here; drawing them some four hundred times would say nothing more
    drawn = opened(small)["session.pdf"]
    monkeypatch.setattr("app.exchange.pack.verifying.draw", lambda *_: drawn)
    wrong = []
    for place in frame_of(small):
        found = failed(changed(small, place, 0x80 >> place % 8))
        if part_at(small, place) not in found:
            wrong.append((place, part_at(small, place), found))
    assert wrong == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_anywhere_is_found_and_its_part_named(pack, data):
    place = data.draw(st.integers(0, len(pack) - 1))
    bits = data.draw(st.integers(1, 255))
    assert part_at(pack, place) in failed(changed(pack, place, bits))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bytes_added_or_taken_anywhere_are_found(small, data):
    place = data.draw(st.integers(0, len(small) - 1))
    assert failed(small[:place] + data.draw(st.binary(min_size=1, max_size=4)) + small[place:])
    assert failed(small[:place] + small[place + 1 :])
    assert failed(small[:place])


# --- forgers who make the digests anew -------------------------------------------------------------------------------


def test_the_forger_who_changes_nothing_is_not_accused(pack):
    assert failed(forged(pack, lambda parts, manifest: None)) == {}


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("session.csv", b",148,97,", b",128,97,", "systolic"),
        ("session.csv", b"'=1+1 says", b"=1+1 says", "formula"),
        ("session.csv", b"another patient's", b"", "void_reason"),
        ("bundle.json", b'"value":181', b'"value":121', "systolic"),
        ("bundle.json", b'"entered-in-error"', b'"final"', "void"),
        ("bundle.json", b'"family":"Probe"', b'"family":"Other"', "Patient"),
        ("bundle.json", b'"display":"A nurse"', b'"display":"B nurse"', "Encounter"),
        ("bundle.json", b'"code":"confirm"', b'"code":"decline"', "Provenance"),
        ("bundle.json", b'"text":"A friend"', b'"text":"A taxi"', "RelatedPerson"),
        ("session.pdf", b"/Title", b"/Titel", "drawn again"),
    ],
)
def test_a_part_that_tells_another_record_than_the_manifest_is_named(pack, name, old, new, says):
    found = failed(forged(pack, replaced(name, old, new)))
    assert set(found) == {name}
    assert says in found[name]


@pytest.mark.parametrize("number", [b"1e-300000000", b"1e9999999999999999999", b"9" * 5000, b"NaN"])
def test_a_number_beyond_every_bound_is_found_where_it_stands(pack, small, number):
    [(part, words)] = failed(forged(pack, replaced("bundle.json", b'"value":181', b'"value":' + number))).items()
    assert part == "bundle.json"
    assert "it holds a number that cannot be kept: entry." in words
    assert ".valueQuantity.value " in words
    manifest = opened(small)["manifest.json"].replace(b'"format_version":2', b'"format_version":' + number)
    with pytest.raises(BadManifest, match=r"^it holds a number that cannot be kept: format_version "):
        read_manifest(manifest)


def test_a_part_that_is_left_out_is_missed(small):
    parts = opened(small)
    del parts["session.csv"]
    assert "missing" in failed(write_zip(parts))["session.csv"]

    def leave_out(parts, _manifest):
        del parts["session.csv"]

    assert "session.csv" in failed(forged(small, leave_out))


def other_value(_parts, manifest):
    manifest["record"]["readings"][0]["revisions"][0]["systolic"] += 1


def one_reading_less(_parts, manifest):
    del manifest["record"]["readings"][0]


def void_taken_back(_parts, manifest):
    [wrong] = [one for one in manifest["record"]["readings"] if one["void"]]
    wrong["void"] = None


def other_dose(_parts, manifest):
    [start] = [one for one in manifest["record"]["events"] if one["kind"] == "infusion-started"]
    start["detail"]["dose_mg"] = "30"


def other_finding(_parts, manifest):
    manifest["record"]["signed"][0]["document"]["findings"][0]["outcome"] = "unknown"


def test_an_assessment_that_is_not_what_was_signed_is_found(pack):
    # the journal knows it too
    assert set(failed(forged(pack, other_finding, redraw=True))) == {"assessments", "audit chain"}


@pytest.mark.parametrize("change", [other_value, one_reading_less, void_taken_back, other_dose])
def test_a_record_made_to_look_otherwise_everywhere_does_not_fit_its_chain(pack, change):
    found = failed(forged(pack, change, redraw=True))
    assert "audit chain" in found


def other_story(_parts, manifest):
    """A note changed in the record and in the journal alike: nothing is worked out from it."""
    manifest["record"]["readings"][0]["revisions"][0]["note"] = "another"
    [entry] = entries_of(manifest, manifest["record"]["readings"][0]["id"])
    entry["document"]["note"] = "another"


def test_a_chain_made_anew_breaks_the_clinics_seal(pack):
    def change(parts, manifest):
        other_story(parts, manifest)
        relinked(manifest, seals=False)

    assert ": rewritten: a seal" in failed(forged(pack, change, redraw=True))["audit chain"]


def test_only_an_anchor_kept_elsewhere_tells_a_pack_made_up_from_the_ground(pack):
    def change(parts, manifest):
        other_story(parts, manifest)
        relinked(manifest, seals=True)

    made_up = forged(pack, change, redraw=True)
    manifest = json.loads(opened(pack)["manifest.json"])
    last, clinic = manifest["audit"]["journal"][-1], UUID(manifest["record"]["clinic"]["id"])
    assert last["stream"] == f"session:{manifest['session']}"
    anchors = {clinic: {last["stream"]: {last["position"]: last["hash"]}}}
    assert "audit chain" not in failed(made_up)
    assert "anchor" in failed(made_up, anchors)["audit chain"]
    assert failed(pack, anchors) == {}
