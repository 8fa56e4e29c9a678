"""Who acts where the operator may not: a person of the clinic, by username, their password on standard input."""

from app.commands.running import Running, Stop, read_code, read_password
from app.db.work import EVERY_CLINIC
from app.domain.people import Act, Actor, Clinic, Itself, check_may
from app.domain.signatures import ProofKind, SignatureProof, Signing
from app.services import second_factor, sign_in, signing
from app.services.passwords import matches_now


def person(run: Running, home: Clinic | None, username: str, act: Act, nothing: str) -> Actor:
    """The person, proved by password and allowed to `act`: of `home`, or of whichever clinic their account is in.

    Raises `Stop` (ending in `nothing`) or `RoleMayNot`. A wrong password is counted and audited as at the service.
    """
    now = run.now()
    found = run.database.read_now(sign_in.credentials_of, EVERY_CLINIC, now, username)
    password = read_password()
    if found is not None and home is not None and found.clinic_id != home.id:
        found = None
    if found is None or found.password_hash is None or not matches_now(found.password_hash, password):
        clinic_id = home.id if home else found.clinic_id if found else None
        if clinic_id is not None:
            actor = Actor(clinic_id, found.staff_id if found else None, username, Itself.SERVICE)
            run.write(sign_in.record_failure, actor, username)
        raise Stop(f"username or password is wrong, or not of this clinic; {nothing}")
    if found.must_change:
        raise Stop(f"this password has to be changed at the first sign-in before it opens anything; {nothing}")
    actor = Actor(found.clinic_id, found.staff_id, found.staff.name, found.staff.role)
    check_may(actor, act)
    return actor


def prove(run: Running, actor: Actor, nothing: str) -> SignatureProof:
    """What the person signs with, beside the password they have given. Raises `Stop`, ending in `nothing`."""
    if run.database.read_now(signing.current, actor, run.now()) is Signing.PASSWORD:
        return SignatureProof(ProofKind.PASSWORD)
    refusal = run.write(second_factor.check_code, actor, read_code(), run.clock.wall(), signs=True)
    if refusal is not None:
        raise Stop(f"{refusal.detail.split(chr(10))[0]} ({nothing})")
    return SignatureProof(ProofKind.PASSWORD_AND_CODE)
