"""Bulk exports as kept: ordered, taken up by one worker at a time, carried on, finished, ended."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, or_, select, update

from app.db.tables import exports
from app.db.work import Work
from app.domain.exports import (
    OPEN,
    Export,
    ExportState,
    Progress,
    order_document,
    order_from,
    progress_document,
    progress_from,
)

_E = exports.c
_ONE = (_E.clinic_id == bindparam("clinic"), _E.id == bindparam("this"))
_IS_OPEN = _E.state.in_(sorted(OPEN))
_FIND = select(exports).where(*_ONE)
_OF_OWNER = (
    select(exports)
    .where(
        _E.clinic_id == bindparam("clinic"),
        _E.state.in_(sorted(set(ExportState) - {ExportState.ENDED})),
        _E.owner == bindparam("owner"),
    )
    .order_by(_E.asked_wall.desc(), _E.id)
    .limit(bindparam("most"))
)
_COUNT_OPEN = select(func.count()).select_from(exports).where(_E.clinic_id == bindparam("clinic"), _IS_OPEN)
_WAITING = (
    select(exports)
    .where(
        _IS_OPEN,
        _E.asked_wall <= bindparam("asked_before"),
        or_(_E.holder.is_(None), _E.held_until < bindparam("wall")),
        _E.id.not_in(bindparam("apart", expanding=True)),
    )
    .order_by(_E.asked_wall, _E.id)
    .limit(1)
)
_TAKE = (
    update(exports)
    .where(*_ONE, _IS_OPEN, or_(_E.holder.is_(None), _E.held_until < bindparam("wall")))
    .values(
        state=ExportState.RUNNING.value,
        holder=bindparam("taker"),
        held_until=bindparam("until"),
        progress=bindparam("now_done"),
    )
)
_HELD = (*_ONE, _IS_OPEN, _E.holder == bindparam("taker"))
_CARRY_ON = update(exports).where(*_HELD).values(progress=bindparam("now_done"), held_until=bindparam("until"))
_LET_GO = update(exports).where(*_HELD).values(holder=None, held_until=None)
_FINISH = (
    update(exports)
    .where(*_HELD)
    .values(
        state=bindparam("to"),
        progress=bindparam("now_done"),
        expires_at=bindparam("expires"),
        holder=None,
        held_until=None,
    )
)
_END = update(exports).where(*_ONE, _E.state != ExportState.ENDED.value).values(state=ExportState.ENDED.value)
_EXPIRED = select(exports).where(
    _E.state.in_((ExportState.DONE.value, ExportState.FAILED.value)), _E.expires_at < bindparam("wall")
)
_STATES = select(_E.id, _E.state).where(_E.id.in_(bindparam("these", expanding=True)))
_NOT_ENDED = select(exports).where(_E.state.in_(sorted(set(ExportState) - {ExportState.ENDED})))


def _export(row: Row[Any]) -> Export:
    return Export(
        id=row.id,
        clinic_id=row.clinic_id,
        owner=row.owner,
        order=order_from(row.document),
        asked_at=row.asked_at,
        transaction_time=row.transaction_time,
        state=ExportState(row.state),
        progress=progress_from(row.progress),
        expires_at=row.expires_at,
    )


def find(work: Work, export_id: UUID) -> Export | None:
    """One export of the clinic."""
    row = work.first(_FIND, this=export_id)
    return None if row is None else _export(row)


def of_owner(work: Work, owner: str, most: int) -> list[Export]:
    """Those of one person or machine that have not ended: so many of the newest, newest first."""
    return [_export(row) for row in work.all(_OF_OWNER, owner=owner, most=most)]


def count_open(work: Work) -> int:
    """How many of the clinic are waiting or running."""
    row = work.first(_COUNT_OPEN)
    return row[0] if row else 0


def keep(work: Work, export: Export, wall: datetime) -> None:
    """A new order."""
    work.insert(
        exports,
        id=export.id,
        owner=export.owner,
        asked_at=export.asked_at,
        asked_wall=wall,
        transaction_time=export.transaction_time,
        state=export.state.value,
        document=order_document(export.order),
        progress=progress_document(export.progress),
    )


def waiting(work: Work, wall: datetime, asked_before: datetime, apart: Collection[UUID] = frozenset()) -> Export | None:
    """The oldest export of any clinic that nobody works on, asked at the latest then; of those `apart` none."""
    row = work.first(_WAITING, wall=wall, asked_before=asked_before, apart=sorted(apart))
    return None if row is None else _export(row)


def take(work: Work, export: Export, taker: UUID, wall: datetime, until: datetime) -> bool:
    """Holds an export for one worker until then; False where another was quicker."""
    values = {"clinic": work.clinic_id, "this": export.id, "taker": taker, "wall": wall, "until": until}
    return work.change(_TAKE, {**values, "now_done": progress_document(export.progress)}) == 1


def carry_on(work: Work, export_id: UUID, taker: UUID, progress: Progress, until: datetime) -> bool:
    """Keeps how far the work has come; False where it is no longer this worker's."""
    values = {"clinic": work.clinic_id, "this": export_id, "taker": taker, "until": until}
    return work.change(_CARRY_ON, {**values, "now_done": progress_document(progress)}) == 1


def let_go(work: Work, export_id: UUID, taker: UUID) -> None:
    """Gives an unfinished export back, for whoever comes next."""
    work.change(_LET_GO, {"clinic": work.clinic_id, "this": export_id, "taker": taker})


def finish(
    work: Work, export_id: UUID, taker: UUID, progress: Progress, *, state: ExportState, expires: datetime
) -> bool:
    """Done or failed; False where it is no longer this worker's."""
    values = {"clinic": work.clinic_id, "this": export_id, "taker": taker, "to": state.value, "expires": expires}
    return work.change(_FINISH, {**values, "now_done": progress_document(progress)}) == 1


def end(work: Work, export_id: UUID) -> bool:
    """Taken back or expired; False where it had ended before."""
    return work.change(_END, {"clinic": work.clinic_id, "this": export_id}) == 1


def expired(work: Work, wall: datetime) -> list[Export]:
    """Those of any clinic whose time is over."""
    return [_export(row) for row in work.all(_EXPIRED, wall=wall)]


def not_ended(work: Work) -> list[Export]:
    """Every export of any clinic that may still have files."""
    return [_export(row) for row in work.all(_NOT_ENDED)]


def states(work: Work, these: Collection[UUID]) -> dict[UUID, ExportState]:
    """How far those of these are that this database knows, of any clinic."""
    return {row.id: ExportState(row.state) for row in work.all(_STATES, these=list(these))} if these else {}
