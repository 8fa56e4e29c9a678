"""A page of a list touches the same among ten and among ten thousand."""

import pytest

from tests.api.clinic import first_clinic, running
from tests.db.test_growth import SLACK, Tables, looked

FEW, MANY = 10, 10_000
PAGE = 5
DEEPER = 4
"""Buffers more a row: ten rows are one buffer, and each of ten thousand is found through a level or two of an index."""
ROWS = {
    "/v1/staff": (
        """staff (clinic_id, id, revision, username, name, role, active)
        SELECT {clinic}, {id}, 1, {name}, 'A', 'nurse', {yes}""",
        "usernames (clinic_id, staff_id, username) SELECT {clinic}, {id}, {name}",
    ),
    "/v1/staff/{me}/history": (
        """journal (clinic_id, stream, position, id, kind, fact_id, revision, action, document, by_name, by_role,
            recorded_at, wall_at, hash)
        SELECT clinic_id, stream, 100000 + n, {id}, kind, fact_id, n + 1, action, document, by_name, by_role,
            recorded_at, wall_at, hash
        FROM journal, numbers WHERE kind = 'staff' AND fact_id = '{me}' AND revision = 1""",
    ),
    "/v1/tablets": (
        "enrolments (clinic_id, id, revision, name, in_use) SELECT {clinic}, {id}, 1, {name}, {yes}",
        """journal (clinic_id, stream, position, id, kind, fact_id, revision, action, document, by_name, by_role,
            recorded_at, wall_at, hash)
        SELECT clinic_id, stream, 100000 + n, {id}, 'tablet', CAST({id} AS text), 1, 'tablet.enrolled',
            '{{"in_use":true,"name":"A chair","public_key":null}}', by_name, by_role, recorded_at, wall_at, hash
        FROM journal, numbers WHERE kind = 'staff' AND fact_id = '{me}' AND revision = 1""",
    ),
    "/v1/tablets?": (
        """tablets (clinic_id, id, heard_at, unsent, clock_offset_ms, pace)
        SELECT clinic_id, {id}, recorded_at, 0, 0, 1
        FROM journal, numbers WHERE kind = 'staff' AND fact_id = '{me}' AND revision = 1""",
    ),
}
"""What a list is of: rows, one for each of the numbers `n`. The second list of tablets is of those without a name."""


def add(tables, clinic, statements, first, last):
    """Rows numbered from one number to another, as the owner of the tables."""
    sqlite = tables.engine == "sqlite"
    digits = "printf('%08x', n)" if sqlite else "lpad(to_hex(n), 8, '0')"
    told = {
        "me": clinic.lead.id,
        "clinic": f"'{clinic.id}'" if sqlite else f"CAST('{clinic.id}' AS uuid)",
        "id": f"{digits} || '-0000-4000-8000-000000000000'",
        "name": f"'name-' || {digits}",
        "yes": "1" if sqlite else "true",
    }
    told["id"] = told["id"] if sqlite else f"CAST({told['id']} AS uuid)"
    numbers = f"WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"
    for statement in statements:
        table, select = statement.split("SELECT", 1)
        source = "" if " FROM " in select.replace("\n", " ") else " FROM numbers"
        tables.owner.execute(f"INSERT INTO {table} {numbers} SELECT {select.format(**told)}{source}")
    tables.owner.execute("ANALYZE")


@pytest.mark.parametrize("path", ROWS)
def test_a_page_touches_the_same_however_long_the_list(engine_name, database_url, path):
    tables = Tables(engine_name, database_url)
    touched = []
    with running(database_url) as service:
        clinic = first_clinic(service)
        plain = path.removesuffix("?").format(me=clinic.lead.id)
        for first, last in ((1, FEW), (FEW + 1, MANY)):
            add(tables, clinic, ROWS[path], first, last)
            one = f"{plain}?limit={PAGE}"
            page = clinic.lead.get(one)
            assert len(page["items"]) == PAGE
            next_one = f"{one}&after={page['next']}"
            touched.append([looked(tables, clinic, "lead", asked) for asked in (one, next_one)])
    tables.close()
    few, many = ([each for each, _ in pages] for pages in touched)
    deeper = (PAGE + 1) * DEEPER if engine_name == "postgresql" else 0
    assert all(large <= SLACK * small + deeper for small, large in zip(few, many, strict=True)), (few, many)
    assert [fault for pages in touched for _, found in pages for asked in found for fault in asked.faults] == []
