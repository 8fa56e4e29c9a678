"""Who acts where the operator may not: a person of the clinic, by username, their password on standard input."""

from app.commands.running import Running, Stop, read_password
from app.db.work import NOBODY
from app.domain.people import Act, Actor, Clinic, Itself, check_may
from app.services import sign_in
from app.services.passwords import matches_now


def person(run: Running, home: Clinic | None, username: str, act: Act, nothing: str) -> Actor:
    """The person, proved by password and allowed to `act`: of `home`, or of whichever clinic their account is in.

    Raises `Stop` (ending in `nothing`) or `RoleMayNot`. A wrong password is counted and audited as at the service.
    """
    now = run.now()
    found = run.database.read_now(sign_in.credentials_of, NOBODY, now, username)
    password = read_password()
    if found is not None and home is not None and found.clinic_id != home.id:
        found = None
    if found is None or found.password_hash is None or not matches_now(found.password_hash, password):
        clinic_id = home.id if home else found.clinic_id if found else None
        if clinic_id is not None:
            actor = Actor(clinic_id, found.staff_id if found else None, username, Itself.SERVICE)
            run.write(sign_in.record_failure, actor, username)
        raise Stop(f"username or password is wrong, or not of this clinic; {nothing}")
    actor = Actor(found.clinic_id, found.staff_id, found.staff.name, found.staff.role)
    check_may(actor, act)
    return actor
