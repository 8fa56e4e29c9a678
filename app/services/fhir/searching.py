"""Searching the record as FHIR: a page at a time, from a place on that stays where it is while nurses write.

The database sieves (`selection_of`); what it lets through is told as resources, and each is looked at. A search that
finds little of much is given back after a bounded number of reads, perhaps with an empty page, and always with the
place to go on from: nobody waits for it but who asked.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db.work import NIL, Work
from app.exchange.fhir import Resource
from app.exchange.searching.offers import OFFERED
from app.exchange.searching.query import Query, referred
from app.services.fhir.asking import find, named, unit_of
from app.services.fhir.local import LOCAL
from app.services.fhir.selection import selection_of, uuids
from app.services.fhir.walks import Unit, Walk, walks_of
from app.services.fhir.written import Written

SCAN = 24
"""Reads of a walk that one page may take."""
COUNT = 240
"""Reads that a total may take; where they do not reach, there is no total."""

SearchPlace = tuple[str, str, str, str]
"""Where a search goes on: the walk, the key to read from, and the (unit, resource id) up to which all was told."""


def names_somebody(place: SearchPlace) -> bool:
    """Whether there is more than ids in it: patients are gone through by their names too."""
    return any(len(key) > len(str(NIL)) for key in place[1:3])


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page: what was searched, what came along, where the next begins, and the total where it could be counted."""

    matches: list[Written]
    included: list[Written]
    after: SearchPlace | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class _Match:
    """One resource that was searched, the unit it is of, and the place behind it."""

    found: Written
    unit: Unit | None
    place: SearchPlace


def _from(kind: str, after: SearchPlace | None) -> list[Walk]:
    found = walks_of((kind,))
    names = [walk.name for walk in found]
    return found[names.index(after[0]) :] if after is not None and after[0] in names else found


def _in_walks(work: Work, query: Query, after: SearchPlace | None, reads: int) -> Iterator[_Match | SearchPlace]:
    """Every match in order; a bare place where reading stops before the end."""
    kind, selection = query.offer.type, selection_of(query)
    types = (kind, *(other for other, _ in query.reverse))
    for walk in _from(kind, after):
        for_all, for_each = query.apart(walk.alike)
        resume = after if after is not None and after[0] == walk.name else (walk.name, "", "", "")
        key, told = resume[1], resume[2:]
        # where each unit holds a match the first read fills the page: the last unit of the one before, and one more
        limit = min(walk.at_once, query.count + 2)
        while units := walk.after(work, selection, types, key or None, limit):
            for unit in units:
                for one in _held(unit.written(kind), for_all):
                    if (unit.key, one.name) > told and _holds(for_each, one):
                        yield _Match(one, unit, (walk.name, key, unit.key, one.name))
                key = unit.key
            if len(units) < limit:
                break
            limit = walk.at_once
            reads -= 1
            if reads <= 0:
                yield (walk.name, key, "", "")
                return


def _holds(query: Query, one: Written) -> bool:
    return not query.conditions or query.holds(one.resource)


def _held(found: Sequence[Written], for_all: Query) -> Sequence[Written]:
    """These resources, where one of them is what is asked of all alike."""
    return found if found and _holds(for_all, found[0]) else ()


def _by_id(work: Work, query: Query, ids: Collection[str], after: SearchPlace | None) -> Iterator[_Match]:
    """Where ids are given, they are looked up one by one."""
    kind = query.offer.type
    types = [other for other, _ in query.reverse]
    for name in sorted(ids):
        if after is not None and name <= after[3]:
            continue
        unit = unit_of(work, kind, name, types)
        resource = None if unit is None else named(unit.newest((kind,)), name)
        if resource is not None and query.holds(resource):
            yield _Match(Written.of(resource), unit, ("", "", "", name))


def _local(query: Query, after: SearchPlace | None) -> Iterator[_Match]:
    for name, resource in sorted(LOCAL[query.offer.type].items()):
        if (after is None or name > after[3]) and query.holds(resource):
            yield _Match(Written.of(resource), None, ("", "", "", name))


def _matches(work: Work, query: Query, after: SearchPlace | None, reads: int) -> Iterator[_Match | SearchPlace]:
    if query.offer.type in LOCAL:
        return _local(query, after)
    ids = query.ids()
    return _in_walks(work, query, after, reads) if ids is None else _by_id(work, query, ids, after)


def _page(work: Work, query: Query, after: SearchPlace | None) -> tuple[list[_Match], SearchPlace | None]:
    found: list[_Match] = []
    for match in _matches(work, query, after, SCAN):
        if not isinstance(match, _Match):
            return found, match
        if len(found) == query.count:
            return found, found[-1].place if found else after
        found.append(match)
    return found, None


def _total(work: Work, query: Query) -> int | None:
    """How many there are; None where counting them would take too long."""
    count = 0
    for match in _matches(work, query, None, COUNT):
        if not isinstance(match, _Match):
            return None
        count += 1
    return count


def _pointing(query: Query, match: _Match) -> Iterator[Resource]:
    """What hangs on the same session and points at the match."""
    here = f"{query.offer.type}/{match.found.name}"
    for kind, name in query.reverse:
        parameter = OFFERED[kind].parameter(name)
        assert parameter is not None, "offers name parameters that there are"
        for other in match.unit.newest((kind,)) if match.unit else ():
            if here in referred(other, parameter):
                yield other


def _included(work: Work, query: Query, matches: list[_Match]) -> list[Written]:
    here = {f"{query.offer.type}/{match.found.name}" for match in matches}
    found: dict[str, Written] = {}
    asked: dict[str, Resource | None] = {}
    for match in matches:
        for name in query.include:
            parameter = query.offer.parameter(name)
            assert parameter is not None, "an _include is checked when the search is read"
            for reference in referred(match.found.resource, parameter):
                if reference not in asked:
                    kind, _, other = reference.partition("/")
                    asked[reference] = find(work, kind, other) if kind in OFFERED else None
                resource = asked[reference]
                if resource is not None and reference not in here:
                    found[reference] = Written.of(resource)
        for resource in _pointing(query, match):
            reference = f"{resource['resourceType']}/{resource['id']}"
            if reference not in here:
                found[reference] = Written.of(resource)
    return list(found.values())


def search(work: Work, query: Query, after: SearchPlace | None, readable: Collection[str]) -> SearchPage:
    """One page of what the query means; audited with what was asked and what was found.

    What comes along is of `readable` types alone.
    """
    matches, place = ([], None) if query.count == 0 else _page(work, query, after)
    included = [one for one in _included(work, query, matches) if one.kind in readable]
    total = _total(work, query) if query.total or query.count == 0 else None
    found = SearchPage([match.found for match in matches], included, place, total)
    if query.offer.type not in LOCAL:
        _audit(work, query, found)
    return found


def _audit(work: Work, query: Query, found: SearchPage) -> None:
    patients = uuids(query.references("patient", "subject"))
    sessions = uuids(query.references("encounter", "context"))
    told: dict[str, Any] = {
        "asked": [list(pair) for pair in query.sent],
        "found": [one.name for one in found.matches],
        "included": [f"{one.kind}/{one.name}" for one in found.included],
    }
    work.audit(
        "fhir.searched",
        subject=query.offer.type,
        subject_id="search",
        session_id=_single(sessions),
        patient_id=_single(patients),
        after=told,
    )


def _single(ids: frozenset[UUID] | None) -> UUID | None:
    return next(iter(ids)) if ids is not None and len(ids) == 1 else None
