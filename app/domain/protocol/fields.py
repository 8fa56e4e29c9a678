"""The schema of drafts as data: every value that a draft of one route may hold, as the judge of drafts asks for it.

The judge is run over a document that holds nothing but its route, through tables that note each question. So no band,
choice or length is written down a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.domain.events import Route
from app.domain.protocol.parse import judge
from app.domain.protocol.tables import FieldShape, Table

ANY = "*"
"""In a path: a name that the clinic chooses itself."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table by its dotted path, with the values that lie in it itself. Not required: it may be left out whole."""

    path: str
    required: bool
    fields: tuple[FieldShape, ...]


@cache
def tables_of(route: Route) -> tuple[TableShape, ...]:
    """Every table that holds values, in the order in which the judge comes to it; the first is the draft itself.

    A band that hangs on other numbers of the draft is as wide as any draft may have it. A field, or the last step of a
    path, is `ANY` where the clinic names it: each medication, each item of the same-day check.
    """
    noted: list[_Asked] = []
    judge(_Asked({"route": route.value}, "", noted))
    return tuple(TableShape(table.path, table.required, tuple(table.found)) for table in noted if table.found)


class _Asked(Table):
    """A table with nothing in it, which notes what it is asked for; what it lacks is nobody's fault."""

    def __init__(self, content: object, path: str, noted: list["_Asked"], *, required: bool = True) -> None:
        super().__init__(content, path, [])
        self.required = required
        self.found: list[FieldShape] = []
        self._noted = noted
        noted.append(self)

    def ask(self, shape: FieldShape) -> None:
        self.found.append(shape)

    def table(self, key: str, *, required: bool = True) -> "_Asked":
        return _Asked(None, self.at(key), self._noted, required=required)

    def own_names(self, *_: str) -> Iterator[str]:
        yield ANY
