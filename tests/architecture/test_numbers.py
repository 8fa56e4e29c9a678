"""Text becomes numbers in one place, so that its bounds are not forgotten in another."""

import ast

import pytest

from tests.architecture.tree import ROOT

OUTSIDE = {
    ("app/domain/strict_json.py", "json.JSONDecoder"),
    ("app/domain/protocol/toml.py", "tomllib.loads"),
    ("app/domain/numbers.py", "Decimal"),
    ("app/exchange/intake/bundles.py", "json.JSONDecoder"),  # numbers stay the text that they are
}
"""Where somebody else's text is read."""
OUR_OWN = {
    ("app/api/outcomes.py", "json.loads"),  # a problem, written a moment before
    ("app/db/columns.py", "json.loads"),
    ("app/domain/canonical.py", "json.loads"),  # an entry, in the bytes that were kept
    ("app/domain/canonical.py", "msgspec.json.Decoder"),
    ("app/exchange/observation_lines.py", "msgspec.json.decode"),  # an entry, as it lies there
    ("app/services/fhir/written.py", "msgspec.json.decode"),  # a resource that we wrote, to be looked at
    ("app/demo/clinic.py", "json.loads"),  # what the demo wrote of itself
    ("app/exchange/sealed.py", "json.loads"),  # sealed by us, or it does not open
    ("app/jobs/export_worker.py", "json.loads"),  # between two of our processes
    ("app/jobs/exports.py", "json.loads"),
    ("app/api/walls.py", "msgspec.json.decode"),  # the lines of the board, as we wrote them
    ("app/exchange/flat/wholes.py", "Decimal"),  # of a whole number
    ("app/api/strict.py", "Decimal"),  # of a number that was read
}
"""Text that was written by ourselves, and numbers."""
READERS = {"json.loads", "json.load", "json.JSONDecoder", "tomllib.loads", "tomllib.load"}
READERS |= {"msgspec.json.decode", "msgspec.json.Decoder"}


def readers(source: str) -> set[str]:
    """The ways by which a source turns text that it does not hold itself into numbers."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in {"json", "tomllib", "decimal"}:
            # under another name it would not be seen
            found |= {
                f"{node.module} import {name.name}" for name in node.names if name.name != "Decimal" or name.asname
            }
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in READERS:
            found.add(name)
        elif name in {"Decimal", "decimal.Decimal"} and not isinstance(node.args[0], ast.Constant):
            found.add("Decimal")
        elif name == "float" and isinstance(node.args[0], ast.Subscript):
            found.add("float")
    return found


def test_whatever_reads_numbers_is_known():
    found = {
        (str(path.relative_to(ROOT)), reader)
        for path in sorted((ROOT / "app").rglob("*.py"))
        if "node_modules" not in path.parts
        for reader in readers(path.read_text(encoding="utf-8"))
    }
    found -= {(path, reader) for path, reader in found if reader.startswith("json import JSON")}
    assert found == OUTSIDE | OUR_OWN


@pytest.mark.parametrize(
    ("planted", "reader"),
    [
        ("import json\nVALUE = json.loads(text)\n", "json.loads"),
        ("import json\nVALUE = json.load(file)\n", "json.load"),
        ("from json import loads\n", "json import loads"),
        ("import msgspec\nVALUE = msgspec.json.decode(text)\n", "msgspec.json.decode"),
        ("import tomllib\nVALUE = tomllib.loads(text)\n", "tomllib.loads"),
        ("from decimal import Decimal\nVALUE = Decimal(text)\n", "Decimal"),
        ("from decimal import Decimal as D\n", "decimal import Decimal"),
    ],
)
def test_control_a_reader_of_its_own_is_seen(planted, reader):
    assert reader in readers(planted)


def test_control_a_constant_is_no_reader():
    assert readers('from decimal import Decimal\nZERO = Decimal(0)\nHALF = Decimal("0.5")\nX: Decimal\n') == set()
