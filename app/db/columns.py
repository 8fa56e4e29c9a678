"""Column types that mean the same on both engines.

SQLite's STRICT tables know INTEGER, REAL, TEXT and BLOB only: instants are whole microseconds of UTC there, ids and
documents are text. PostgreSQL has its own types for instants, ids and dates.
"""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, Text, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.domain.canonical import Document, canonical_json, read_canonical
from app.domain.instants import from_microseconds, to_microseconds, utc


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, to the microsecond. A naive one is refused on the way in."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return to_microseconds(value) if dialect.name == "sqlite" else utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return from_microseconds(value) if dialect.name == "sqlite" else utc(value)


class Id(TypeDecorator[UUID]):
    """A UUID; lower-case text with hyphens on SQLite, so that its order is the same on both."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Uuid())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return UUID(value)


class Canonical(TypeDecorator[Document]):
    """A document, kept as its canonical JSON text, so that what was hashed can be read back to the byte."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Document | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else canonical_json(value).decode("utf-8")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Document | None:  # noqa: ARG002
        return None if value is None else read_canonical(value)


class Remade(Canonical):
    """A document that can be made again. One that cannot be read is None: its row can be, and so be mended."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Document | None:  # noqa: ARG002
        try:
            found = None if value is None else read_canonical(value, _plainly)
            if value is not None and "\\ud" in value.lower():
                json.dumps(found, ensure_ascii=False).encode()  # half of a pair is no text
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def _plainly(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> None:
    raise ValueError(name)


class WholeNumber(TypeDecorator[int]):
    """A whole number of up to 64 bits."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class Flag(TypeDecorator[bool]):
    """True or false; 1 or 0 on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ARG002
        return None if value is None else bool(value)


class CalendarDay(TypeDecorator[date]):
    """A calendar day; ISO text on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return date.fromisoformat(value)


class Sorted(TypeDecorator[str]):
    """Text that lists are ordered by: by code point on both engines, whatever the server's language is."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Text(collation="C"))
