"""A search as a value: read from the parameters of an address or a form, strictly, or leniently where asked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.exchange.media_types import mended
from app.exchange.pluses import with_plus
from app.exchange.searching.offers import Offer
from app.exchange.searching.parameters import Accepts, BadValue, Parameter, ParameterType, accepting, reach

MOST = 200
USUAL = 50
CONDITIONS = 20
"""Conditions that one search may have, and faults that are told of one."""
VALUES = 100
"""Values that all conditions of one search may have together: each resource that is looked at is held against each."""
_COMMA = re.compile(r"(?<!\\),")
_COUNT = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
PAGE = "_page"
"""Our own parameter: the place a `next` link goes on from."""

Pairs = Iterable[tuple[str, str]]


class BadSearch(ValueError):
    """A search that cannot be answered. `faults` are (parameter, what is wrong) pairs."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.faults))


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter as sent: any of its values will do (with `:not`, none of them may)."""

    parameter: Parameter
    modifier: str
    values: tuple[str, ...]
    accepts: tuple[Accepts, ...]

    def holds(self, resource: Any) -> bool:
        """Whether the resource is what it asks for."""
        found = any(accepts(element) for element in self.parameter.found_in(resource) for accepts in self.accepts)
        return found is not (self.modifier == "not")


@dataclass(frozen=True, slots=True)
class Query:
    """Which resources of one type, how many at once, from where on, and what comes with them.

    `sent` is what was understood, to be said again in the links; `ignored` what was not.
    """

    offer: Offer
    conditions: tuple[Condition, ...] = ()
    count: int = USUAL
    total: bool = False
    page: str | None = None
    include: tuple[str, ...] = ()
    reverse: tuple[tuple[str, str], ...] = ()
    sent: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()

    def holds(self, resource: Any) -> bool:
        """Whether the resource is what was asked for."""
        return all(condition.holds(resource) for condition in self.conditions)

    def apart(self, names: frozenset[str]) -> tuple["Query", "Query"]:
        """The search with the conditions by these parameters alone, and with all the others."""
        by_these = tuple(one for one in self.conditions if one.parameter.name in names)
        others = tuple(one for one in self.conditions if one.parameter.name not in names)
        return replace(self, conditions=by_these), replace(self, conditions=others)

    def ids(self) -> frozenset[str] | None:
        """The only ids that can be meant, None where any can."""
        return self._common("_id", frozenset)

    def references(self, *names: str) -> frozenset[str] | None:
        """The ids that references by one of these parameters may point at, None where any may."""
        found: frozenset[str] | None = None
        for name in names:
            named = self._common(name, lambda values: frozenset(value.rpartition("/")[2] for value in values))
            if named is not None:
                found = named if found is None else found & named
        return found

    def _common(self, name: str, read: Any) -> frozenset[str] | None:
        found: frozenset[str] | None = None
        for condition in self.conditions:
            if condition.parameter.name == name and condition.modifier != "not":
                named = read(condition.values)
                found = named if found is None else found & named
        return found

    def reach(self, *names: str) -> tuple[datetime | None, datetime | None] | None:
        """The span of time outside of which nothing can be meant; None where it has no bound."""
        first: datetime | None = None
        last: datetime | None = None
        for condition in self.conditions:
            if condition.parameter.name in names and len(condition.values) == 1:
                begins, ends = reach(condition.values[0])
                first = begins if first is None else max(first, begins or first)
                last = ends if last is None else min(last, ends or last)
        return None if first is None and last is None else (first, last)


class _Reader:
    """Reads one search; faults are gathered, so that all are said at once."""

    def __init__(self, offer: Offer, base: str, *, lenient: bool) -> None:
        self._offer, self._base, self._lenient = offer, base, lenient
        self._faults: list[tuple[str, str]] = []
        self._ignored: list[str] = []
        self._sent: list[tuple[str, str]] = []
        self._conditions: dict[tuple[str, tuple[str, ...]], Condition] = {}
        self._values = 0
        self._result: dict[str, Any] = {}
        self._include: list[str] = []
        self._reverse: list[tuple[str, str]] = []
        self._counts_only = False

    def read(self, pairs: Pairs) -> Query:
        # what is asked twice is asked once
        for name, written in dict.fromkeys(pairs):
            value = self._mended(name, written)
            try:
                if self._one(name, value):
                    self._sent.append((name, value))
            except BadValue as fault:
                self._faults.append((name, f"must be {fault}"))
            if len(self._faults) >= CONDITIONS:
                break
        if self._faults:
            raise BadSearch(self._faults)
        return Query(
            self._offer,
            tuple(self._conditions.values()),
            include=tuple(dict.fromkeys(self._include)),
            reverse=tuple(dict.fromkeys(self._reverse)),
            sent=tuple(self._sent),
            ignored=tuple(self._ignored),
            **{**self._result, **({"count": 0} if self._counts_only else {})},
        )

    def _mended(self, name: str, written: str) -> str:
        parameter = self._offer.parameter(name)
        if name == "_format":
            return mended(written)
        return with_plus(written) if parameter is not None and parameter.kind is ParameterType.DATE else written

    def _one(self, name: str, value: str) -> bool:
        """Takes in one parameter; whether it belongs into the links."""
        match name:
            case "_count":
                self._result["count"] = _count(value)
            case "_total":
                self._result["total"] = _total(value)
            case "_format":
                pass  # whoever answers judges it, together with Accept
            case "_summary":
                return self._summary(value)
            case _ if name == PAGE:
                self._result["page"] = value
                return False
            case "_include":
                self._include.append(self._included(value))
            case "_revinclude":
                self._reverse.append(self._reversed(value))
            case _:
                return self._condition(name, value)
        return True

    def _summary(self, value: str) -> bool:
        match value:
            case "count":
                self._counts_only = True
            case "false":
                pass
            case "true" | "text" | "data" if self._lenient:
                self._ignored.append("_summary")
                return False
            case _:
                raise BadValue("count, or false: resources are told whole here")
        return True

    def _condition(self, name: str, value: str) -> bool:
        plain_name, _, modifier = name.partition(":")
        parameter = self._offer.parameter(plain_name)
        if parameter is None or (modifier and modifier not in parameter.modifiers):
            if self._lenient:
                self._ignored.append(name)
            else:
                known = ", ".join(sorted(one.name for one in self._offer.parameters))
                self._faults.append((name, f"is not known for {self._offer.type}: it can be searched by {known}"))
            return False
        values = tuple(dict.fromkeys(part.replace("\\,", ",").replace("\\|", "|") for part in _COMMA.split(value)))
        if (name, values) in self._conditions:
            return False
        self._values += len(values)
        if len(self._conditions) == CONDITIONS:
            raise BadSearch([(name, f"is one too many: one search takes at most {CONDITIONS} conditions")])
        if self._values > VALUES:
            raise BadSearch([(name, f"holds too many: one search takes at most {VALUES} values")])
        accepts = tuple(accepting(parameter, modifier, part, self._base) for part in values)
        self._conditions[name, values] = Condition(parameter, modifier, values, accepts)
        return True

    def _included(self, value: str) -> str:
        kind, _, name = value.partition(":")
        name = name.partition(":")[0]
        if kind != self._offer.type or name not in self._offer.included:
            offered = ", ".join(f"{self._offer.type}:{one}" for one in self._offer.included)
            raise BadValue(f"one of: {offered or 'nothing'}")
        return name

    def _reversed(self, value: str) -> tuple[str, str]:
        kind, _, name = value.partition(":")
        found = (kind, name.partition(":")[0])
        if found not in self._offer.reverse:
            offered = ", ".join(":".join(pair) for pair in self._offer.reverse)
            raise BadValue(f"one of: {offered or 'nothing'}")
        return found


def _count(value: str) -> int:
    if not _COUNT.match(value):
        raise BadValue("a whole number")
    return min(int(value), MOST)


def _total(value: str) -> bool:
    if value not in {"none", "estimate", "accurate"}:
        raise BadValue("none, estimate or accurate")
    return value == "accurate"


def read_query(offer: Offer, pairs: Pairs, base: str, *, lenient: bool = False) -> Query:
    """The search behind these parameters. Raises `BadSearch`, naming every fault.

    `base` is the address of this FHIR service, for references written in full. `lenient`: parameters that are not known
    are left out and named in `ignored`; what is known must be right all the same.
    """
    return _Reader(offer, base, lenient=lenient).read(pairs)


def referred(resource: Mapping[str, Any], parameter: Parameter) -> list[str]:
    """What a resource points at by a reference parameter, as `Type/id`."""
    found = parameter.found_in(resource)
    return [element["reference"] for element in found if isinstance(element, Mapping) and "reference" in element]
