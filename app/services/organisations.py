"""Organisations: clinics that answer for patients together. The operator says which clinic names which."""

from app.db import organisations
from app.db.work import Work
from app.domain.errors import Invalid
from app.domain.texts import LINE, text_faults

sisters = organisations.sisters
"""A reading verb: the organisation that the actor's clinic names, and the others that name it."""


def put(work: Work, name: str | None) -> bool:
    """The clinic names this organisation from now on, or none; whether that is new."""
    if name is not None and (faults := text_faults("organisation", name, longest=LINE)):
        raise Invalid(errors=faults)
    current = organisations.find(work)
    if name == (current.value if current else None):
        return False
    organisations.keep(work, name, current.revision + 1 if current else 1)
    return True
