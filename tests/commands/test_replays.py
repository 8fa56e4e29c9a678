"""`assess` shows nothing of a patient to whoever only may start programs here."""

from uuid import UUID, uuid4

import pytest

from app.db import clinics
from app.db.engine import open_database
from app.db.work import EVERY_CLINIC, service_actor
from app.domain.people import Role, Staff
from app.services import audit, staff
from app.services.passwords import hash_now
from tests.commands.shell import Shell
from tests.factories import PASSWORD, at
from tests.services.ward import Ward


@pytest.fixture
def session_id(database_url: str) -> UUID:
    """A session in a clinic with a nurse and an operator who have passwords."""
    opened = open_database(database_url)
    ward = Ward(opened)
    for role in (Role.NURSE, Role.OPERATOR):
        person = Staff(role.value, role.value.title(), role)
        ward.write(staff.add, uuid4(), person, hash_now(PASSWORD), who=service_actor(ward.clinic.id))
    made = ward.ready()
    opened.close()
    return made


def reasons(database_url: str, session_id: UUID) -> list[str | None]:
    """Those on record for looking at this session without somebody who may."""
    opened = open_database(database_url)
    (home,) = opened.read_now(clinics.all_clinics, EVERY_CLINIC, at(500))
    filters = audit.Filters(session_id, None, None, "break-glass.used", None, None)
    events, _ = opened.read_now(audit.read_page, service_actor(home.id), at(500), filters, None, 50)
    opened.close()
    return [event.reason for event in events]


@pytest.mark.parametrize("more", [(), ("--at", at(100).isoformat())])
def test_nothing_is_shown_to_nobody_in_particular(shell: Shell, session_id: UUID, more: tuple[str, ...]):
    for arguments in ((), ("--username", "nurse", "--break-glass", "both")):
        assert "say --username" in shell.fails("assess", str(session_id), *more, *arguments)
        assert shell.out == ""
    assert "a reason" in shell.fails("assess", str(session_id), *more, "--break-glass", " ")
    assert "nothing was shown" in shell.fails("assess", str(session_id), *more, "--username", "nurse", typed="wrong\n")
    assert "operator" in shell.fails("assess", str(session_id), *more, "--username", "operator", typed=PASSWORD + "\n")
    assert shell.out == ""


@pytest.mark.parametrize("more", [(), ("--at", at(100).isoformat())])
def test_somebody_who_may_see_patients_looks(shell: Shell, session_id: UUID, more: tuple[str, ...], database_url: str):
    assert shell("assess", str(session_id), *more, "--username", "nurse", typed=PASSWORD + "\n") == 0, shell.err
    assert shell.out
    assert reasons(database_url, session_id) == []


@pytest.mark.parametrize("more", [(), ("--at", at(100).isoformat())])
def test_a_reason_is_on_record_before_anything_is_shown(
    shell: Shell, session_id: UUID, more: tuple[str, ...], database_url: str
):
    assert shell("assess", str(session_id), *more, "--break-glass", "a complaint, 12/26") == 0, shell.err
    assert shell.out
    assert reasons(database_url, session_id) == ["a complaint, 12/26"]
