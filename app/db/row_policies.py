"""The second wall between clinics, on PostgreSQL: a work neither sees nor writes what is not its clinic's.

Every statement of ours names its clinic by itself: that is the first wall. Each transaction says besides whose rows it
may touch, in a setting that ends with it, and a policy on every table with a `clinic_id` holds it to that. Who says
nothing sees nothing. SQLite has no such means.
"""

from sqlalchemy import Connection, Engine, event

from app.db.prepared import run_plainly
from app.db.refusals import UnsafeDatabase

SETTING = "infusion_vitals.clinic"
"""What PostgreSQL calls the setting: a clinic's id, or `EVERY`."""
EVERY = "every"
SCOPE = "clinic"
"""The execution option of a connection by which a transaction is told whose rows it may touch."""
POLICY = "own_clinic"
_SAID = f"current_setting('{SETTING}', true)"
# in subqueries: PostgreSQL then works each out once a statement, and not once a row
_HOLDS = f"clinic_id = (SELECT nullif(nullif({_SAID}, ''), '{EVERY}')::uuid) OR (SELECT {_SAID} = '{EVERY}')"
_WITH_CLINIC = (
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id' AND NOT a.attisdropped"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
)
_POLICIES = "(SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid)"
_ONLY_OURS = f"{_POLICIES} IS NOT DISTINCT FROM ARRAY['{POLICY}']"
_UNWALLED = (
    f"SELECT c.relname, {_POLICIES} {_WITH_CLINIC} AND NOT (c.relrowsecurity AND {_ONLY_OURS}) ORDER BY c.relname"
)
_OPEN = f"SELECT c.relname {_WITH_CLINIC} AND NOT (row_security_active(c.oid) AND {_ONLY_OURS}) ORDER BY c.relname"


def put_up(connection: Connection) -> None:
    """As the owner: our policy, and no other, on every table with a clinic: no later table is forgotten."""
    for name, others in connection.exec_driver_sql(_UNWALLED).all():
        run_plainly(connection, f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        for other in others or ():
            run_plainly(connection, f'DROP POLICY "{other}" ON {name}')
        run_plainly(connection, f"CREATE POLICY {POLICY} ON {name} USING ({_HOLDS})")


def check(connection: Connection) -> None:
    """As the service: refuses a database in which this role could touch rows of a clinic that it has not named."""
    found = connection.exec_driver_sql(_OPEN).scalars().all()
    if found:
        raise UnsafeDatabase(
            f"nothing keeps the rows of one clinic from the work of another in: {', '.join(found)};"
            " run `infusion-vitals migrate`, and give the service a role without BYPASSRLS"
        )


def hold(engine: Engine, level: str) -> None:
    """Transactions of this engine begin with whose rows they may touch, in the same message to the server.

    `level`: of isolation; AUTOCOMMIT: its statements stand by themselves, and the connection says whose rows they may
    touch whenever that is another than it said before. The driver itself must begin no transaction.
    """
    if level == "AUTOCOMMIT":

        @event.listens_for(engine, "begin")
        def _say(connection: Connection) -> None:
            scope = _scope(connection)
            if connection.info.get(SETTING) != scope:
                connection.info.pop(SETTING, None)
                run_plainly(connection, f"SET {SETTING} = '{scope}'")
                connection.info[SETTING] = scope

    else:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            said = f"SET LOCAL {SETTING} = '{_scope(connection)}'"
            run_plainly(connection, f"BEGIN ISOLATION LEVEL {level}; {said}")


def _scope(connection: Connection) -> str:
    found: str = connection.get_execution_options().get(SCOPE, "")
    return found


def may_touch(connection: Connection, scope: str) -> None:
    """Says anew, for the rest of this transaction, whose rows it may touch: a clinic's id as text, or `EVERY`."""
    run_plainly(connection, f"SET LOCAL {SETTING} = '{scope}'")
