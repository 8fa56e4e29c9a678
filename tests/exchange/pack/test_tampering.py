"""Whoever changes a pack is found out: a byte, a value with its digests made anew, a ZIP that is another thing."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.canonical import canonical_json, digest
from app.exchange.pack import CheckResult, verify_pack
from app.exchange.pack.archive import LARGEST, write_zip
from app.exchange.pack.making import NAMES, draw
from app.exchange.pack.manifest import BadManifest, read_manifest, sha256
from app.exchange.pack.table import table
from tests.exchange.pack.test_pack import opened


def failed(pack, anchors=None):
    """The parts that fail, with the words."""
    lines = verify_pack(pack, anchors)
    return {line.part: line.words for line in lines if line.outcome is CheckResult.FAILED}


def part_at(pack, place):
    """Which part a byte belongs to, by another reader's account; None for the end of the ZIP."""
    with zipfile.ZipFile(io.BytesIO(pack)) as found:
        starts = [(info.header_offset, info.filename) for info in found.infolist()]
        table = found.start_dir
        if place < table:
            return max((one for one in starts if one[0] <= place), key=lambda one: one[0])[1]
        for info in found.infolist():
            table += 46 + len(info.filename)
            if place < table:
                return info.filename
    return "the ZIP"


def changed(pack, place, bits):
    return pack[:place] + bytes([pack[place] ^ bits]) + pack[place + 1 :]


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


def forged(pack, change, *, redraw=False):
    """The pack after `change(parts, manifest)`, every digest made anew; with `redraw`, table and pages too."""
    parts = opened(pack)
    manifest = json.loads(parts["manifest.json"])
    manifest.pop("digest")
    change(parts, manifest)
    manifest["record_digest"] = named = digest(manifest["record"])
    if redraw:
        parts["session.csv"] = table(manifest["record"], named)
        by = manifest["made_by"]
        parts["session.pdf"] = draw(manifest["record"], named, manifest["made_at"], by["name"], by["role"])
        bundle = json.loads(parts["bundle.json"])
        bundle["meta"]["tag"][0]["code"] = named
        parts["bundle.json"] = json.dumps(bundle).encode()
    manifest["parts"] = [
        {"name": name, "bytes": len(data), "sha256": sha256(data)}
        for name, data in parts.items()
        if name != "manifest.json"
    ]
    parts["manifest.json"] = canonical_json({**manifest, "digest": digest(manifest)})
    return write_zip(parts)


def replaced(name, old, new):
    def change(parts, _manifest):
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)

    return change


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


def entries_of(manifest, name):
    """The journal's entries of one fact."""
    return [entry for entry in manifest["audit"]["journal"] if entry["fact_id"] == name]


def relinked(manifest, *, seals):
    """The journal's hashes made anew over what it says now, as others reckon them."""
    held = {}
    for entry in manifest["audit"]["journal"]:
        stream, position = entry["stream"], entry["position"]
        said = {name: value for name, value in entry.items() if name not in ("document", "hash")}
        covered = rfc8785.dumps(said | {"prev": held.get((stream, position - 1), "0" * 64)})
        entry["hash"] = sha256(covered + b"\n" + rfc8785.dumps(entry["document"]))
        held[stream, position] = entry["hash"]
    for seal in manifest["audit"]["seals"] if seals else ():
        seal["head"]["hash"] = held[seal["head"]["stream"], seal["head"]["position"]]
        whole = {"prev": seal["prev"], "position": seal["position"], "stream": "log", "head": seal["head"]}
        seal["hash"] = digest(whole)


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


# --- what no reading says: who, for whom, and what was signed -------------------------------------------------------


@dataclass(frozen=True)
class Lie:
    """A change of one part of the record; `tell` changes it there, and in the entry of the journal that keeps it."""

    story: str
    part: str
    kind: str
    told: Callable[[Any], Any]
    tell: Callable[[Any, Any], None]


def typed(name, value):
    """A lie about one field of a document."""

    def tell(told, entry):
        assert told[name] != value
        told[name] = entry["document"][name] = value

    return tell


def recorded_by(told, entry):
    told["recorded_by"]["name"] = entry["by"]["name"] = "Somebody Else"


def present(told, entry):
    for one in (told, entry["document"]):
        one["answers"]["pregnancy"] = not one["answers"]["pregnancy"]


def confirmed(told, entry):
    assert told["decision"] == "decline"
    text = told["signed_text"].replace("decline", "confirm").replace("unsteady on the stairs", "")
    for one in (told, entry["document"]):
        one |= {"decision": "confirm", "reason": None, "signed_text": text}
    told["reason"] = entry["reason"] = None
    entry["action"] = "discharge.confirmed"


LIES = {
    "the patient's name": Lie("pack", "patient", "patient", lambda r: r["patient"], typed("family_name", "Other")),
    "who recorded a reading": Lie(
        "pack", "readings", "reading", lambda r: r["readings"][0]["revisions"][0], recorded_by
    ),
    "an answer of the screening": Lie("pack", "screening", "screening", lambda r: r["screening"], present),
    "the escort": Lie("pack", "escort", "escort", lambda r: r["escort"], typed("name", "Nobody at all")),
    "a notice": Lie("pack", "notices", "notice", lambda r: r["notices"][0], typed("text", "Nothing arrived.")),
    "the text that was signed": Lie(
        "pack", "confirmations", "confirmation", lambda r: r["confirmations"][0], typed("signed_text", "All is well.")
    ),
    "a decline": Lie("declined", "confirmations", "confirmation", lambda r: r["confirmations"][0], confirmed),
}


@pytest.fixture(params=LIES.values(), ids=LIES)
def lie(request):
    return request.param


@pytest.fixture
def honest(lie, request):
    """The pack that is lied about: it holds."""
    found = request.getfixturevalue(lie.story)
    assert failed(found) == {}
    return found


def first_of(manifest, kind):
    return next(entry for entry in manifest["audit"]["journal"] if entry["kind"] == kind)


def in_the_record(lie):
    def change(_parts, manifest):
        lie.tell(lie.told(manifest["record"]), deepcopy(first_of(manifest, lie.kind)))

    return change


def in_both(lie, *, relink):
    def change(_parts, manifest):
        lie.tell(lie.told(manifest["record"]), first_of(manifest, lie.kind))
        if relink:
            relinked(manifest, seals=True)

    return change


def test_a_record_that_lies_of_anything_does_not_fit_its_journal(lie, honest):
    found = failed(forged(honest, in_the_record(lie), redraw=True))
    assert f"{lie.part}: the record and the journal differ" in found["audit chain"]


def test_a_journal_that_lies_with_it_does_not_fit_its_hashes(lie, honest):
    found = failed(forged(honest, in_both(lie, relink=False), redraw=True))
    assert "its content was changed after it was kept" in found["audit chain"]


def test_a_journal_made_anew_around_the_lie_does_not_fit_an_anchor(lie, honest):
    manifest = json.loads(opened(honest)["manifest.json"])
    anchors = {UUID(manifest["record"]["clinic"]["id"]): {}}
    for entry in manifest["audit"]["journal"]:
        anchors[UUID(manifest["record"]["clinic"]["id"])][entry["stream"]] = {entry["position"]: entry["hash"]}
    assert failed(honest, anchors) == {}
    found = failed(forged(honest, in_both(lie, relink=True), redraw=True), anchors)
    assert "an anchor kept elsewhere holds another hash" in found["audit chain"]


def test_control_without_the_comparison_the_lie_passes(lie, honest, monkeypatch):
    monkeypatch.setattr("app.exchange.pack.chain._told_otherwise", lambda *_, **__: [])
    assert "audit chain" not in failed(forged(honest, in_the_record(lie), redraw=True))


def _of(kind, change):
    """A change of every resource of one type in the Bundle."""

    def changed_bundle(parts, _manifest):
        bundle = json.loads(parts["bundle.json"])
        for entry in bundle["entry"]:
            if entry["resource"]["resourceType"] == kind:
                change(entry["resource"])
        parts["bundle.json"] = json.dumps(bundle).encode()

    return changed_bundle


def _in_record(change):
    return lambda _parts, manifest: change(manifest["record"])


INVENTED = {"vital": "systolic", "because": "nothing", "waits": False}
MISSED_YESTERDAY = {
    "demo": (_in_record(lambda record: record.update(demo=True)), "audit chain"),
    "phase": (_in_record(lambda record: record["readings"][2].update(phase="recovery")), "audit chain"),
    "concerns": (_in_record(lambda record: record["readings"][2].update(concerns=[INVENTED])), "audit chain"),
    "dose": (_in_record(lambda record: record["dose"].update(ended="2026-03-07T12:01:00Z")), "audit chain"),
    "baseline": (
        _in_record(lambda record: record["baseline"]["vitals"]["systolic"].update(band=[1, 300])),
        "audit chain",
    ),
    "protocol": (_in_record(lambda record: record["protocol"].update(version=9)), "audit chain"),
    "state": (_in_record(lambda record: record["session"].update(state="cancelled")), "audit chain"),
    "staff": (_of("Practitioner", lambda one: one["name"][0].update(text="Somebody Else")), "bundle.json"),
    "clinic": (_of("Organization", lambda one: one["meta"].update(lastUpdated="2020-01-01T00:00:00Z")), "bundle.json"),
}


@pytest.mark.parametrize("what", MISSED_YESTERDAY)
def test_what_no_entry_was_held_against_is_held_too(pack, what):
    """What is worked out, whether it is a demo, and who stands around the record in the Bundle."""
    change, part = MISSED_YESTERDAY[what]
    assert part in failed(forged(pack, change, redraw=True))


def test_an_assessment_that_the_rules_do_not_come_to_is_found(pack):
    """Every hash and digest made anew: only asking the rules again tells, and whoever holds an anchor."""

    def change(_parts, manifest):
        entry = next(one for one in manifest["audit"]["journal"] if one["kind"] == "assessment")
        entry["document"]["status"] = "met"
        relinked(manifest, seals=True)

    assert "does not come out of the journal" in failed(forged(pack, change))["assessments"]


def of_another_version(_parts, manifest):
    manifest["software"] = "0.0.0-other"


def test_a_pack_of_another_version_says_what_was_not_checked_and_still_holds(pack):
    lines = verify_pack(forged(pack, of_another_version))
    assert [line.part for line in lines if line.outcome is CheckResult.NOT_CHECKED] == ["session.pdf"]
    assert [line for line in lines if line.outcome is CheckResult.FAILED] == []


def test_of_another_version_too_the_pages_must_name_the_record(pack):
    def change(parts, manifest):
        of_another_version(parts, manifest)
        named = manifest["record_digest"].encode()
        parts["session.pdf"] = parts["session.pdf"].replace(named, b"0" * 64)

    assert set(failed(forged(pack, change))) == {"session.pdf"}


# --- ZIPs that are another thing -------------------------------------------------------------------------------------


def zipped(*entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made, suppress(UserWarning):
        for info, data in entries:
            made.writestr(info, data)
    return out.getvalue()


def linked():
    info = zipfile.ZipInfo("session.pdf")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def hostile(parts):
    good = list(parts.items())
    again = write_zip(parts)
    first = again[: again.index(b"PK\1\2")]
    yield "a bomb", zipped(("manifest.json", b"0" * 10_000_000), method=zipfile.ZIP_DEFLATED)
    yield "packed", zipped(*good, method=zipfile.ZIP_DEFLATED)
    yield "a path", zipped(("../manifest.json", b"{}"))
    yield "an absolute path", zipped(("/etc/passwd", b"{}"))
    yield "a link", zipped(*good[:1], (linked(), b"/etc/passwd"), *good[2:])
    yield "a stranger", zipped(*good, ("more.exe", b"MZ"))
    yield "another order", write_zip(dict(reversed(good)))
    yield "twice", first[: first.index(b"PK\3\4", 4)] + again
    yield "something before", b"#!/bin/sh\n" + again
    yield "something behind", again + b"more"
    yield "times", zipped(*good)
    yield "no zip", b"%PDF-1.7"
    yield "nothing", b""
    yield "too large", b"PK\3\4" + bytes(LARGEST)
    yield "sizes that lie", again[:18] + struct.pack("<LL", 2**32 - 1, 2**32 - 1) + again[26:]
    yield "no manifest", write_zip({name: data for name, data in good if name != "manifest.json"})


def test_a_zip_that_is_no_pack_is_refused(small):
    parts = opened(small)
    assert failed(write_zip(parts)) == {}
    assert [what for what, data in hostile(parts) if not failed(data)] == []


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"format":"infusion-vitals-pack","format_version":1}', b"1" * 5000],
)
def test_a_manifest_that_is_none_is_refused(small, text):
    found = failed(write_zip(opened(small) | {"manifest.json": text}))
    assert "manifest.json" in found


@pytest.mark.parametrize("missing", ["record", "parts", "audit", "made_by", "software", "typesetter", "session"])
def test_a_manifest_without_something_is_refused_and_nothing_breaks(small, missing):
    def change(_parts, manifest):
        del manifest[missing]

    if missing in {"record", "parts"}:
        parts = opened(small)
        manifest = json.loads(parts["manifest.json"])
        del manifest["digest"], manifest[missing]
        parts["manifest.json"] = canonical_json({**manifest, "digest": digest(manifest)})
        assert failed(write_zip(parts))
    else:
        assert failed(forged(small, change))


def test_names_are_those_of_the_parts():
    assert NAMES == ("manifest.json", "session.pdf", "bundle.json", "session.csv")
