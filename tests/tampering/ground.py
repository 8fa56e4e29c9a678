"""A database of two clinics to tamper with: each change is made in a transaction, looked at, and rolled back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from uuid_utils.compat import uuid7

from app.commands.verifying import Broken, Verifier
from app.db import feed, postgresql, sqlite
from app.db.engine import Database
from app.db.work import NIL, Sources, Work, service_actor
from app.domain.instants import from_microseconds
from app.domain.people import Actor, Role, Staff
from app.domain.records import Clearance, Course
from app.domain.tablets import Tablet
from app.domain.walls import WallBoard
from app.services import audit, courses, enrolment, patients, readings, sessions, staff, walls
from tests import factories, postgres
from tests.factories import at
from tests.services.ward import Ward

NOW = 400
"""Minutes after noon: later than anything that is charted."""


@dataclass
class Ground:
    """An open connection of whoever owns the database; ids of both clinics, and anchors taken when all was well."""

    connection: Connection
    clinics: tuple[UUID, ...]
    anchors: dict[UUID, dict[str, dict[int, str]]]
    wall: datetime
    on_sqlite: bool = field(init=False)

    def __post_init__(self) -> None:
        self.on_sqlite = self.connection.dialect.name == "sqlite"

    def work(self, actor: Actor) -> Work:
        """A work on this connection: what it notes is never kept."""
        return Work(self.connection, actor, at(NOW), Sources(wall=lambda: self.wall, new_id=uuid7))

    def run(self, verb: Callable[..., Any], actor: Actor, *args: Any, **kwargs: Any) -> Any:
        """The answer of a verb, as it sees the database now."""
        return verb(self.work(actor), *args, **kwargs)

    def execute(self, statement: str, **values: Any) -> Any:
        """Plain SQL, as an owner with every guard taken down can run it."""
        return self.connection.execute(text(statement), values)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a query."""
        return list(self.execute(statement, **values).all())

    def broken(self, *, anchored: bool, wall: datetime | None = None) -> list[Broken]:
        """What the verifier names, in both clinics."""
        verifier = Verifier(self.run, self.run, self.anchors if anchored else {}, wall or self.wall)
        verdicts = verifier.verdicts([*self.clinics, NIL])
        return [one for verdict in verdicts.values() for one in verdict.broken]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens within is as if it had not been."""
        with self.connection.begin() as transaction:
            if self.on_sqlite:
                self.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            else:
                self.connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield
            transaction.rollback()


def charted(database: Database) -> tuple[UUID, ...]:
    """Two clinics with sessions in several states, courses, revised sheets, a notice, tablets, and a sealed log."""
    return tuple(_clinic(database) for _ in range(2))


def _clinic(database: Database) -> UUID:
    ward = Ward(database)
    course = uuid4()
    ward.write(courses.put, course, Course(ward.patient, 6, 3), None)
    ward.write(courses.put_clearance, course, Clearance(note="fit"), None, who=ward.clinician)
    ward.write(patients.put, ward.patient, factories.patient(family_name="Renamed", record_number="R-9"), 1)
    lead = Staff(f"lead-{uuid4()}", "Lea Lead", Role.LEAD)
    ward.database.write_now(staff.add, service_actor(ward.clinic.id), at(-200), uuid4(), lead, "a hash")
    ward.write(enrolment.put, uuid4(), Tablet("7"), None, at(-200))
    ward.write(walls.put, uuid4(), WallBoard("Corridor"), None, "token")
    done = ward.plan(course_id=course)
    ward.treat(done)
    ward.recover(done)
    ward.sign(done, 104)
    ward.discharge(done, 105)
    ward.write(readings.void, done, ward.record(done, 106).readings[0].current.value.id, "late", now=110)
    other = ward.plan(ward.add_patient())
    ward.treat(other)
    ward.plan(ward.add_patient())
    for _ in range(6):
        ward.read(sessions.read, done, now=NOW - 100)
    for actor in (service_actor(ward.clinic.id), service_actor(NIL)):
        while database.write_now(feed.number, actor, at(NOW - 50)):
            pass
        while database.write_now(audit.seal, actor, at(NOW - 50)):
            pass
    return ward.clinic.id


@contextmanager
def standing(url: str, clinics: tuple[UUID, ...]) -> Iterator[Ground]:
    """The database of this URL, opened as its owner, with every guard taken down."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = sqlite.make_engine(Path(str(address.database)), "BEGIN")
    else:
        engine = postgresql.make_engine(make_url(postgres.address(str(address.database), postgres.OWNER)))
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                guards = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
                for (name,) in guards:
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
                connection.commit()
            wall = connection.execute(text("SELECT max(wall_at) FROM journal")).scalar()
            connection.rollback()
            ground = Ground(connection, clinics, {}, _instant(wall) + timedelta(seconds=30))
            with connection.begin() as transaction:
                for clinic_id in clinics:
                    held = ground.anchors.setdefault(clinic_id, {})
                    for one in ground.run(audit.heads, service_actor(clinic_id)):
                        held.setdefault(one.stream, {})[one.position] = one.hash
                transaction.rollback()
            yield ground
    finally:
        engine.dispose()


def _instant(value: Any) -> datetime:
    return from_microseconds(value) if isinstance(value, int) else value
