"""What happens by itself: a lapse is kept at its own instant even if nobody looks."""

import time

from sqlalchemy import select

from app.db.journal import entry_of
from app.db.tables import journal
from app.db.work import EVERY_CLINIC
from app.domain.instants import from_text
from app.domain.journal import Kind
from tests.api.bodies import at as minute
from tests.api.bodies import instant
from tests.api.clinic import clinic_on


def kept(clinic):
    """Assessments that changed the flag, straight from the table: no read that would catch up first."""

    def changes(work):
        table = journal.c
        rows = work.all(select(journal).where(table.kind == Kind.ASSESSMENT.value).order_by(table.revision))
        found = [entry_of(row).document for row in rows]
        return [(one["change"], from_text(one["as_of"])) for one in found if one["change"] is not None]

    return clinic.service.database.read_now(changes, EVERY_CLINIC, clinic.service.clock.now())


def test_a_lapse_is_on_record_though_nobody_looked(tmp_path_factory, sqlite_template):
    with clinic_on("sqlite", tmp_path_factory, sqlite_template, jobs=True) as clinic:
        clinic.ready()
        clinic.to(300)
        deadline = time.monotonic() + 30
        while len(kept(clinic)) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert kept(clinic) == [("raised", instant(minute(102))), ("withdrawn", instant(minute(122)))]


def test_a_session_that_cannot_be_worked_out_is_told_to_whoever_runs_the_service(tmp_path_factory, sqlite_template):
    with clinic_on("sqlite", tmp_path_factory, sqlite_template, jobs=True) as clinic:
        clinic.ready()
        told = clinic.service.send("GET", "/health/ready").json()
        named = ["seals", "lapses", "feed", "webhooks", "alerts", "exports", "purge", "clock", "strangers"]
        named += ["hearing", "calls"]
        assert [duty["name"] for duty in told["duties"]] == named
        assert told["late"] == []
        with clinic.service.broken() as patch:
            patch.setattr("app.services.session_work.derive", fails)
            clinic.to(300)
            deadline = time.monotonic() + 30
            while lapses(clinic)["apart"] == 0 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert (lapses(clinic)["apart"], lapses(clinic)["late"]) == (1, False)
            patch.setattr("app.services.duties.LATE", -1)
            told = clinic.service.send("GET", "/health/ready").json()
            assert (told["status"], "lapses" in told["late"]) == ("ready", True)


def fails(*_):
    raise RuntimeError("Zebra Quagga")


def lapses(clinic):
    [found] = [
        duty for duty in clinic.service.send("GET", "/health/ready").json()["duties"] if duty["name"] == "lapses"
    ]
    return found
