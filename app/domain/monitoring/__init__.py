"""What a monitoring form asks of an intranasal session, field by field: the answer and what it rests on, or what lacks.

Nothing is guessed. The fields are those that docs/clinical-sources.md names under "A monitoring form"; which reading
counts as which is written in tests/spec/monitoring.
"""

from app.domain.monitoring.asked import Site
from app.domain.monitoring.fields import AnswerOrigin, AnswerSource, Field, Group, Missing, Monitored, Value
from app.domain.monitoring.summary import NotIntranasal, check_intranasal, summary

__all__ = [
    "AnswerOrigin",
    "AnswerSource",
    "Field",
    "Group",
    "Missing",
    "Monitored",
    "NotIntranasal",
    "Site",
    "Value",
    "check_intranasal",
    "summary",
]
