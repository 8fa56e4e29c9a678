"""Where Alembic finds the tables and a connection.

`infusion-vitals migrate` hands its own connection in, so that a whole upgrade is one transaction. Alembic's own
command (for making a new version) connects to DATABASE_URL.
"""

import os

from alembic import context
from sqlalchemy import Connection, create_engine, make_url

from app.db.tables import metadata


def migrate(connection: Connection) -> None:
    # never batch mode: on SQLite it copies a table and silently leaves its triggers behind
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=False)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations need a live database: triggers and grants differ by engine")

handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    migrate(handed_in)
else:
    address = make_url(os.environ["DATABASE_URL"])
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    with create_engine(address).begin() as connection:
        migrate(connection)
