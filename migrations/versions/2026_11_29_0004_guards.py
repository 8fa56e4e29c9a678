"""What keeps the record from being changed: triggers on both engines; and the installation's rows.

Alembic's batch mode copies a SQLite table and leaves its triggers behind: a later version that needs it must make
them anew (a test looks).

Made: 2026-11-29
"""

from datetime import UTC, datetime
from uuid import uuid4

from alembic import op
from sqlalchemy import column, table

from app.db.columns import Flag, Id, Instant, WholeNumber

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSERT_ONLY = ("feed", "journal", "log_events", "log_links", "protocol_approvals")
SQLITE_GUARDS = """
CREATE TRIGGER journal_follows BEFORE INSERT ON journal
WHEN NEW.revision > 1 AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.clinic_id = NEW.clinic_id AND j.kind = NEW.kind
    AND j.fact_id = NEW.fact_id AND j.revision = NEW.revision - 1 AND j.stream = NEW.stream)
BEGIN SELECT RAISE(ABORT, 'a revision follows the one before it, in the same stream'); END;
CREATE TRIGGER protocol_versions_no_update BEFORE UPDATE ON protocol_versions
WHEN EXISTS (SELECT 1 FROM protocol_approvals a WHERE a.clinic_id = OLD.clinic_id
    AND a.protocol_id = OLD.protocol_id AND a.version = OLD.version)
BEGIN SELECT RAISE(ABORT, 'an approved protocol version is never changed'); END;
CREATE TRIGGER protocol_versions_no_delete BEFORE DELETE ON protocol_versions
BEGIN SELECT RAISE(ABORT, 'protocol versions are never deleted'); END;
CREATE TRIGGER installation_once BEFORE UPDATE OF demo ON installation
WHEN NEW.demo <> OLD.demo AND (OLD.demo = 1 OR EXISTS (SELECT 1 FROM clinics))
BEGIN SELECT RAISE(ABORT, 'whether this is a demo is settled when the database is made'); END;
CREATE TRIGGER installation_no_delete BEFORE DELETE ON installation
BEGIN SELECT RAISE(ABORT, 'the installation row is never deleted'); END;
"""
SQLITE_NAMES = (
    "journal_follows",
    "protocol_versions_no_update",
    "protocol_versions_no_delete",
    "installation_once",
    "installation_no_delete",
)
POSTGRESQL_GUARDS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$;
CREATE FUNCTION guard_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM journal j WHERE j.clinic_id = NEW.clinic_id AND j.kind = NEW.kind
        AND j.fact_id = NEW.fact_id AND j.revision = NEW.revision - 1 AND j.stream = NEW.stream)
    THEN RAISE EXCEPTION 'a revision follows the one before it, in the same stream'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER journal_follows BEFORE INSERT ON journal
    FOR EACH ROW WHEN (NEW.revision > 1) EXECUTE FUNCTION guard_revision();
CREATE FUNCTION guard_protocol_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'protocol versions are never deleted'; END IF;
    IF EXISTS (SELECT 1 FROM protocol_approvals a WHERE a.clinic_id = OLD.clinic_id
        AND a.protocol_id = OLD.protocol_id AND a.version = OLD.version)
    THEN RAISE EXCEPTION 'an approved protocol version is never changed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER protocol_versions_guard BEFORE UPDATE OR DELETE ON protocol_versions
    FOR EACH ROW EXECUTE FUNCTION guard_protocol_version();
CREATE FUNCTION guard_installation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'the installation row is never deleted'; END IF;
    IF NEW.demo <> OLD.demo AND (OLD.demo OR EXISTS (SELECT 1 FROM clinics))
    THEN RAISE EXCEPTION 'whether this is a demo is settled when the database is made'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER installation_guard BEFORE UPDATE OR DELETE ON installation
    FOR EACH ROW EXECUTE FUNCTION guard_installation();
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in INSERT_ONLY:
            for verb in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {name}_no_{verb} BEFORE {verb.upper()} ON {name}"
                    f" BEGIN SELECT RAISE(ABORT, 'rows of {name} are never changed or deleted'); END"
                )
        for statement in SQLITE_GUARDS.split("END;\n")[:-1]:
            op.execute(f"{statement}END")
    else:
        op.execute(POSTGRESQL_GUARDS)
        for name in INSERT_ONLY:
            op.execute(
                f"CREATE TRIGGER {name}_insert_only BEFORE UPDATE OR DELETE ON {name}"
                " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
    installation = table(
        "installation",
        column("only", WholeNumber),
        column("epoch", Id),
        column("demo", Flag),
        column("created_at", Instant),
        column("endings", WholeNumber),
    )
    made = {"only": 1, "epoch": uuid4(), "demo": False, "created_at": datetime.now(UTC), "endings": 0}
    op.bulk_insert(installation, [made])
    # what lies in it is sealed with a key that the owner of the tables does not have: the first start fills it
    op.bulk_insert(table("sealing", column("only", WholeNumber)), [{"only": 1}])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in INSERT_ONLY:
            op.execute(f"DROP TRIGGER {name}_no_update")
            op.execute(f"DROP TRIGGER {name}_no_delete")
        for name in SQLITE_NAMES:
            op.execute(f"DROP TRIGGER {name}")
    else:
        # the triggers go with the functions they call
        for name in ("refuse_change", "guard_revision", "guard_protocol_version", "guard_installation"):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.execute("DELETE FROM installation")
    op.execute("DELETE FROM sealing")
