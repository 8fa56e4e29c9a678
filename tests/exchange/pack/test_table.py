"""The CSV: no cell is a formula, nothing is lost, and a spreadsheet's own reader sees a table."""

import csv
import io

import pytest

from app.exchange.pack import Part, make_part
from app.exchange.pack.table import COLUMNS, NotATable, read_table


def test_a_plain_reader_sees_one_table_with_every_revision(taken):
    data = make_part(taken, Part.CSV)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    readings = [row for row in rows if row["row"] == "reading"]
    assert len(readings) == sum(len(one.revisions) for one in taken.record.readings)
    assert sum(row["in_force"] == "true" for row in readings) == 6
    [corrected] = [row for row in readings if row["systolic"] == "148"]
    [before] = [row for row in readings if row["systolic"] == "158"]
    assert (corrected["revision"], corrected["in_force"]) == ("2", "true")
    assert (before["revision"], before["in_force"]) == ("1", "false")
    assert corrected["note"] == "'=1+1 says the ceiling moves"
    [missing] = [row for row in readings if "probe off" in row["not_measured"]]
    assert missing["spo2"] == ""
    assert sum(row["row"] == "event" for row in rows) == len(taken.record.events)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"a,b\r\n1,2\r\n", ",".join(COLUMNS).encode() + b"\r\n1\r\n", b'"'])
def test_another_table_is_refused(data):
    with pytest.raises(NotATable):
        read_table(data)
