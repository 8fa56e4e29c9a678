"""One who follows a board, and one who comes now."""

import json
from typing import Any

from app.api.board_memory import BoardMemory, News
from app.db.engine import Database
from app.db.work import service_actor
from app.services import boards
from tests.factories import at
from tests.services.ward import Ward


class Screen:
    """One follower: the first look whole, then what each look found to be news."""

    def __init__(self, ward: Ward, database: Database | None = None) -> None:
        self.ward, self.database = ward, database or ward.database
        self.memory = BoardMemory(0)
        self.shown: dict[str, Any] = {}

    def look(self, minutes: float) -> News | None:
        memory = self.memory
        asked = (memory.mark, memory.silent, memory.turning(at(minutes)))
        actor = service_actor(self.ward.clinic.id)
        news = memory.take(self.database.read_now(boards.look, actor, at(minutes), *asked), at(minutes))
        if news is not None:
            self.shown |= {item["id"]: item for item in map(json.loads, news.items)}
            for this in news.gone:
                del self.shown[str(this)]
        return news


def fresh(ward: Ward, minutes: float) -> dict[str, Any]:
    """The board for somebody who comes now."""
    screen = Screen(ward)
    screen.look(minutes)
    return screen.shown
