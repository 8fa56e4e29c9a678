"""After a restore: who typed stays the author though their sign-in is gone, and what came back is told."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.db.tables import installation, sign_ins
from app.db.work import EVERY_CLINIC, Work
from app.services import clinics
from tests.api.bodies import at, reading
from tests.api.clinic import Clinic, clinic_on
from tests.api.kept_rows import of_kind, record_rows
from tests.api.test_author_tickets import put_reading, refused, ticket_of
from tests.conftest import ENGINES
from tests.tablets_made import known


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def forget_sign_ins(work: Work, clinic_id: UUID, but: UUID) -> None:
    """As if they had begun after the backup: no row knows them."""
    work._connection.execute(
        sign_ins.update()
        .where(sign_ins.c.clinic_id == clinic_id, sign_ins.c.staff_id == but)
        .values(ticket_hash=None, token_hash=f"gone {uuid4()}")
    )
    # and as if nothing was ever brought back before
    work._connection.execute(installation.update().values(restored_at=None, lost_from=None))


def lose(clinic: Clinic, person, *, as_of_minutes: float = -30, restored: bool = True) -> None:
    """The record was brought back from a backup that knew nothing of this person's sign-ins."""
    service = clinic.service
    service.database.write_now(forget_sign_ins, EVERY_CLINIC, service.clock.now(), clinic.id, person.id)
    if restored:
        wall = service.clock.wall()
        as_of = wall + timedelta(minutes=as_of_minutes)
        service.database.write_now(clinics.begin_anew, EVERY_CLINIC, service.clock.now(), uuid4(), wall, as_of)
        # as a service that was started again, it knows which life of the record this is
        life = service.database.read_now(clinics.life, EVERY_CLINIC, service.clock.now())
        service.app.state.frame = replace(service.app.state.frame, life=life)


@pytest.fixture
def treated(clinic: Clinic) -> str:
    return clinic.treated()


def test_a_ticket_of_a_lost_sign_in_still_names_its_author(clinic: Clinic, treated: str):
    author, sender = clinic.hire("nurse"), clinic.clinician
    ticket, reading_id = ticket_of(author), str(uuid4())
    clinic.to(60)
    lose(clinic, author)
    answer = put_reading(treated, sender, ticket, reading_id=reading_id)
    assert answer.status_code == 201, answer.text
    assert answer.json()["recorded_by"]["name"] == author.name
    again = put_reading(treated, sender, ticket, reading_id=reading_id)
    kept = [row for row in of_kind(record_rows(clinic.service), "reading") if reading_id in row]
    assert (again.status_code, len(kept)) == (200, 1)


def test_without_a_restore_a_lost_ticket_opens_nothing(clinic: Clinic, treated: str):
    """The control: the ticket's own words count after a restore alone."""
    author = clinic.hire("nurse")
    ticket = ticket_of(author)
    clinic.to(60)
    lose(clinic, author, restored=False)
    refused(clinic, lambda: put_reading(treated, clinic.clinician, ticket))


@pytest.mark.parametrize("what", ["changed", "before the backup", "another password since"])
def test_no_other_ticket_is_believed(clinic: Clinic, treated: str, what: str):
    author = clinic.hire("nurse")
    ticket = ticket_of(author)
    clinic.to(60)
    match what:
        case "changed":
            ticket = ticket[:30] + ("A" if ticket[30] != "A" else "B") + ticket[31:]
        case "before the backup":
            clinic.service.clock.pass_on_the_wall(20)
    lose(clinic, author, as_of_minutes=0 if what == "before the backup" else -30)
    if what == "another password since":
        clinic.to(61)
        assert clinic.lead.ask("POST", f"/v1/staff/{author.id}/invitation", {}).status_code in {200, 201}
    refused(clinic, lambda: put_reading(treated, clinic.clinician, ticket))


def test_what_came_back_and_what_may_still_lie_on_a_tablet(clinic: Clinic, treated: str):
    tablet, silent = str(uuid4()), str(uuid4())
    for one, name in ((tablet, "Blue"), (silent, "Red")):
        assert clinic.lead.ask("PUT", f"/v1/tablets/{one}", known(one).enrolment(name)).status_code == 201
    clinic.to(62)
    lose(clinic, clinic.hire("nurse"))
    # of the lost time by the clinic's clock, which stands apart from the wall's here
    clinic.to(63)
    contact = {"unsent": 0, "open_sessions": [], "clock_offset_ms": 0}
    # it has not heard of the restore: what was lost may lie on it, whatever it says
    heard = clinic.nurse.ask("PUT", f"/v1/tablets/{tablet}/contact", {**contact, "epoch": str(uuid4())}, expect=200)
    assert "Blue" in {one["name"] for one in clinic.lead.get("/v1/restored")["not_back"]}
    contact["epoch"] = heard.json()["epoch"]
    clinic.nurse.ask("PUT", f"/v1/tablets/{tablet}/contact", contact, expect=200)
    clinic.nurse.put(f"/v1/sessions/{treated}/readings/{uuid4()}", reading(50))
    told = clinic.lead.get("/v1/restored")
    assert told["restored_at"] == at(62)
    assert {"kind": "reading", "count": 1} in told["came_back"]
    assert "Red" in {one["name"] for one in told["not_back"]}
    assert {one["name"] for one in told["back"]} == {"Blue"}
    clinic.nurse.ask("PUT", f"/v1/tablets/{tablet}/contact", {**contact, "unsent": 2}, expect=200)
    told = clinic.lead.get("/v1/restored")
    assert [one["unsent"] for one in told["not_back"] if one["name"] == "Blue"] == [2]
    assert told["back"] == []
    clinic.nurse.problem("GET", "/v1/restored", status=403)


def test_what_was_typed_in_the_second_of_the_backup_came_back_too(clinic: Clinic, treated: str):
    clinic.to(64)
    second = clinic.service.clock.now().replace(microsecond=0)
    clinic.to(65)
    now, wall = clinic.service.clock.now(), second + timedelta(milliseconds=700)
    clinic.service.database.write_now(forget_sign_ins, EVERY_CLINIC, now, clinic.id, clinic.hire("nurse").id)
    clinic.service.database.write_now(clinics.begin_anew, EVERY_CLINIC, now, uuid4(), wall, wall)
    clinic.to(66)
    typed = {**reading(50), "measured_at": second.strftime("%Y-%m-%dT%H:%M:%SZ")}
    clinic.nurse.put(f"/v1/sessions/{treated}/readings/{uuid4()}", typed)
    assert {"kind": "reading", "count": 1} in clinic.lead.get("/v1/restored")["came_back"]


def test_the_clock_names_the_life_of_the_record(clinic: Clinic):
    said = clinic.service.send("GET", "/v1/clock").json()
    assert UUID(said["epoch"])
    contact = {"unsent": 0, "open_sessions": [], "clock_offset_ms": 0}
    heard = clinic.nurse.ask("PUT", f"/v1/tablets/{uuid4()}/contact", contact).json()
    assert (heard["epoch"], heard["offer_from"]) == (said["epoch"], said["offer_from"])


def test_no_flag_is_met_while_a_tablet_does_not_know_of_the_restore(clinic: Clinic):
    session_id, tablet = clinic.ready(), str(uuid4())
    lose(clinic, clinic.hire("nurse"))
    contact = {"unsent": 0, "open_sessions": [session_id], "clock_offset_ms": 0}

    def stands(**said: str) -> str:
        told = clinic.nurse.ask("PUT", f"/v1/tablets/{tablet}/contact", {**contact, **said}, expect=200).json()
        return told["sessions"][0]["readiness"]["status"]

    life = str(clinic.service.app.state.frame.life.epoch)
    assert stands(epoch=life) == "met"
    assert stands(epoch=str(uuid4())) == "not-met"
    assert stands() == "not-met", "one that says nothing of it"
    assert stands(epoch=life) == "met"
