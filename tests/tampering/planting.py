"""Plants one change after another in packs of several stories, and asks both verifiers."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from app.db.engine import migrate, open_database
from app.exchange.pack import CheckResult, make_pack, verify_pack
from tests.exchange.pack import stories
from tests.exchange.pack.test_pack import opened
from tests.tampering.harness import Tally
from tests.tampering.packs import KINDS, Forged, Pack
from tests.verifier.program import asked


@lru_cache(maxsize=1)
def honest() -> tuple[bytes, ...]:
    """Packs of several stories, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="iv-packs-"))
    try:
        url = f"sqlite:///{folder}/clinic.db"
        migrate(url)
        database = open_database(url)
        try:
            made = []
            for story, now in ((stories.declined, 105), (stories.simple, 300), (stories.treated, 300)):
                ward, session_id = story(database)
                made.append(make_pack(stories.take(ward, session_id, now)))
        finally:
            database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(made)


def anchors_of(manifest: dict[str, Any]) -> dict[UUID, dict[str, dict[int, str]]]:
    """Anchors of every entry, as they were when the pack was made."""
    found: dict[str, dict[int, str]] = {}
    for entry in manifest["audit"]["journal"]:
        found.setdefault(entry["stream"], {})[entry["position"]] = entry["hash"]
    return {UUID(manifest["record"]["clinic"]["id"]): found}


def apart(data: bytes, others: bytes) -> Pack:
    """A pack to be changed."""
    parts = opened(data)
    manifest = json.loads(parts["manifest.json"])
    return Pack(parts, manifest, json.loads(opened(others)["manifest.json"])["audit"]["journal"])


@dataclass(frozen=True)
class PlantedPack:
    """A change of the kind `name` in one of the packs; `anchors`: those of the pack as it was."""

    name: str
    seed: int
    forged: Forged
    anchors: dict[UUID, dict[str, dict[int, str]]]

    def missed(self, found: object) -> str:
        """What a verifier should have named, and what it said."""
        forged = self.forged
        return f"{self.name}, seed {self.seed}: {forged.what}; wanted {forged.part}: {forged.says}; got {found}"


def planted(seeds: range, only: str | None = None) -> Iterator[PlantedPack]:
    """One change for each seed, kind after kind (or `only` one), in one of the packs."""
    packs, names = honest(), sorted(KINDS) if only is None else [only]
    held = [anchors_of(json.loads(opened(data)["manifest.json"])) for data in packs]
    for seed in seeds:
        name = names[seed % len(names)]
        for attempt in range(50):
            chance = Random(f"{seed}/{attempt}")
            which = chance.randrange(len(packs))
            forged = KINDS[name](apart(packs[which], packs[which - 1]), chance)
            if forged is not None and forged.data != packs[which]:
                yield PlantedPack(name, seed, forged, held[which])
                break


def in_packs(seeds: range, only: str | None = None) -> Tally:
    """What the program's verifier does not name."""
    tally = Tally()
    for one in planted(seeds, only):
        tally.planted[one.name] += 1
        lines = verify_pack(one.forged.data, one.anchors if one.forged.anchored else None)
        failed = {line.part: line.words for line in lines if line.outcome is CheckResult.FAILED}
        if not _is_named(one.forged, failed):
            tally.missed.append(one.missed(failed))
    return tally


LEFT_OPEN = {
    "another pdf": "session.pdf",
    "a cell of the csv": "session.csv",
    "a value of the bundle": "bundle.json",
    "a resource of the bundle gone": "bundle.json",
}
"""Kinds of which the page checks a part alone, and says of which file."""


def on_page(library: Path, seeds: range, only: str | None = None) -> Tally:
    """What the page's verifier neither names nor says to be unchecked; what anchors alone tell is left out.

    Of the copies of the record it checks the vitals and the table's values; each tally says how often it did.
    """
    tally = Tally()
    some = [one for one in planted(seeds, only) if not one.forged.anchored]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.zip") for number in range(len(some))]
        for path, one in zip(paths, some, strict=True):
            path.write_bytes(one.forged.data)
        for one, answer in zip(some, asked(library, "packs", map(str, paths)), strict=True):
            failed = [line for line in answer["lines"] if line["result"] == "failed"]
            said = {line["part"] for line in answer["lines"] if line["result"] == "not checked"}
            left_open = not failed and LEFT_OPEN.get(one.name) in said
            tally.planted[f"{one.name}, said to be unchecked" if left_open else one.name] += 1
            if not left_open and (answer["holds"] or not failed):
                tally.missed.append(one.missed(answer))
    return tally


def _is_named(forged: Forged, failed: dict[str, str]) -> bool:
    if not forged.part:
        return bool(failed)
    return forged.part in failed and re.search(forged.says, failed[forged.part]) is not None
