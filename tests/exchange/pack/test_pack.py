"""A pack is made: the same each time, readable by others, its digests right by others' reckoning, and it verifies."""

import hashlib
import io
import json
import zipfile

import pytest
import rfc8785

from app.exchange.pack import PARTS, CheckResult, Part, make_pack, make_part, verify_pack
from tests.exchange.pack import stories
from tests.exchange.pack.stories import take


def opened(pack):
    with zipfile.ZipFile(io.BytesIO(pack)) as found:
        assert found.testzip() is None
        return {info.filename: found.read(info) for info in found.infolist()}


def test_on_both_engines_a_pack_is_the_same_each_time_and_verifies(database):
    ward, session_id = stories.treated(database)
    first = make_pack(take(ward, session_id))
    assert make_pack(take(ward, session_id)) == first
    lines = verify_pack(first)
    assert [line for line in lines if line.outcome is not CheckResult.HOLDS] == []
    assert {line.part for line in lines} == {
        "manifest.json",
        "session.pdf",
        "bundle.json",
        "session.csv",
        "assessments",
        "audit chain",
    }
    [chain] = [line for line in lines if line.part == "audit chain"]
    assert "sealed by the clinic up to entry" in chain.words


def test_others_read_the_zip_and_reckon_the_same_digests(pack):
    parts = opened(pack)
    assert list(parts) == [facts.name for facts in PARTS.values()]
    manifest = json.loads(parts["manifest.json"])
    for one in manifest["parts"]:
        assert hashlib.sha256(parts[one["name"]]).hexdigest() == one["sha256"]
        assert len(parts[one["name"]]) == one["bytes"]
    said = manifest.pop("digest")
    assert hashlib.sha256(rfc8785.dumps(manifest)).hexdigest() == said
    assert hashlib.sha256(rfc8785.dumps(manifest["record"])).hexdigest() == manifest["record_digest"]


def test_the_chain_can_be_recomputed_by_others(pack):
    audit = json.loads(opened(pack)["manifest.json"])["audit"]
    heads: dict[str, tuple[int, str]] = {}
    for entry in audit["journal"]:
        position, before = heads.get(entry["stream"], (0, "0" * 64))
        assert entry["position"] == position + 1
        said = {name: value for name, value in entry.items() if name not in ("document", "hash")}
        covered = rfc8785.dumps(said | {"prev": before}) + b"\n" + rfc8785.dumps(entry["document"])
        assert hashlib.sha256(covered).hexdigest() == entry["hash"]
        heads[entry["stream"]] = entry["position"], entry["hash"]
    of_no_course = ["clinic-sheet", "patient", "protocol", "session"]
    assert [name.partition(":")[0] for name in heads] == of_no_course
    assert {one["head"]["stream"]: (one["head"]["position"], one["head"]["hash"]) for one in audit["seals"]} == heads
    for seal in audit["seals"]:
        whole = {"prev": seal["prev"], "position": seal["position"], "stream": "log", "head": seal["head"]}
        assert hashlib.sha256(rfc8785.dumps(whole)).hexdigest() == seal["hash"]


def test_one_digest_stands_on_every_part(pack):
    parts = opened(pack)
    digest = json.loads(parts["manifest.json"])["record_digest"].encode()
    assert all(digest in data for data in parts.values())


def test_a_part_alone_is_the_part_in_the_zip(taken, pack):
    parts = opened(pack)
    for part in Part:
        assert make_part(taken, part) == parts[PARTS[part].name]


def test_who_took_it_and_when_is_in_it(taken, pack):
    manifest = json.loads(opened(pack)["manifest.json"])
    assert manifest["made_by"]["name"] == "A clinician"
    assert manifest["made_at"] == "2026-03-07T17:00:00Z"
    assert manifest["session"] == str(taken.record.id)
    assert manifest["protocol"]["hash"] == taken.protocol.content_hash


@pytest.mark.parametrize("late", [400, 500])
def test_another_instant_is_another_pack(kept, late):
    ward, session_id = stories.simple(kept)
    assert make_pack(take(ward, session_id, now=300)) != make_pack(take(ward, session_id, now=late))
