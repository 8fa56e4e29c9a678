"""Sheets that are no session's (a patient, a course, an account ...): one rule decides every `PUT` of one."""

from app.domain.deciding import Change, PreconditionFailed, PreconditionMissing
from app.domain.deciding import decide_sheet as decide

__all__ = ["Change", "PreconditionFailed", "PreconditionMissing", "decide"]
