"""Wall boards over HTTP: a lead's list of them, and what one reads with the token of its link."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Request, Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.clock import ClockOut
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, read_cursor
from app.api.errors import refusals
from app.api.frame import Frame, frame
from app.api.identify import bearer_of
from app.api.kept import KeptOut, kept_document
from app.api.routes import router as make_router
from app.api.session_models import LookVersion
from app.api.strict import Body, Id, IfMatch, Text
from app.clock import moment
from app.db.walls import FoundWall, wall_document
from app.db.work import EVERY_CLINIC
from app.domain.assessment import Status
from app.domain.people import Act
from app.domain.readings import Phase
from app.domain.records import Kept
from app.domain.sessions import SessionState
from app.domain.walls import WallBoard, on_wall
from app.services import walls
from app.services.sign_in import NotSignedIn, new_token

router = make_router()


class WallIn(Body):
    """`initials`: whether it shows those of patients. `in_use` false ends its link, for ever."""

    name: Annotated[str, Text()]
    initials: bool = False
    in_use: bool = True


class WallOut(KeptOut):
    """`token`: of its link, told once, where it was made: `<the service's address>/#wall=<token>`."""

    id: Id
    name: str
    initials: bool
    in_use: bool
    token: str | None = None


class WallListOut(Out):
    items: list[WallOut]
    next: str | None


class ConcernOnWall(StrEnum):
    NO = "no"
    YES = "yes"
    SEVERE = "severe"


class WallItemOut(Out):
    """One chair. No name, no number of a patient, no value that was measured."""

    id: UUID
    version: LookVersion
    chair: str | None
    initials: str | None
    state: SessionState
    phase: Phase | None
    phase_since: datetime | None
    planned_minutes: int | None
    due_at: datetime | None
    overdue_at: datetime | None
    concern: ConcernOnWall
    failed: bool
    status: Status | None
    status_since: datetime | None
    lapses_at: datetime | None


class WallBoardOut(ClockOut):
    """Every active session, in no order, as of `as_of`."""

    clinic: str
    timezone: str
    name: str
    items: list[WallItemOut]
    as_of: datetime


def _revision(wall_id: UUID, kept: Kept[WallBoard], token: str | None = None) -> dict[str, object]:
    return {"id": wall_id, "token": token, **kept_document(kept, wall_document(kept.value))}


@router.put(
    "/v1/walls/{wall_id}",
    response_model=None,
    responses={200: {"model": WallOut}, 201: {"model": WallOut}, **refusals(409, 412, 428)},
)
async def put_wall(
    wall_id: Id, body: WallIn, call: Annotated[Call, allow(Act.MANAGE_WALLS)], if_match: IfMatch
) -> Response:
    """Make a wall board, whose link is told in this answer alone; change what it shows; or end its link."""
    token = new_token()
    board = WallBoard(body.name, body.initials, body.in_use)
    change, kept = await call.write(walls.put, wall_id, board, if_match, token)
    told = _revision(wall_id, kept, token if change.created else None)
    return answer(told, status=201 if change.created else 200, revision=kept.revision)


@router.get("/v1/walls", response_model=WallListOut)
async def list_walls(
    call: Annotated[Call, allow(Act.MANAGE_WALLS)], after: After = None, limit: Limit = MOST
) -> Response:
    """The clinic's wall boards, by age."""
    found = await call.read(walls.read_page, read_cursor(after, UUID), limit + 1)
    return answer(a_page(found, limit, lambda one: _revision(*one), lambda one: (str(one[0]),)))


async def _wall(request: Request) -> FoundWall:
    """The wall board whose link this is. Raises `NotSignedIn`, also where its link has ended; 403 of anybody else."""
    shared = frame(request)
    token = bearer_of(request)
    found = None if token is None else await shared.database.read(walls.behind, EVERY_CLINIC, shared.clock.now(), token)
    if found is None:
        # whoever else this is, it is no wall board
        await _NOBODY_ELSE(request)
        raise NotSignedIn
    if shared.walls.is_due(found):
        await shared.database.write(walls.note_read, walls.actor_of(found), moment(shared.clock), found)
    if not found.board.in_use:
        raise NotSignedIn
    return found


_NOBODY_ELSE: Any = allow(Act.READ_WALL).dependency
_wall.act = Act.READ_WALL  # type: ignore[attr-defined]  # read by StrictRoute


@router.get("/v1/wall", response_model=WallBoardOut)
async def read_wall(request: Request, wall: Annotated[FoundWall, Depends(_wall)]) -> Response:
    """The board as this wall shows it, by the token of its link. Asked about every other second."""
    shared = frame(request)
    board = await shared.following.board(wall.clinic.id)
    lines: list[dict[str, Any]] = msgspec.json.decode(b"[" + board.items + b"]")
    return answer(
        {
            **_clocks(shared),
            "clinic": wall.clinic.name,
            "timezone": wall.clinic.timezone,
            "name": wall.board.name,
            "items": [on_wall(line, initials=wall.board.initials) for line in lines],
            "as_of": board.as_of,
        }
    )


def _clocks(shared: Frame) -> dict[str, object]:
    return {"now": shared.clock.now(), "wall": shared.clock.wall(), "pace": shared.clock.pace}
