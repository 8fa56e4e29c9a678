"""The data dictionary, from the same table that defines the columns."""

from app.exchange.flat.cells import LEFT_OUT, WITHOUT, Column, FlatTable
from app.exchange.flat.tables import TABLES

_TOP = """# Data dictionary of the flat export

Made from the columns the export is written from; a test fails when this page is not what they say.

An empty field (CSV), null (NDJSON, Parquet) means that there is no value. **It never means normal**: for every field of
a reading exactly one of the value and its `_not_measured` column is filled. Instants are UTC; `minutes_since_dose`
counts from the first start or device in force. Integers are integers in all three formats; decimals have at most three
places.

| kind | CSV and NDJSON | Parquet | without identifiers |
| --- | --- | --- | --- |
"""
_SPELT = {
    "integer": ("whole number", "int64"),
    "decimal": ("plain digits", "decimal128(18, 3)"),
    "boolean": ("true, false", "bool"),
    "instant": ("RFC 3339 in UTC", "timestamp[us, UTC]"),
    "date": ("YYYY-MM-DD", "date32"),
}


def _line(column: Column) -> str:
    leaves = "left out" if column.kind in LEFT_OUT else ""
    return f"| `{column.name}` | {column.kind.value} | {column.unit} | {column.means} | {leaves} |"


def _table(table: FlatTable) -> str:
    head = "| column | kind | unit (UCUM) | meaning | without identifiers |\n| --- | --- | --- | --- | --- |"
    lines = "\n".join(_line(column) for column in table.columns)
    return f"## {table.name}\n\n{table.means}\n\n{head}\n{lines}\n"


def dictionary() -> str:
    """The page, as Markdown."""
    kinds = "\n".join(
        "| " + " | ".join([kind.value, *_SPELT.get(kind.value, ("text", "string")), said]) + " |"
        for kind, said in WITHOUT.items()
    )
    return _TOP + kinds + "\n\n" + "\n".join(_table(table) for table in TABLES.values())
