"""A second clinic of the same organisation on the same service, with people of its own."""

from copy import copy
from uuid import UUID, uuid4

from app.commands.running import operator
from app.domain.people import Clinic as ClinicValue
from app.domain.people import Role, Staff
from app.domain.signatures import Signing
from app.services import clinics, organisations, passwords, staff
from tests.browser.clinic import PASSWORD, Clinic

NAME = "South Clinic"


def of_one_organisation(clinic: Clinic) -> UUID:
    """A further clinic without anybody in it, as the operator's commands make it; its id."""
    home, other = UUID(clinic.ask(clinic.lead, "GET", "/v1/account")["clinic"]["id"]), uuid4()
    database, now = clinic.app.state.frame.database, clinic.clock.now()
    value = ClinicValue(other, NAME, "Europe/London")
    database.write_now(clinics.create, operator(other), now, value, Signing.PASSWORD)
    for each in (home, other):
        database.write_now(organisations.put, operator(each), now, "Two Rivers")
    return other


def sister_of(clinic: Clinic) -> Clinic:
    """The further clinic with a lead, a nurse and a clinician: the same service, asked by other people."""
    there, sister = of_one_organisation(clinic), copy(clinic)
    lead = Staff("sam", "Sam Lead", Role.LEAD)
    database, now = clinic.app.state.frame.database, clinic.clock.now()
    database.write_now(staff.add, operator(there), now, uuid4(), lead, passwords.hash_now(PASSWORD))
    sister.lead = sister._signed_in(lead.username)
    sister.nurse = sister._add("Nina Nurse", "nurse")
    sister.clinician = sister._add("Carl Clinician", "clinician")
    approve = "/v1/protocols/iv-infusion-example/versions/1/approve"
    sister.ask(sister.clinician, "POST", approve, {"password": PASSWORD}, revision=1)
    return sister
