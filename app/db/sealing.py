"""Secrets at rest: sealed with a key from outside the database, each for its own table, row and column.

AES-256-GCM. A sealed text is NUMBER.BASE64URL: the key's number, then the nonce and what is encrypted. The place it was
sealed for is authenticated with it: moved to another row or column it does not open. Which columns hold secrets, the
tables say (`making.secret`).
"""

import base64
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union,
    update,
)

from app.db.keys import KEY_BYTES, MAKES, KeyMissing, KeyPlace, Keys, UnsafeKeys
from app.db.tables import metadata, sealing
from app.db.work import Work
from app.domain.canonical import canonical_json

_NONCE_BYTES = 12
_SEALED = re.compile(r"([1-9][0-9]{0,8})\.([A-Za-z0-9_-]+={0,2})\Z", re.ASCII)
_CHECK = "these are the keys of this database"
_ONE = {"only": 1}
_CHECK_VALUE = select(sealing.c.check_value)
_SEALS_NOW = _CHECK_VALUE.with_for_update(read=True)
_LOCKED = _CHECK_VALUE.with_for_update()
_OF_INSTALLATION = select(sealing.c.own_key, sealing.c.push_key)
SealedColumn = Column[Any]
_ANEW = update(sealing).values({name: bindparam(f"new_{name}") for name in ("check_value", "own_key", "push_key")})
_FIRST = _ANEW.where(sealing.c.check_value.is_(None))
"""Of two processes at once, the first one's."""
BATCH = 100
"""Rows of one table that one work seals again."""


class DoesNotOpen(Exception):
    """This text was not sealed for this place with one of these keys."""


def sealed_columns() -> tuple[Column[Any], ...]:
    """Every column that holds a sealed secret."""
    return tuple(
        column for _, table in sorted(metadata.tables.items()) for column in table.c if column.info.get("sealed")
    )


# --- one secret ------------------------------------------------------------------------------------------------------


def number_of(text: str) -> int:
    """The number of the key that a text was sealed with. Raises `DoesNotOpen`."""
    match = _SEALED.match(text)
    if match is None:
        raise DoesNotOpen
    return int(match[1])


def _place(column: Column[Any], row: Mapping[str, Any]) -> bytes:
    table: Table = column.table
    key = {each.name: str(row[each.name]) for each in table.primary_key}
    return canonical_json({"table": table.name, "column": column.name, "row": key})


def _seal(keys: Keys, number: int, column: Column[Any], row: Mapping[str, Any], text: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    said = AESGCM(keys.key(number)).encrypt(nonce, text.encode(), _place(column, row))
    return f"{number}.{base64.urlsafe_b64encode(nonce + said).decode()}"


def _unseal(keys: Keys, column: Column[Any], row: Mapping[str, Any], text: str) -> str:
    key = keys.key(number_of(text))
    try:
        raw = base64.urlsafe_b64decode(text.partition(".")[2])
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _place(column, row)).decode()
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None


def _keys(work: Work) -> Keys:
    assert work.keys is not None, "this database was opened without its keys"
    return work.keys


def seal(work: Work, column: Column[Any], text: str, **row: Any) -> str:
    """A secret as it is to be kept in this column. `row`: the row's key, the work's own clinic filled in."""
    found = work.first(_SEALS_NOW)
    assert found is not None, "the migration makes this row"
    return _seal(_keys(work), number_of(found.check_value), column, {"clinic_id": work.clinic_id, **row}, text)


def unseal(work: Work, column: Column[Any], text: str, **row: Any) -> str:
    """The secret that is kept in this column of this row. Raises `DoesNotOpen`, `KeyMissing`."""
    return _unseal(_keys(work), column, {"clinic_id": work.clinic_id, **row}, text)


# --- the installation's own ------------------------------------------------------------------------------------------


def own_key(work: Work) -> bytes:
    """What seals or proves what is handed out and comes back: 32 bytes, made with the database and never told."""
    row = work.first(_OF_INSTALLATION)
    assert row is not None, "the migration makes this row"
    return bytes.fromhex(unseal(work, sealing.c.own_key, row.own_key, **_ONE))


def push_key(work: Work) -> bytes:
    """What the key that signs push messages is made of: 32 bytes, made with the database, never told."""
    row = work.first(_OF_INSTALLATION)
    assert row is not None, "the migration makes this row"
    return bytes.fromhex(unseal(work, sealing.c.push_key, row.push_key, **_ONE))


# --- at the start ----------------------------------------------------------------------------------------------------


def opened_with(connection: Connection, place: KeyPlace) -> Keys:
    """The keys, which this database has said are its own. Raises `UnsafeKeys`, a sentence for the operator.

    Where nothing was ever sealed, they are its own from now on.
    """
    if connection.execute(_CHECK_VALUE).scalar_one() is None:
        try:
            keys = Keys(place, place.keys())
        except FileNotFoundError:
            if not place.makes:
                raise UnsafeKeys(f"there is no key at {place}: {MAKES}") from None
            keys = Keys(place, place.make())
        connection.execute(_FIRST, _first(keys))
    else:
        try:
            keys = Keys(place, place.keys())
        except FileNotFoundError:
            raise UnsafeKeys(
                f"there is no key at {place}, and the secrets in this database are sealed with one: bring it back from"
                " where it is kept"
            ) from None
    _check(connection, keys)
    return keys


def _first(keys: Keys) -> dict[str, str]:
    """The database's own secrets, new ones."""
    made = {"check_value": _CHECK} | {name: secrets.token_hex(KEY_BYTES) for name in ("own_key", "push_key")}
    return {f"new_{name}": _seal(keys, keys.newest, sealing.c[name], _ONE, text) for name, text in made.items()}


def is_of(work: Work, keys: Keys) -> bool:
    """Whether these keys are this database's own."""
    row = work.first(_CHECK_VALUE)
    assert row is not None, "the migration makes this row"
    return row.check_value is not None and _opens(keys, sealing.c.check_value, _ONE, row.check_value)[1]


def begin_anew(work: Work, keys: Keys) -> None:
    """These keys are the database's own from now on, whatever it was sealed with before."""
    work.change(_ANEW, _first(keys))


def _check(connection: Connection, keys: Keys) -> None:
    check = connection.execute(_CHECK_VALUE).scalar_one()
    try:
        right = _unseal(keys, sealing.c.check_value, _ONE, check) == _CHECK
        for number in sorted(_numbers(connection)):
            keys.key(number)
    except DoesNotOpen:
        right = False
    except KeyMissing as missing:
        raise UnsafeKeys(f"{missing.said}, and secrets in this database are sealed with it: bring it back") from None
    if not right:
        raise UnsafeKeys(
            f"key {number_of(check)} in {keys.place} is another than the one that sealed the secrets in this database:"
            " bring that one back"
        )


_PREFIXES = union(*(select(func.substr(column, 1, 10)).where(column.is_not(None)) for column in sealed_columns()))


def _numbers(connection: Connection) -> set[int]:
    """The numbers of the keys that something is sealed with."""
    numbers = (text.partition(".")[0] for text in connection.execute(_PREFIXES).scalars())
    return {int(number) for number in numbers if number.isdigit()}


# --- all of them -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One sealed secret: where it lies, the number of its key, and whether it opens."""

    place: str
    number: int | None
    opens: bool


def each(work: Work) -> Iterator[SealedSecret]:
    """Every sealed secret of the installation."""
    keys = _keys(work)
    for column in sealed_columns():
        for row in work.all(select(*column.table.primary_key, column).where(column.is_not(None))):
            named, text = _named(column, row), row[-1]
            name = "/".join(str(value) for value in named.values())
            yield SealedSecret(f"{column.table.name}.{column.name} {name}", *_opens(keys, column, named, text))


def _opens(keys: Keys, column: Column[Any], named: Mapping[str, Any], text: str) -> tuple[int | None, bool]:
    number = None
    try:
        number = number_of(text)
        _unseal(keys, column, named, text)
    except (DoesNotOpen, KeyMissing):
        return number, False
    return number, True


def _named(column: Column[Any], row: Row[Any]) -> dict[str, Any]:
    return dict(zip((key.name for key in column.table.primary_key), row[:-1], strict=True))


def shut(work: Work, column: Column[Any]) -> list[dict[str, Any]]:
    """The keys of those rows of the work's clinic whose secret in this column does not open."""
    keys, ours = _keys(work), column.table.c.clinic_id == work.clinic_id
    rows = work.all(select(*column.table.primary_key, column).where(ours, column.is_not(None)))
    return [_named(column, row) for row in rows if not _opens(keys, column, _named(column, row), row[-1])[1]]


def begin_newest(work: Work) -> int:
    """From now on the newest key seals, in every process; its number. What is being sealed meanwhile comes first."""
    keys = _keys(work)
    row = work.first(_LOCKED)
    assert row is not None, "the migration makes this row"
    if number_of(row.check_value) != keys.newest:
        value = _seal(keys, keys.newest, sealing.c.check_value, _ONE, _CHECK)
        work.change(update(sealing).values(check_value=value), {}, of_record=False)
    return keys.newest


def seal_again(work: Work, column: Column[Any], after: Sequence[Any] | None) -> Sequence[Any] | None:
    """Seals the next older secrets of one column with the newest key; after which key to go on, None at the end.

    One that does not open stays as it is, and stops no other: `each` names it.
    """
    keys, key = _keys(work), list(column.table.primary_key)
    older = select(*key, column).where(column.is_not(None), ~column.startswith(f"{keys.newest}."))
    if after is not None:
        older = older.where(tuple_(*key) > tuple_(*map(_literal, key, after)))
    rows = work.all(older.order_by(*key).limit(BATCH).with_for_update())
    for row in rows:
        named, text = _named(column, row), row[-1]
        if _opens(keys, column, named, text)[1]:
            value = _seal(keys, keys.newest, column, named, _unseal(keys, column, named, text))
            same = and_(*(each == named[each.name] for each in key))
            change = update(column.table).where(same).values({column.name: value})
            work.change(change, {}, ends=False, of_record=False)
    return list(_named(column, rows[-1]).values()) if rows else None


def _literal(column: Column[Any], value: Any) -> ColumnElement[Any]:
    return literal(value, column.type)


def needed(work: Work) -> set[int]:
    """The numbers of the keys that something is still sealed with."""
    return {found.number for found in each(work) if found.number is not None}
