"""A clinic never loses its last lead, not even when two leads end each other at the same moment."""

import asyncio
import threading
from dataclasses import replace
from uuid import uuid4

import pytest

from app.domain.people import Role, Staff
from app.services import staff
from tests.factories import asked, at
from tests.services.ward import Ward


@pytest.fixture
def ward(database) -> Ward:
    return Ward(database)


def end_each_other(ward: Ward) -> list[object]:
    """What came of it: a refusal, or what was kept."""
    leads = {uuid4(): Staff(f"lead-{n}", f"Lead {n}", Role.LEAD) for n in range(2)}
    for key, person in leads.items():
        ward.write(staff.put, key, person, "hash", None, at(0))
    together = threading.Barrier(2)

    def end(work, key, person):
        if ward.database.name == "postgresql":
            together.wait(30)
        return staff.put(work, key, replace(person, active=False), None, 1, at(0))

    async def both():
        works = (ward.database.write(end, ward.nurse, asked(at(0)), key, person) for key, person in leads.items())
        return await asyncio.gather(*works, return_exceptions=True)

    return asyncio.run(both())


def test_of_two_leads_who_end_each_other_one_stays(ward):
    assert [isinstance(outcome, staff.LastLead) for outcome in end_each_other(ward)].count(True) == 1


def test_without_the_lock_none_would_stay(ward, monkeypatch):
    """The positive control: both have looked before either writes. SQLite's one writer needs no lock."""
    both_looked = threading.Barrier(2)

    def unlocked(work):
        found = tuple(key for key, _, one in staff.staff.page(work, None, 9) if one.role is Role.LEAD and one.active)
        if ward.database.name == "postgresql":
            both_looked.wait(30)
        return found

    monkeypatch.setattr(staff.staff, "lock_leads", unlocked)
    refused = [isinstance(outcome, staff.LastLead) for outcome in end_each_other(ward)].count(True)
    assert refused == (0 if ward.database.name == "postgresql" else 1)
