"""Wall boards: a lead makes the link of one, and ends it; whoever holds it reads a board of its own, and no more."""

from uuid import UUID

from app.clock import ticking
from app.db import walls
from app.db.walls import FoundWall
from app.db.work import Work
from app.domain.deciding import Change, decide_sheet
from app.domain.errors import Conflict, Invalid
from app.domain.people import Actor, Itself
from app.domain.records import Kept
from app.domain.texts import LINE, text_faults
from app.domain.walls import WallBoard
from app.memory import Memory
from app.services.sign_in import fingerprint

NOTED_SECONDS = 15 * 60.0
"""So often at most it is on record that a wall board was read: a screen asks every other second."""
MOST_WALLS = 1_000


class LinkHasEnded(Conflict):
    """The link of this wall board has ended, and nobody has it any more. Make another one."""

    code = "wall-link-ended"


def put(
    work: Work, wall_id: UUID, board: WallBoard, expected: int | None, token: str
) -> tuple[Change, Kept[WallBoard]]:
    """Make a wall board, whose link holds `token`; or change what it shows, or end its link, for ever."""
    faults = text_faults("name", board.name, longest=LINE)
    if faults:
        raise Invalid(errors=faults)
    current = walls.find(work, wall_id)
    change = decide_sheet(current, board, expected)
    if change.created:
        walls.add(work, wall_id, board, fingerprint(token))
    elif change.changed:
        if current is not None and not current.value.in_use and board.in_use:
            raise LinkHasEnded
        walls.revise(work, wall_id, board, change.revision)
    kept = walls.find(work, wall_id)
    assert kept is not None, "it has just been kept, or was before"
    return change, kept


def read_page(work: Work, after: UUID | None, limit: int) -> list[tuple[UUID, Kept[WallBoard]]]:
    """The clinic's next wall boards, by age; audited as read."""
    work.audit("wall.listed", subject="clinic", subject_id=work.clinic_id)
    return walls.page(work, after, limit)


def behind(work: Work, token: str) -> FoundWall | None:
    """The wall board that a token opens, or opened before its link ended; None of any other bearer."""
    return walls.behind(work, fingerprint(token))


def actor_of(wall: FoundWall) -> Actor:
    """Under whose name a look of the wall board is noted."""
    return Actor(wall.clinic.id, None, f"wall board {wall.board.name}", Itself.SERVICE)


def note_read(work: Work, wall: FoundWall) -> None:
    """Audits that the wall board is read from now on, or was asked for after its link had ended."""
    action = "wall.read" if wall.board.in_use else "wall.refused"
    work.audit(action, subject="wall", subject_id=wall.id)


class Noted:
    """Which wall boards were noted lately by this process, so that a screen fills no audit."""

    def __init__(self) -> None:
        self._held: Memory[tuple[UUID, bool], float] = Memory(MOST_WALLS)

    def is_due(self, wall: FoundWall) -> bool:
        """Whether a look of it is to be noted now; then it counts as noted."""
        key, now = (wall.id, wall.board.in_use), ticking()
        last = self._held.get(key)
        if last is not None and now - last < NOTED_SECONDS:
            return False
        self._held.keep(key, now)
        return True
