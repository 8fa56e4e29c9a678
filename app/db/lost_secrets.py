"""Secrets that no key opens any more are given up, so that a clinic whose key is lost goes on with its record."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, select, update

from app.db.sealing import SealedColumn, seal, sealed_columns, shut
from app.db.tables import nonces, providers, push_subscriptions, sealing, second_factors, tablet_keys, webhooks
from app.db.work import Work

Fresh = Callable[[SealedColumn], str]


def unpaused_webhooks(work: Work) -> list[UUID]:
    """The clinic's webhooks that would be sent to, and whose secret does not open."""
    closed = {named["id"] for named in shut(work, webhooks.c.secret)}
    sent = select(webhooks.c.id).where(webhooks.c.clinic_id == work.clinic_id, webhooks.c.paused.is_(None))
    return [row.id for row in work.all(sent) if row.id in closed]


def give_up(work: Work, fresh: Fresh) -> dict[str, int]:
    """Gives up what does not open in the work's clinic; how many, by column.

    `fresh`: a new secret for a column that is never empty. Six digits sign no more until a recovery code or the
    operator vouches: who adds them anew may be somebody else.
    """
    gone: dict[str, int] = {}
    for column in sealed_columns():
        if column.table is sealing:
            continue
        for named in shut(work, column):
            _let_go(work, column, named, fresh)
            name = f"{column.table.name}.{column.name}"
            gone[name] = gone.get(name, 0) + 1
    return gone


def _let_go(work: Work, column: SealedColumn, named: Mapping[str, Any], fresh: Fresh) -> None:
    table: Any = column.table
    this = and_(*(key == named[key.name] for key in table.primary_key))
    if table in (nonces, push_subscriptions):
        work.change(delete(table).where(this), {})
        return
    values: dict[str, Any] = {column.name: None}
    if table is second_factors:
        values["reset_at"] = work.now
    elif not column.nullable:
        assert table in (webhooks, tablet_keys, providers), "a column that is never empty, of which this module knows"
        values[column.name] = seal(work, column, fresh(column), **named)
    work.change(update(table).where(this).values(values), {}, of_record=False)
