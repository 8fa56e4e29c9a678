"""The schema of drafts as data says what the judge of drafts says, and all of it."""

import pytest

from app.domain.events import Route
from app.domain.places import dotted, leaves
from app.domain.protocol.fields import ANY, tables_of
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.protocol.tables import FieldKind
from tests.domain.bands import BANDS, NASAL_BANDS
from tests.domain.shipped import document, drop, faults, put

NAMES = {Route.IV_INFUSION: "iv-infusion-example", Route.INTRANASAL: "intranasal-example"}
MINUTES = "criteria.medication-settled.minutes"


def described(route):
    """Every field of a route by its dotted path."""
    return {
        f"{table.path}.{each.name}" if table.path else each.name: each
        for table in tables_of(route)
        for each in table.fields
    }


def as_described(path):
    """A path of a document as the description has it."""
    steps = path.split(".")
    if path.startswith(MINUTES):
        return f"{MINUTES}.{ANY}"
    if steps[0] == "same-day" and len(steps) == 3:
        return f"same-day.{ANY}.{steps[2]}"
    if steps[-2:-1] == ["always"]:
        return ".".join(steps[:-1])
    return path


def judged(made):
    """The faults of a document by path; none where it is sound."""
    try:
        parse(made)
    except ProtocolInvalid as refused:
        return {fault.field: fault.message for fault in refused.errors}
    return {}


def test_its_bands_are_those_that_are_written_down_a_second_time():
    for route in Route:
        found = described(route)
        bands = {path: (of.band.low, of.band.high) for path, of in found.items() if of.kind is FieldKind.WHOLE_NUMBER}
        known = {as_described(path): band for path, band in (BANDS | NASAL_BANDS).items()}
        assert {path: band for path, band in bands.items() if path in known} == {
            path: band for path, band in known.items() if path in bands
        }
        # as wide as any draft may have it: the service says what this one may, with the recovery interval plus grace
        hanging = {"criteria.sustained.max_gap": (1, 60), "criteria.fresh.minutes": (1, 30)}
        assert {path: bands[path] for path in hanging} == hanging
        not_there = set(known) - set(bands)
        clocks = set(NASAL_BANDS) | {"criteria.minutes-since-dose.infusion-end"}
        assert not_there == (set(NASAL_BANDS) if route is Route.IV_INFUSION else clocks - set(NASAL_BANDS))


@pytest.mark.parametrize("route", Route)
def test_every_value_of_a_shipped_draft_has_its_field_and_its_kind(route):
    found = described(route)
    kinds = {int: {FieldKind.WHOLE_NUMBER}, bool: {FieldKind.YES_NO}}
    texts = {FieldKind.TEXT, FieldKind.LINE, FieldKind.CHOICE, FieldKind.CODES}
    for step, value in leaves(document(NAMES[route])):
        assert found[as_described(dotted(step))].kind in kinds.get(type(value), texts), dotted(step)


@pytest.mark.parametrize("route", Route)
def test_what_is_required_is_missed_and_nothing_else_is(route):
    """Each value and each table of a shipped draft is taken away by itself, and the judge is asked."""
    found = {path: of.required for path, of in described(route).items()}
    found |= {table.path: table.required for table in tables_of(route)}
    paths = [dotted(step) for step, _ in leaves(document(NAMES[route]))]
    paths += ["schedule", "signature", "concern.spo2", "prompts.before-dose", "prompts.from-dose.once", "escort"]
    said = set()
    for path in paths:
        # one of several names or codes may go; one of two limits may go only if the other stands
        if path.startswith((MINUTES, "baseline.s", "baseline.d")) or ".always." in path:
            continue
        made = document(NAMES[route])
        drop(made, path)
        missed = "is missing" in judged(made).get(path, "")
        assert missed is found[as_described(path)], path
        said.add(missed)
    assert said == {True, False}


@pytest.mark.parametrize("route", Route)
def test_choices_and_lengths_are_the_judges(route):
    seen = set()
    for path, of in described(route).items():
        at = path.replace(f"same-day.{ANY}", "same-day.alcohol")
        if path in {"id", "route"}:
            continue
        made = document(NAMES[route])
        if of.kind is FieldKind.CHOICE:
            put(made, at, "none-of-them")
            assert all(choice in faults(made)[at] for choice in of.choices), path
        elif of.kind is FieldKind.CODES:
            put(made, at, list(of.choices))
            parse(made)
        elif of.longest is not None:
            put(made, at, "x" * of.longest)
            assert at not in judged(made), path
            put(made, at, "x" * (of.longest + 1))
            assert at in faults(made), path
        seen.add(of.kind)
    assert seen == set(FieldKind)


def test_the_draft_itself_comes_first_and_names_of_ones_own_are_marked():
    first, *others = tables_of(Route.IV_INFUSION)
    assert (first.path, [each.name for each in first.fields]) == ("", ["id", "version", "route", "example"])
    named = [table.path for table in others if ANY in table.path or any(each.name == ANY for each in table.fields)]
    assert named == [f"same-day.{ANY}", MINUTES]
