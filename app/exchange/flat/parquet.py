"""Rows as Parquet: typed columns that carry their meaning, a row group a few thousand rows."""

import io
from collections.abc import Sequence
from typing import assert_never

import pyarrow as pa
import pyarrow.parquet as pq

from app.exchange.flat.cells import PLACES, Cell, Column, Data

GROUP = 5000
"""Rows held back until they fill a group: many small groups make a file slow to read and its index large."""
DIGITS = 18


def _type(kind: Data) -> pa.DataType:
    match kind:
        case Data.INTEGER:
            return pa.int64()
        case Data.DECIMAL:
            return pa.decimal128(DIGITS, PLACES)
        case Data.BOOLEAN:
            return pa.bool_()
        case Data.INSTANT:
            return pa.timestamp("us", tz="UTC")
        case Data.DATE:
            return pa.date32()
        case Data.WORD | Data.CODE | Data.ID | Data.TEXT | Data.REASON:
            return pa.string()
        case _:
            assert_never(kind)


def _field(column: Column) -> pa.Field:
    about = {"description": column.means} | ({"unit": column.unit} if column.unit else {})
    return pa.field(column.name, _type(column.kind), metadata=about)


class _Drained(io.RawIOBase):
    """A file that forgets what was taken from it."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()
        self._place = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]  # a buffer of pyarrow's
        self._written += chunk
        self._place += len(chunk)
        return len(chunk)

    def take(self) -> bytes:
        """What was written since the last taking."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


class Parquet:
    """One Parquet file."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._schema = pa.schema([_field(column) for column in columns])
        self._file = _Drained()
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        self._waiting: list[tuple[Cell, ...]] = []

    def begin(self) -> bytes:
        return self._file.take()

    def rows(self, rows: Sequence[tuple[Cell, ...]]) -> bytes:
        self._waiting.extend(rows)
        while len(self._waiting) >= GROUP:
            self._group(self._waiting[:GROUP])
            del self._waiting[:GROUP]
        return self._file.take()

    def end(self) -> bytes:
        if self._waiting:
            self._group(self._waiting)
        self._writer.close()
        return self._file.take()

    def _group(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        arrays = [pa.array([row[place] for row in rows], type=field.type) for place, field in enumerate(self._schema)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
