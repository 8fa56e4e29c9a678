"""Three values, never two: a verdict on one thing looked at, and how several become one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.assessment import Outcome
from app.domain.canonical import Json

_BADNESS = {Outcome.NOT_MET: 2, Outcome.UNKNOWN: 1, Outcome.MET: 0}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the part of a sentence that explains it, and the values it saw."""

    outcome: Outcome
    because: str
    values: Mapping[str, Json] = field(default_factory=dict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of at least one verdict: not met, then unknown, then met; the first of equals."""
    return max(verdicts, key=lambda verdict: _BADNESS[verdict.outcome])


def worst_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of at least one outcome."""
    return max(outcomes, key=_BADNESS.__getitem__)


def met(because: str, **values: Json) -> Verdict:
    """Proven."""
    return Verdict(Outcome.MET, because, values)


def not_met(because: str, **values: Json) -> Verdict:
    """Disproven."""
    return Verdict(Outcome.NOT_MET, because, values)


def unknown(because: str, **values: Json) -> Verdict:
    """Neither: the reason says what is missing."""
    return Verdict(Outcome.UNKNOWN, because, values)
