"""Three values, never two: a verdict on one thing looked at, and how several become one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.assessment import Outcome, RestsOn
from app.domain.canonical import Json
from app.domain.codes import Code

_BADNESS = {Outcome.NOT_MET: 2, Outcome.UNKNOWN: 1, Outcome.MET: 0}
_NOTHING: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the code that explains it, what it saw, and the facts it rests on."""

    outcome: Outcome
    code: Code
    params: Mapping[str, Json] = field(default_factory=dict)
    on: tuple[RestsOn, ...] = ()

    def also(self, params: Mapping[str, Json] = _NOTHING, on: Iterable[RestsOn] = ()) -> "Verdict":
        """The same verdict with more that it saw, and more that it rests on."""
        return Verdict(self.outcome, self.code, {**params, **self.params}, (*self.on, *on))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of at least one verdict: not met, then unknown, then met; the first of equals."""
    return max(verdicts, key=lambda verdict: _BADNESS[verdict.outcome])


def worst_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of at least one outcome."""
    return max(outcomes, key=_BADNESS.__getitem__)


def met(code: Code, params: Mapping[str, Json] = _NOTHING, on: Iterable[RestsOn] = ()) -> Verdict:
    """Proven."""
    return Verdict(Outcome.MET, code, params, tuple(on))


def not_met(code: Code, params: Mapping[str, Json] = _NOTHING, on: Iterable[RestsOn] = ()) -> Verdict:
    """Disproven."""
    return Verdict(Outcome.NOT_MET, code, params, tuple(on))


def unknown(code: Code, params: Mapping[str, Json] = _NOTHING, on: Iterable[RestsOn] = ()) -> Verdict:
    """Neither: the code says what is missing."""
    return Verdict(Outcome.UNKNOWN, code, params, tuple(on))
