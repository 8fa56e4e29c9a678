"""However many rows there are, the writers of the flat export hold a few pages of them."""

import tracemalloc

import pyarrow as pa
import pytest

from app.exchange.flat import TABLES, FileFormat, TableName, encoder, rows_of
from app.services import flat_export
from app.services.flat_export import Asked
from tests.exchange.records import lead

END = 111


def most_held(form, rows, pages, held):
    """Bytes held at the most while so many pages are written, ours and Arrow's; what is written goes to `held`."""
    tracemalloc.start()
    writer = encoder(form, TABLES[TableName.REVISIONS].columns)
    arrow = 0
    held(writer.begin())
    for _ in range(pages):
        held(writer.rows(rows))
        arrow = max(arrow, pa.total_allocated_bytes())
    held(writer.end())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak + arrow


@pytest.mark.parametrize("form", FileFormat)
def test_memory_is_flat(furnished, form, monkeypatch):
    ward, ids = furnished
    asked = Asked((TableName.REVISIONS,), form, without_identifiers=False)
    [whole] = ward.read(flat_export.page, asked, [ids[1]], now=END, who=lead(ward))
    rows = list(rows_of(TABLES[TableName.REVISIONS], whole, None)) * 10
    monkeypatch.setattr("app.exchange.flat.parquet.GROUP", len(rows))
    few, many = (most_held(form, rows, pages, len) for pages in (3, 15))
    # Parquet keeps an index entry of each group until the end: of a million rows in groups of 5000, some 2 MB
    allowed = 1.5 * few + (12 * 20_000 if form is FileFormat.PARQUET else 0)
    assert many < allowed
    if form is not FileFormat.PARQUET:
        # control: where what is written is kept, it grows
        kept = []
        assert most_held(form, rows, 15, kept.append) > allowed
