"""The shipped example protocols as documents that a test may change."""

import copy
from pathlib import Path

import pytest

from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.protocol.toml import from_toml

FOLDER = Path(__file__).resolve().parents[2] / "app" / "protocols"
NAMES = ("iv-infusion-example", "intranasal-example")
_DOCUMENTS = {name: from_toml((FOLDER / f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES}


def document(name="iv-infusion-example", **changes):
    """A deep copy; `changes` maps dotted paths (with `__` for the dot) to values."""
    made = copy.deepcopy(_DOCUMENTS[name])
    for path, value in changes.items():
        put(made, path.replace("__", "."), value)
    return made


def put(made, path, value):
    *tables, key = path.split(".")
    for table in tables:
        made = made.setdefault(table, {})
    made[key] = value


def drop(made, path):
    *tables, key = path.split(".")
    for table in tables:
        made = made[table]
    del made[key]


def protocol(name="iv-infusion-example", **changes):
    return parse(document(name, **changes))


def faults(made):
    """The faults of a document by path; fails where there are none."""
    with pytest.raises(ProtocolInvalid) as refused:
        parse(made)
    return {fault.field: fault.message for fault in refused.value.errors}
