"""A pack that lies of who, for whom, or what was signed does not fit its journal, its hashes or an anchor."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from app.exchange.pack import CheckResult, verify_pack
from tests.exchange.pack.forging import failed, forged, relinked
from tests.exchange.pack.test_pack import opened


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
