"""Wall boards: the look-up row with the hash of the link's token, and every revision in the journal."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.db import journal
from app.db.refusals import MovedOn
from app.db.tables import clinics, walls
from app.db.work import Work
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.people import Clinic
from app.domain.records import Kept
from app.domain.walls import WallBoard

KIND = Kind.WALL
wall_document, _wall_from = pair(WallBoard)
_W = walls.c
_ONE = (_W.clinic_id == bindparam("clinic"), _W.id == bindparam("this"))
_PAGE = (
    select(_W.id, _W.revision)
    .where(_W.clinic_id == bindparam("clinic"), _W.id > bindparam("place"))
    .order_by(_W.id)
    .limit(bindparam("most"))
)
_BEHIND = (
    select(_W.id.label("wall_id"), _W.name.label("wall_name"), _W.initials, _W.in_use, clinics)
    .join(clinics, clinics.c.id == _W.clinic_id)
    .where(_W.token_hash == bindparam("token_hash"))
)
_ADD = insert(walls)
_REVISE = (
    update(walls)
    .where(*_ONE, _W.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        name=bindparam("as_name"),
        initials=bindparam("with_initials"),
        in_use=bindparam("is_in_use"),
    )
)


@dataclass(frozen=True, slots=True)
class FoundWall:
    """The wall board that a link's token opens, as it is now."""

    id: UUID
    clinic: Clinic
    board: WallBoard


def find(work: Work, wall_id: UUID) -> Kept[WallBoard] | None:
    """The newest revision."""
    return journal.newest(work, KIND, wall_id, _wall_from)


def page(work: Work, after: UUID | None, limit: int) -> list[tuple[UUID, Kept[WallBoard]]]:
    """The clinic's next wall boards, by age."""
    rows = work.all(_PAGE, place=after or UUID(int=0), most=limit)
    return list(journal.newest_of(work, KIND, {row.id: row.revision for row in rows}, _wall_from).items())


def behind(work: Work, token_hash: str) -> FoundWall | None:
    """By the token's hash, in whichever clinic; one whose link has ended too: what that means is for the caller."""
    row = work.first(_BEHIND, token_hash=token_hash)
    if row is None:
        return None
    board = WallBoard(row.wall_name, row.initials, row.in_use)
    return FoundWall(row.wall_id, Clinic(row.id, row.name, row.timezone), board)


def add(work: Work, wall_id: UUID, board: WallBoard, token_hash: str) -> None:
    """A new wall board; of its token only the hash is kept."""
    work.insert(
        walls,
        id=wall_id,
        revision=1,
        name=board.name,
        initials=board.initials,
        in_use=board.in_use,
        token_hash=token_hash,
    )
    work.keep(Fact(KIND, str(wall_id), wall_document(board)))


def revise(work: Work, wall_id: UUID, board: WallBoard, revision: int) -> None:
    """The next revision."""
    values = {"before": revision - 1, "after": revision, "as_name": board.name}
    values |= {"with_initials": board.initials, "is_in_use": board.in_use}
    if work.change(_REVISE, {"clinic": work.clinic_id, "this": wall_id, **values}) != 1:
        raise MovedOn
    work.keep(Fact(KIND, str(wall_id), wall_document(board), revision))
