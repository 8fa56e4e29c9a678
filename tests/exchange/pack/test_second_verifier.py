"""The page's own checks of real packs: what holds, and every planted change by its name."""

import json
import os
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from app.domain.canonical import canonical_json, digest
from app.domain.changes import changed as apply
from app.exchange.pack import CheckResult, make_pack, verify_pack
from tests.exchange.pack import stories
from tests.exchange.pack.forging import changed, forged, part_at, replaced
from tests.exchange.pack.leaves import PROVEN, is_sentence, leaves, other
from tests.exchange.pack.test_pack import opened
from tests.services.test_charted_afterwards import LATER, charted
from tests.services.test_charted_afterwards import sign as sign_afterwards
from tests.services.ward import Ward
from tests.verifier.program import asked, library

__all__ = ["library"]

CHANGES = int(os.environ.get("PACK_CHANGES", "40"))
"""Single values to change: 500 were tried when this was written."""
pytestmark = pytest.mark.xdist_group("verifier")


def rechained(manifest):
    """Every hash of the journal made anew, and the seals, which nobody else can make, left out."""
    heads = {}
    for entry in manifest["audit"]["journal"]:
        prev = heads.get(entry["stream"], "0" * 64)
        said = {**entry, "prev": prev}
        document = said.pop("document")
        del said["hash"]
        heads[entry["stream"]] = entry["hash"] = sha256(
            canonical_json(said) + b"\n" + canonical_json(document)
        ).hexdigest()
    manifest["audit"]["seals"] = []


def at(manifest, path):
    """The object that a path of the manifest leads to."""
    found = manifest
    for step in path:
        found = found[step]
    return found


def put(*path, value):
    def change(_parts, manifest):
        where = at(manifest, path[:-1])
        assert where[path[-1]] != value
        where[path[-1]] = value

    return change


def entry_of(manifest, kind, number=0):
    return [one for one in manifest["audit"]["journal"] if one["kind"] == kind][number]


def journal(kind, *path, value, number=0):
    def change(_parts, manifest):
        put(*path, value=value)(None, entry_of(manifest, kind, number))

    return change


def at_reading(number, *path, value):
    return put("record", "readings", number, "revisions", 0, *path, value=value)


def record(*path, value):
    return put("record", *path, value=value)


def drop(*path):
    def change(_parts, manifest):
        del at(manifest, path[:-1])[path[-1]]

    return change


def double(*path):
    def change(_parts, manifest):
        where = at(manifest, path[:-1])
        where.insert(path[-1] + 1, deepcopy(where[path[-1]]))

    return change


def swap(*path):
    def change(_parts, manifest):
        where = at(manifest, path)
        where[-1], where[-2] = where[-2], where[-1]

    return change


def everywhere(_parts, manifest):
    """A value of the newest set in the record and in the journal, hashes made anew."""
    manifest["record"]["readings"][-1]["revisions"][0]["systolic"] = 171
    entry_of(manifest, "reading", -1)["document"]["systolic"] = 171
    rechained(manifest)


def flag_raised_early(_parts, manifest):
    """An assessment that was not met is said to have been, hashes made anew."""
    entry_of(manifest, "assessment", -3)["document"].update(status="met", change="raised")
    rechained(manifest)


def looser_protocol(_parts, manifest):
    entry_of(manifest, "protocol")["document"]["criteria"]["systolic-recovered"]["ceiling"] = 170
    rechained(manifest)


def another_escort(_parts, manifest):
    """Seen before the end of the dose, in the record and in the journal."""
    manifest["record"]["escort"]["present_at"] = "2026-03-07T12:10:00Z"
    entry_of(manifest, "escort")["document"]["present_at"] = "2026-03-07T12:10:00Z"
    rechained(manifest)


NOBODY = {"id": None, "name": "Nobody", "role": "nurse"}
JOURNAL = ("audit", "journal")
PLANTED = {
    "a reading's value": (
        at_reading(0, "systolic", value=118),
        "record",
        "systolic: the record says 118, the journal 122",
    ),
    "a reading's time": (at_reading(0, "measured_at", value="2026-03-07T11:41:00Z"), "record", "measured_at"),
    "a symptom": (
        at_reading(-1, "symptoms", value=[{"code": "nausea", "severity": "mild", "onset": None}]),
        "record",
        "symptoms",
    ),
    "who typed a reading": (
        at_reading(0, "recorded_by", "name", value="B nurse"),
        "record",
        'name: the record says "B nurse"',
    ),
    "a reason": (put("record", "readings", 2, "revisions", 1, "reason", value="typed in haste"), "record", "reason"),
    "a reading left out": (drop("record", "readings", 2), "record", "readings: the record lacks"),
    "a reading twice": (double("record", "readings", 2), "record", "which the journal does not know"),
    "readings swapped": (swap("record", "readings"), "record", "in another order"),
    "a revision left out": (drop("record", "readings", 2, "revisions", 1), "record", "the record lacks revision 2"),
    "a void taken back": (record("readings", 3, "void", value=None), "record", "void: the record says null"),
    "a phase": (record("readings", -1, "phase", value="infusion"), "assessments", "phase"),
    "an event's dose": (record("events", 1, "detail", "dose_mg", value="30"), "record", "dose_mg"),
    "an event's kind": (record("events", 0, "kind", value="addendum"), "record", "kind"),
    "an event left out": (drop("record", "events", 2), "record", "events: the record lacks"),
    "who recorded an event": (record("events", 1, "recorded_by", "staff_id", value=None), "record", "staff_id"),
    "the patient's name": (record("patient", "family_name", value="Other"), "record", "family_name"),
    "the weight": (record("session", "weight_kg", value="82.5"), "record", "weight_kg"),
    "the state": (record("session", "state", value="recovering"), "assessments", "session / state"),
    "an answer of the screening": (record("screening", "answers", "pregnancy", value=True), "record", "pregnancy"),
    "who cleared": (record("clearance", "recorded_by", "name", value="B clinician"), "record", "clearance"),
    "the escort's name": (record("escort", "name", value="A taxi"), "record", "escort / name"),
    "whether the escort was seen": (record("escort", "present", value=False), "record", "escort / present"),
    "a signed decision": (record("confirmations", 0, "decision", value="override"), "record", "decision"),
    "a signer's own words": (record("confirmations", 0, "own_assessment", value="drowsy"), "record", "own_assessment"),
    "the signed words": (record("confirmations", 0, "signed_text", value="I confirm."), "record", "signed_text"),
    "who signed": (record("confirmations", 0, "recorded_by", "name", value="B clinician"), "record", "B clinician"),
    "a signature left out": (drop("record", "confirmations", 0), "record", "confirmations: the record lacks"),
    "an outcome that was signed": (
        record("signed", 0, "document", "findings", 4, "outcome", value="unknown"),
        "record",
        "heart-rate-recovered / outcome",
    ),
    "the latest status": (record("latest", "status", value="not-met"), "record", "latest / status"),
    "a flag left out": (drop("record", "flags", 0), "record", "flags: the record lacks"),
    "a notice": (record("notices", 0, "text", value="nothing"), "record", "notices"),
    "a notice acknowledged": (record("notices", 0, "acknowledged", value=NOBODY), "record", "acknowledged"),
    "when the patient left": (record("discharge", "left_at", value="2026-03-07T14:49:00Z"), "record", "left_at"),
    "the clinic's name": (record("clinic", "name", value="Other"), "record", "clinic / name"),
    "a demo": (put("demo", value=True), "record", "demo"),
    "the end of the dose": (record("dose", "ended", value="2026-03-07T12:41:00Z"), "assessments", "dose / ended"),
    "the baseline": (record("baseline", "vitals", "systolic", "sum", value=250), "assessments", "baseline / systolic"),
    "what the baseline allows": (record("baseline", "vitals", "spo2", "band", value=[90, 100]), "assessments", "band"),
    "the protocol's hash": (record("protocol", "hash", value="0" * 64), "protocol", "another protocol"),
    "the rules": (put("rules", value="2"), "record", "rules"),
    "an entry's value": (journal("reading", "document", "systolic", value=118), "journal", "(reading "),
    "who kept an entry": (journal("reading", "by", "name", value="B nurse", number=2), "journal", "kept by B nurse"),
    "when an entry was kept": (journal("event", "wall_at", value="2026-03-07T11:30:00Z"), "journal", "(event "),
    "an entry's reason": (journal("reading-void", "reason", value="nothing"), "journal", "(reading-void "),
    "an entry's tablet": (journal("escort", "tablet_id", value="0" * 8), "journal", "(escort "),
    "the protocol's limit": (
        journal("protocol", "document", "criteria", "fresh", "minutes", value=30),
        "journal",
        "(protocol ",
    ),
    "a kept status": (journal("assessment", "document", "status", value="met"), "journal", "(assessment "),
    "an entry's hash": (journal("screening", "hash", value="0" * 64), "journal", "(screening "),
    "an entry left out": (drop(*JOURNAL, 12), "journal", "is missing in session:"),
    "the last entry left out": (drop(*JOURNAL, -1), "journal", "its end was cut off"),
    "an entry twice": (double(*JOURNAL, 12), "journal", "it was added, or moved"),
    "entries swapped": (swap(*JOURNAL), "journal", "missing in session:"),
    "an entry moved": (journal("screening", "stream", value="session:other"), "journal", "session:other"),
    "another clinic's entry": (journal("screening", "clinic_id", value="other"), "journal", "clinics"),
    "a seal": (put("audit", "seals", -1, "head", "hash", value="0" * 64), "journal", "seal"),
    "a value, with every hash made anew": (
        everywhere,
        "assessments",
        "systolic-recovered: it says met, the rules not-met",
    ),
    "an escort, with every hash made anew": (
        another_escort,
        "assessments",
        "escort-present: it says met, the rules not-met",
    ),
    "a flag, with every hash made anew": (flag_raised_early, "assessments", "status: it says met"),
    "the protocol, with every hash made anew": (looser_protocol, "protocol", "nobody approved what it says"),
    "the table": (replaced("session.csv", b",148,97,", b",128,97,"), "session.csv", "systolic"),
    "the table's reason": (replaced("session.csv", b"another patient's", b"nothing"), "session.csv", "void_reason"),
    "the table's findings": (
        replaced("session.csv", b"gait-steady,met", b"gait-steady,unknown"),
        "session.csv",
        "differs from the record in outcome",
    ),
    "the Bundle's value": (replaced("bundle.json", b'"value":181', b'"value":121'), "bundle.json", "systolic"),
    "the Bundle's void": (replaced("bundle.json", b'"entered-in-error"', b'"final"'), "bundle.json", "void"),
    "the pages' record": (replaced("session.pdf", b"record-digest:", b"record-digests"), "session.pdf", "not the PDF"),
}
"""What is done, with the digests of the manifest made anew; the part that must be named; and words that name it."""


def answers(library: Path, folder: Path, packs: dict[str, bytes]) -> dict[str, dict]:
    """What one process says of each."""
    paths = []
    for number, pack in enumerate(packs.values()):
        paths.append(folder / f"{number}.zip")
        paths[-1].write_bytes(pack)
    return dict(zip(packs, asked(library, "packs", map(str, paths)), strict=True))


def failures(answer: dict) -> list[dict]:
    return [line for line in answer["lines"] if line["result"] == "failed"]


def test_packs_hold_and_every_assessment_is_derived_again(library, pack, small, declined, tmp_path):
    packs = {"pack": pack, "small": small, "declined": declined, "anew": forged(pack, lambda parts, manifest: None)}
    for name, answer in answers(library, tmp_path, packs).items():
        assert failures(answer) == [], name
        assert answer["holds"]
    assert "18 of them derived again" in json.dumps(answers(library, tmp_path, {"pack": pack}))


def test_a_session_charted_afterwards_holds(library, kept, tmp_path):
    ward = Ward(kept)
    session_id = charted(ward)
    sign_afterwards(ward, session_id, LATER + 5)
    pack = make_pack(stories.take(ward, session_id, now=LATER + 60))
    [answer] = answers(library, tmp_path, {"afterwards": pack}).values()
    assert failures(answer) == []


def test_what_was_asked_for_a_monitoring_form_is_part_of_the_record(library, kept, tmp_path):
    ward, session_id = stories.asked_for_the_form(kept)
    pack = make_pack(stories.take(ward, session_id))
    assert [line for line in verify_pack(pack) if line.outcome is not CheckResult.HOLDS] == []
    lies = {
        "enrolled": record("programme", "enrolled", value="no"),
        "opioids": record("form_answers", "medicines", "opioids", value="yes"),
    }
    packs = {"as it is": pack} | {name: forged(pack, lie) for name, lie in lies.items()}
    found = answers(library, tmp_path, packs)
    assert failures(found["as it is"]) == []
    for name in lies:
        assert name in json.dumps(failures(found[name]))


def test_every_planted_change_is_named(library, pack, tmp_path):
    found = answers(library, tmp_path, {name: forged(pack, change) for name, (change, _, _) in PLANTED.items()})
    unnamed = {
        name: failures(found[name])
        for name, (_, part, words) in PLANTED.items()
        if not any(line["part"] == part and words in line["words"] for line in failures(found[name]))
    }
    assert unnamed == {}
    assert not any(answer["holds"] for answer in found.values())


def other_rules(_parts, manifest):
    """What this verifier has no rules for it cannot judge; every digest and hash made anew."""
    first = entry_of(manifest, "assessment")["document"]["changed"]["new"]
    first[first.index("1")] = manifest["rules"] = "2"
    renamed = {}
    for part in (*manifest["record"]["signed"], manifest["record"]["latest"]):
        before, part["document"]["rules"] = part["digest"], "2"
        renamed[before] = part["digest"] = digest(part["document"])
    for number, one in enumerate(assessments_of(manifest)):
        entry_of(manifest, "assessment", number)["document"]["digest"] = digest({**one, "rules": "2"})
    text = json.dumps([manifest["record"], manifest["audit"]])
    for before, after in renamed.items():
        text = text.replace(before, after)
    manifest["record"], manifest["audit"] = json.loads(text)
    rechained(manifest)


def assessments_of(manifest):
    """The document that each digest is of."""
    said = {}
    for entry in manifest["audit"]["journal"]:
        if entry["kind"] == "assessment":
            kept = entry["document"]
            said = apply(said, kept["changed"])
            findings = [said["findings"][name] for name in said["criteria"]]
            same = {name: kept[name] for name in ("as_of", "inputs", "tablets")}
            yield {"rules": said["rules"], "protocol": said["protocol"], **same, "findings": findings}


def test_rules_that_it_does_not_know_are_never_said_to_hold(library, pack, tmp_path):
    [answer] = answers(library, tmp_path, {"other": forged(pack, other_rules, redraw=True)}).values()
    assert failures(answer) == []
    assert answer["partly"]
    assert not answer["holds"]


def test_any_value_that_is_changed_is_named_in_its_part(library, pack, tmp_path):
    manifest = json.loads(opened(pack)["manifest.json"])
    paths = [path for path in leaves(manifest) if path[0] in PROVEN and not is_sentence(path)]
    some = Random(57).sample(paths, CHANGES)
    packs = {path: forged(pack, put(*path, value=other(at(manifest, path)))) for path in some}
    parts = {"record", "journal", "assessments", "protocol", "signatures"}
    for path, answer in answers(library, tmp_path, packs).items():
        assert parts & {line["part"] for line in failures(answer)}, path


def test_a_changed_byte_is_found_and_its_part_named(library, small, tmp_path):
    step = len(small) // 60
    packs = {str(place): changed(small, place, 1 << place % 8) for place in range(0, len(small), step)}
    found = answers(library, tmp_path, packs)
    unnamed = [
        place for place in packs if part_at(small, int(place)) not in {one["part"] for one in failures(found[place])}
    ]
    assert unnamed == []


@pytest.mark.parametrize("data", [b"", b"PK", b"\0" * 200, b"{}", b"PK\3\4" + b"\xff" * 60])
def test_what_is_no_pack_is_said_to_be_none(library, tmp_path, data):
    [answer] = answers(library, tmp_path, {"none": data}).values()
    assert failures(answer)
    assert not answer["holds"]
