"""What somebody can do to a pack before they hand it on, kind by kind; each says what the verifier has to name.

The forger knows the format: digests, CSV, PDF and hashes are made anew as far as the kind says.
"""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

from app.domain.canonical import canonical_json, digest
from app.exchange.pack.archive import write_zip
from app.exchange.pack.making import draw
from app.exchange.pack.manifest import sha256
from app.exchange.pack.table import COLUMNS, table
from tests.exchange.pack.forging import relinked

AUDIT = "audit chain"
ANCHORED = "an anchor kept elsewhere holds another hash"


@dataclass
class Pack:
    """A pack taken apart."""

    parts: dict[str, bytes]
    manifest: dict[str, Any]
    others: list[dict[str, Any]]
    """Entries of another pack."""

    @property
    def record(self) -> dict[str, Any]:
        return self.manifest["record"]

    @property
    def journal(self) -> list[dict[str, Any]]:
        return self.manifest["audit"]["journal"]

    def sealed(self, *, redraw: bool) -> bytes:
        """The pack again, every digest made anew; with `redraw` the CSV and the PDF tell its record too."""
        manifest, parts = self.manifest, self.parts
        manifest.pop("digest", None)
        manifest["record_digest"] = named = digest(manifest["record"])
        if redraw:
            by = manifest["made_by"]
            parts["session.csv"] = table(manifest["record"], named)
            parts["session.pdf"] = draw(manifest["record"], named, manifest["made_at"], by["name"], by["role"])
            bundle = json.loads(parts["bundle.json"])
            bundle["meta"]["tag"][0]["code"] = named
            parts["bundle.json"] = json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
        manifest["parts"] = [
            {"name": name, "bytes": len(data), "sha256": sha256(data)}
            for name, data in parts.items()
            if name != "manifest.json"
        ]
        parts["manifest.json"] = canonical_json({**manifest, "digest": digest(manifest)})
        return write_zip(parts)

    def relink(self, *, seals: bool) -> None:
        """Every hash made anew over what the entries say now, as others reckon them."""
        relinked(self.manifest, seals=seals)


@dataclass(frozen=True)
class Forged:
    """A pack that was changed: the part that has to fail, and words that have to stand there."""

    data: bytes
    part: str
    says: str
    what: str
    anchored: bool = False


Kind = Callable[[Pack, Random], Forged | None]
KINDS: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    KINDS[function.__name__.replace("_", " ")] = function
    return function


# --- one value -------------------------------------------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything that is no object or list with something in it."""
    found = []
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        found += leaves(one, (*path, key)) if isinstance(one, dict | list) and one else [(*path, key)]
    return found


def other(chance: Random, value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + chance.choice([-10, -1, 1, 10])
        case str():
            return chance.choice([value + "x", "y"])
        case _:
            return "z"


def change(chance: Random, value: Any, path: tuple[Any, ...]) -> None:
    """Another value there."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = other(chance, value[path[-1]])


def part_of_record(pack: Pack, chance: Random) -> str:
    """A part of the record, each as likely as the others, however much it holds."""
    return chance.choice([name for name, value in sorted(pack.record.items()) if value not in (None, [], {})])


def in_part(pack: Pack, chance: Random, name: str) -> tuple[Any, ...]:
    if not isinstance(pack.record[name], dict | list):
        return (name,)
    return (name, *chance.choice(leaves(pack.record[name])))


@kind
def the_record_says_another_thing(pack: Pack, chance: Random) -> Forged | None:
    name = part_of_record(pack, chance)
    path = in_part(pack, chance, name)
    change(chance, pack.record, path)
    return Forged(pack.sealed(redraw=False), AUDIT, name, ".".join(map(str, path)))


@kind
def the_record_and_all_parts_say_another_thing(pack: Pack, chance: Random) -> Forged | None:
    name = part_of_record(pack, chance)
    path = in_part(pack, chance, name)
    change(chance, pack.record, path)
    try:
        data = pack.sealed(redraw=True)
    except Exception:  # noqa: BLE001 - of such a record no page can be drawn: chance tries again
        return None
    return Forged(data, AUDIT, name, ".".join(map(str, path)))


@kind
def something_of_the_record_gone_or_there_twice(pack: Pack, chance: Random) -> Forged | None:
    many = [name for name, value in sorted(pack.record.items()) if isinstance(value, list) and value]
    name = chance.choice(many)
    place = chance.randrange(len(pack.record[name]))
    if chance.random() < 0.5:
        del pack.record[name][place]
    else:
        pack.record[name].insert(place, deepcopy(pack.record[name][place]))
    return Forged(pack.sealed(redraw=False), AUDIT, f"{name}: the record", f"{name}[{place}]")


@kind
def the_manifest_says_another_thing_beside_its_record(pack: Pack, chance: Random) -> Forged | None:
    name = chance.choice(["demo", "protocol", "rules", "session"])
    value = pack.manifest[name]
    if isinstance(value, dict):
        change(chance, value, chance.choice(leaves(value)))
    else:
        pack.manifest[name] = other(chance, value)
    return Forged(pack.sealed(redraw=False), AUDIT, f"{name}: the manifest", name)


# --- the parts -------------------------------------------------------------------------------------------------------


@kind
def a_cell_of_the_csv(pack: Pack, chance: Random) -> Forged | None:
    lines = pack.parts["session.csv"].decode().split("\r\n")
    place = chance.randrange(1, len(lines) - 1)
    cells = lines[place].split(",")
    if len(cells) != len(COLUMNS):
        return None  # a comma in a cell: chance tries again
    column = chance.randrange(len(cells))
    cells[column] = cells[column] + "9"
    if '"' in cells[column]:
        return None
    lines[place] = ",".join(cells)
    pack.parts["session.csv"] = "\r\n".join(lines).encode()
    return Forged(pack.sealed(redraw=False), "session.csv", f"row {place + 1}", COLUMNS[column])


@kind
def a_value_of_the_bundle(pack: Pack, chance: Random) -> Forged | None:
    text = pack.parts["bundle.json"].decode()
    entries = json.loads(text)["entry"]
    place = chance.randrange(len(entries))
    path = chance.choice(leaves(entries[place]["resource"]))
    held = entries[place]["resource"]
    names = f"{held['resourceType']} {held['id']}"
    if path in {("resourceType",), ("id",)}:
        return None
    change(chance, held, path)
    whole = json.loads(text)
    whole["entry"][place]["resource"] = held
    pack.parts["bundle.json"] = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    return Forged(pack.sealed(redraw=False), "bundle.json", _within(names), f"{names} {'.'.join(map(str, path))}")


def _within(name: str) -> str:
    """Of a reading's Observation the reading's id is enough."""
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", name)
    return found.group() if found and name.startswith("Observation") else name


@kind
def a_resource_of_the_bundle_gone(pack: Pack, chance: Random) -> Forged | None:
    whole = json.loads(pack.parts["bundle.json"])
    del whole["entry"][chance.randrange(len(whole["entry"]))]
    pack.parts["bundle.json"] = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    return Forged(pack.sealed(redraw=False), "bundle.json", "", "a resource")


@kind
def another_pdf(pack: Pack, chance: Random) -> Forged | None:
    data = bytearray(pack.parts["session.pdf"])
    if chance.random() < 0.5:
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        pack.parts["session.pdf"] = bytes(data)
        return Forged(pack.sealed(redraw=False), "session.pdf", "", "a byte")
    record = deepcopy(pack.record)
    record["patient"]["family_name"] = "Somebody Else"
    by = pack.manifest["made_by"]
    named = pack.manifest["record_digest"]
    pack.parts["session.pdf"] = draw(record, named, pack.manifest["made_at"], by["name"], by["role"])
    return Forged(pack.sealed(redraw=False), "session.pdf", "drawn again", "another patient's pages")


@kind
def a_byte_of_the_zip(pack: Pack, chance: Random) -> Forged | None:
    data = bytearray(pack.sealed(redraw=False))
    place = chance.randrange(len(data))
    data[place] ^= chance.randrange(1, 256)
    return Forged(bytes(data), "", "", f"byte {place}")


# --- the journal -----------------------------------------------------------------------------------------------------


def _entry(pack: Pack, chance: Random) -> int:
    return chance.randrange(len(pack.journal))


def _named(entry: dict[str, Any], kinds: str) -> str:
    return rf"entry {entry['position']} of {re.escape(entry['stream'])}: ({kinds})"


def _change_entry(pack: Pack, chance: Random, entry: dict[str, Any]) -> str:
    fields = ["document"] * 6 + ["by", "reason", "action", "fact_id", "revision", "tablet_id", "sent_as", "at", "id"]
    name = chance.choice([*fields, "recorded_at", "wall_at", "patient_id", "kind"])
    match name:
        case "document" | "by" if entry[name]:
            change(chance, entry[name], chance.choice(leaves(entry[name])))
        case "id" | "tablet_id" | "sent_as" | "patient_id":
            entry[name] = str(uuid4())
        case "recorded_at" | "wall_at" | "at":
            entry[name] = "2026-03-07T08:41:13Z"
        case "revision":
            entry[name] += 3
        case _:
            entry[name] = f"{entry[name]}x" if isinstance(entry[name], str) else {"another": 1}
            if name == "reason":
                entry[name] = "another reason"
    return name


@kind
def an_entry_changed(pack: Pack, chance: Random) -> Forged | None:
    entry = pack.journal[_entry(pack, chance)]
    name = _change_entry(pack, chance, entry)
    return Forged(pack.sealed(redraw=False), AUDIT, _named(entry, "changed|rewritten"), f"{name} of a {entry['kind']}")


@kind
def an_entry_and_its_record_changed(pack: Pack, chance: Random) -> Forged | None:
    """The lie is told in the record and in the journal alike, and no hash is made anew."""
    patient = next(entry for entry in reversed(pack.journal) if entry["kind"] == "patient")
    name = chance.choice(["family_name", "record_number", "birth_date"])
    value = {"family_name": "Else", "record_number": "R-0", "birth_date": "1999-09-09"}[name]
    pack.record["patient"][name] = patient["document"][name] = value
    return Forged(pack.sealed(redraw=True), AUDIT, _named(patient, "changed|rewritten"), name)


@kind
def an_entry_gone(pack: Pack, chance: Random) -> Forged | None:
    entry = pack.journal.pop(_entry(pack, chance))
    return Forged(pack.sealed(redraw=False), AUDIT, _named(entry, "missing|cut off"), entry["kind"], anchored=True)


@kind
def an_entry_added(pack: Pack, chance: Random) -> Forged | None:
    place = _entry(pack, chance)
    entry = {**deepcopy(pack.journal[place]), "id": str(uuid4()), "fact_id": str(uuid4())}
    pack.journal.insert(place + 1, entry)
    return Forged(pack.sealed(redraw=False), AUDIT, _named(entry, "added|changed"), entry["kind"])


@kind
def entries_swapped(pack: Pack, chance: Random) -> Forged | None:
    own = [place for place, entry in enumerate(pack.journal) if entry["stream"].startswith("session:")]
    one, other_place = sorted(chance.sample(own, 2))
    first, second = pack.journal[one], pack.journal[other_place]
    first["position"], second["position"] = second["position"], first["position"]
    pack.journal[one], pack.journal[other_place] = second, first
    return Forged(pack.sealed(redraw=False), AUDIT, _named(second, "swapped"), f"with {first['position']}")


@kind
def an_entry_moved_to_another_stream(pack: Pack, chance: Random) -> Forged | None:
    names = sorted({entry["stream"] for entry in pack.journal})
    entry = pack.journal[_entry(pack, chance)]
    to = chance.choice([name for name in names if name != entry["stream"]])
    says = _named(dict(entry), "moved|missing|cut off")
    last = max(place for place, one in enumerate(pack.journal) if one["stream"] == to)
    position = pack.journal[last]["position"] + 1
    pack.journal.remove(entry)
    last = max(place for place, one in enumerate(pack.journal) if one["stream"] == to)
    pack.journal.insert(last + 1, {**entry, "stream": to, "position": position})
    return Forged(pack.sealed(redraw=False), AUDIT, says, f"to {to}", anchored=True)


@kind
def an_entry_of_another_session(pack: Pack, chance: Random) -> Forged | None:
    """An entry of another pack in the place of one of this."""
    place = _entry(pack, chance)
    mine = pack.journal[place]
    alike = [one for one in pack.others if one["kind"] == mine["kind"]]
    if not alike:
        return None
    taken = {**deepcopy(chance.choice(alike)), "stream": mine["stream"], "position": mine["position"]}
    pack.journal[place] = {**taken, "clinic_id": mine["clinic_id"]}
    return Forged(pack.sealed(redraw=False), AUDIT, _named(mine, "changed|rewritten|added"), mine["kind"])


@kind
def the_tail_cut_off(pack: Pack, chance: Random) -> Forged | None:
    own = [place for place, entry in enumerate(pack.journal) if entry["stream"].startswith("session:")]
    left = chance.randrange(1, len(own))
    first = pack.journal[own[left]]
    del pack.journal[own[left] :]
    gone = f"session:{pack.manifest['session']}"
    keep = chance.random() < 0.5
    if not keep:  # and the seals that tell of it
        seals = pack.manifest["audit"]["seals"]
        seals[:] = [one for one in seals if one["head"]["stream"] != gone]
    return Forged(pack.sealed(redraw=False), AUDIT, _named(first, "cut off"), "the tail", anchored=True)


@kind
def a_seal_changed(pack: Pack, chance: Random) -> Forged | None:
    seal = chance.choice(pack.manifest["audit"]["seals"])
    name = chance.choice(["hash", "prev", "position", "head"])
    if name == "head":
        seal["head"]["hash"] = f"{chance.getrandbits(256):064x}"
    else:
        seal[name] = other(chance, seal[name]) if name == "position" else f"{chance.getrandbits(256):064x}"
    return Forged(pack.sealed(redraw=False), AUDIT, f"the log's seal at link {seal['position']}", name)


@kind
def the_chain_made_anew_without_its_seals(pack: Pack, chance: Random) -> Forged | None:
    place = next(place for place, entry in enumerate(pack.journal) if entry["kind"] == "reading")
    pack.journal[place]["document"]["note"] = "another"
    pack.relink(seals=False)
    return Forged(pack.sealed(redraw=False), AUDIT, r"entry \d+ of session:\S+: rewritten", "a note")


@kind
def all_of_it_made_anew(pack: Pack, chance: Random) -> Forged | None:
    """Journal, hashes, seals, record and parts agree: only an anchor kept elsewhere can tell."""
    kinds = [entry for entry in pack.journal if entry["kind"] in ("patient", "escort", "clearance", "reading")]
    entry = chance.choice(kinds)
    entry["by"]["name"] = "Somebody Else"
    pack.relink(seals=True)
    return Forged(pack.sealed(redraw=False), AUDIT, ANCHORED, f"who kept a {entry['kind']}", anchored=True)
