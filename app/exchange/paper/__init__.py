"""Pages for people: tagged PDF, drawn by fixed templates from plain data. What people typed is data, never markup."""

from app.exchange.paper.local import LocalTimes
from app.exchange.paper.press import TYPESETTER, Printed, Sheet, press

__all__ = ["TYPESETTER", "LocalTimes", "Printed", "Sheet", "press"]
