"""Forbidden actions as exceptions: four families that know nothing of HTTP.

A leaf class carries a stable `code`; its docstring is the sentence a person reads, unless a sharper one is given.
`errors` names the fields at fault; `extra` carries what helps to mend it (both versions of a conflict, say).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault: its dotted path and a sentence that says what would be right."""

    field: str
    message: str


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str | None = None, *, errors: Iterable[FieldError] = (), **extra: object) -> None:
        self.detail = detail if detail is not None else (type(self).__doc__ or "").strip()
        self.errors = tuple(errors)
        self.extra = extra
        super().__init__(self.detail)


class NotFound(Refusal):
    """There is nothing here under this id."""

    code = "not-found"


class Conflict(Refusal):
    """The record is not in a state that allows this."""

    code = "conflict"


class Forbidden(Refusal):
    """Your role may not do this."""

    code = "forbidden"


class Invalid(Refusal):
    """What was sent cannot be right."""

    code = "invalid"
