"""What an override lets pass: each criterion it names as it was seen at the signature, or better, and for a while.

Findings are compared as they are kept: code and parameters. What cannot be put in order counts as worse as soon as it
differs: then a clinician looks again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.domain.assessment import Criterion, Outcome
from app.domain.canonical import Document, Json
from app.domain.instants import minutes
from app.domain.readiness.record import part_of
from app.domain.vitals import ConsciousnessScale, DissociationGrade

_LEFT_OUT = frozenset({"at", "newest_at", "newest_complete_at", "in_step"})
"""When the set was taken (a later one that shows the same is no worse), and which tablets are in step."""
_BY_TIME: Mapping[str, frozenset[str]] = {"clocks": frozenset({"code"}), "given": frozenset({"settled"})}
"""What time alone changes of one thing in a list."""
_GRADES: tuple[Json, ...] = tuple(grade.value for grade in DissociationGrade)


def holds_until(signed_at: datetime, signature_minutes: int) -> datetime:
    """The first instant at which an override lets nobody leave any more."""
    return signed_at + minutes(signature_minutes)


def worse_than_signed(named: Iterable[str], signed: Mapping[str, Document], now: Mapping[str, Document]) -> list[str]:
    """Of the criteria an override names, those whose finding is worse now than the one that was signed.

    `signed`: the findings of the assessment it is of, by criterion. One that is not to be found there is worse.
    """
    return [name for name in named if not (name in signed and name in now and _no_worse(signed[name], now[name]))]


def _no_worse(signed: Document, now: Document) -> bool:
    # what a tablet held at a signature given afterwards is named, though no assessment keeps it
    if Outcome.MET.value in {signed["outcome"], now["outcome"]}:
        return True
    before, after = part_of(signed, "params"), part_of(now, "params")
    if signed["criterion"] == Criterion.SUSTAINED.value:
        # each item of the newest set has a criterion of its own: here it is the run of good sets, and that it went on
        begun, begins = before.get("from"), after.get("from")
        went_on = begun is None or (isinstance(begun, str) and isinstance(begins, str) and begins <= begun)
        return went_on and _at_least(after.get("counted", -1), before.get("counted", -1))
    if "allowed" in before and "allowed" in after:
        same = all(before[name] == after[name] for name in ("allowed", "baseline"))
        return same and _no_farther(before["value"], after["value"], before["allowed"])
    if signed["code"] != now["code"]:
        return False
    names = (before.keys() | after.keys()) - _LEFT_OUT
    up = signed["criterion"] == Criterion.SPO2_RECOVERED.value or before.get("scale") == ConsciousnessScale.MOAAS.value
    return all(_as_seen(name, before.get(name), after.get(name), more_is_better=up) for name in names)


def _at_least(value: Json, least: Json) -> bool:
    return isinstance(value, int) and isinstance(least, int) and value >= least


def _no_farther(signed: Json, now: Json, allowed: Json) -> bool:
    """Whether a value is on the same side of what is allowed as the signed one, and no farther from it."""
    if signed == now:
        return True
    if not (isinstance(signed, int) and isinstance(now, int) and isinstance(allowed, list | tuple)):
        return False
    low, high = allowed
    assert isinstance(low, int)
    assert isinstance(high, int)
    # where the two have crossed no value is allowed, so none is nearer
    return low <= high and (high < now <= signed or signed <= now < low)


def _as_seen(name: str, signed: Json, now: Json, *, more_is_better: bool) -> bool:
    """Whether one parameter shows what was signed, or better."""
    if signed == now:
        return True
    if signed in _GRADES and now in _GRADES:
        return _GRADES.index(now) <= _GRADES.index(signed)
    if name == "value":
        return more_is_better and _at_least(now, signed)
    if name == "score":
        return _at_least(signed, now)
    return _no_more(signed, now, _BY_TIME.get(name, frozenset()))


def _no_more(signed: Json, now: Json, by_time: frozenset[str]) -> bool:
    """Whether each thing listed now was listed at the signature."""
    if not (isinstance(signed, list | tuple) and isinstance(now, list | tuple)):
        return False
    held = [_lasting(one, by_time) for one in signed]
    return all(_lasting(one, by_time) in held for one in now)


def _lasting(one: Json, by_time: frozenset[str]) -> Json:
    return {name: part for name, part in one.items() if name not in by_time} if isinstance(one, Mapping) else one
