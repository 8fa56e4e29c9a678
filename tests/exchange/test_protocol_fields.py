"""The form of a protocol names every field of the schema, once, and nothing else."""

import pytest

from app.domain.events import Route
from app.domain.protocol.fields import tables_of
from app.domain.protocol.tables import FieldKind
from app.domain.vitals import VITALS, Vital
from app.exchange import protocol_fields
from app.exchange.protocol_fields import OF_THE_ADDRESS, form_of
from app.exchange.protocol_words import tell, title_of
from tests.domain import shipped


def paths(route: Route) -> set[str]:
    found = {f"{table.path}.{each.name}".lstrip(".") for table in tables_of(route) for each in table.fields}
    return {path for path in found if path not in OF_THE_ADDRESS and not path.endswith("source")}


def test_every_field_is_called_something_and_no_name_is_left_over() -> None:
    called = [path for path, _ in protocol_fields._called()]
    assert len(called) == len(set(called))
    assert set(called) == set().union(*(paths(route) for route in Route))


@pytest.mark.parametrize("route", Route)
def test_no_two_fields_of_a_table_are_called_the_same(route: Route) -> None:
    for table in form_of(route):
        names = [(each.label, each.unit) for each in table.fields]
        assert len(names) == len(set(names)), table.table
    titles = [table.title for table in form_of(route)]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("route", Route)
def test_a_number_has_its_band_and_a_choice_its_choices(route: Route) -> None:
    for table in form_of(route):
        for each in table.fields:
            assert (each.kind is FieldKind.WHOLE_NUMBER) is (each.low is not None and each.high is not None)
            assert (each.kind in {FieldKind.CHOICE, FieldKind.CODES}) is bool(each.choices)
            assert all(one.label for one in each.choices)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_table_has_the_title_under_which_it_is_read(name: str) -> None:
    protocol = shipped.protocol(name)
    form = {table.table: table.title for table in form_of(protocol.route)}
    for one in tell(protocol):
        table = "same-day.*" if one.table.startswith("same-day.") else one.table
        assert one.title == title_of(one.table)
        assert table in form


def test_a_vital_has_its_unit() -> None:
    units = {VITALS[vital].unit.replace("[Hg]", "Hg") for vital in Vital}
    for table in form_of(Route.IV_INFUSION):
        if table.table.startswith("concern."):
            assert {each.unit for each in table.fields if each.kind is FieldKind.WHOLE_NUMBER} <= units
