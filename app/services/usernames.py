"""Usernames: kept as typed, told apart without regard to case or to how a keyboard composes accents."""

from app.db.staff import folded
from app.domain.errors import FieldError, Invalid

LONGEST = 64


class BadUsername(Invalid):
    """This cannot be a username."""

    code = "bad-username"


def fold_username(username: str) -> str:
    """The form in which usernames are compared: two that fold alike are one."""
    return folded(username)


def check_username(username: str, *, field: str = "username") -> None:
    """Raises `BadUsername`: 1 to 64 visible characters without spaces."""
    visible = all(character.isprintable() and not character.isspace() for character in username)
    if not 1 <= len(username) <= LONGEST or not visible or not fold_username(username):
        raise BadUsername(errors=[FieldError(field, f"takes 1 to {LONGEST} characters without spaces")])
