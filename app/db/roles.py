"""Who may do what with the tables on PostgreSQL: the role that serves, made and granted by the owner."""

from psycopg import sql
from sqlalchemy import URL, Connection, inspect

from app.db.tables import DELETED_FROM, INSERT_ONLY, metadata


def _run(connection: Connection, statement: sql.Composed) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute(statement)


def make(connection: Connection, service: URL) -> None:
    """The service's role, where it is missing."""
    name = service.username
    assert name is not None
    if connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %(name)s", {"name": name}).first():
        return
    statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS").format(
        sql.Identifier(name)
    )
    if service.password:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        # the server is told the derived secret only: the password itself never reaches its log
        secret = raw.pgconn.encrypt_password(str(service.password).encode(), name.encode(), b"scram-sha-256")
        statement = sql.Composed([statement, sql.SQL(" PASSWORD {}").format(sql.Literal(secret.decode()))])
    _run(connection, sql.Composed([statement]))


def grant(connection: Connection, role: str) -> None:
    """Gives the service's role what it needs, table by table, and takes back anything else."""
    who = sql.Identifier(role)
    _run(connection, sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who))
    _run(connection, sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(who))
    there = set(inspect(connection).get_table_names())
    for name in sorted(set(metadata.tables) & there):
        rights = "SELECT, INSERT"
        if name not in INSERT_ONLY:
            rights += ", UPDATE"
        if name in DELETED_FROM:
            rights += ", DELETE"
        _run(connection, sql.SQL("GRANT " + rights + " ON {} TO {}").format(sql.Identifier(name), who))
    _run(connection, sql.SQL("GRANT SELECT ON alembic_version TO {}").format(who))
