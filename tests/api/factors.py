"""Second factors of people in tests: added as their owners add them, and answers as their devices give them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pyotp

from app.db import identities, second_factors
from app.db import signing as kept_signing
from app.db.second_factors import Digits
from app.db.work import Work, service_actor
from app.domain.providers import Identity
from app.domain.signatures import Signing, SigningPolicy
from tests.api.bodies import PASSWORD
from tests.api.clinic import Clinic, Person
from tests.authenticator import Authenticator, decode, digest

ACCOUNT = "/v1/account"


def owner(**other: Any) -> dict[str, Any]:
    """What shows that an account is one's own, and whatever else."""
    return {"password": PASSWORD, **other}


def nonce(who: Person) -> str:
    """For one answer."""
    return str(who.post(f"{ACCOUNT}/nonces", None)["nonce"])


def made_passkey(who: Person, device: Authenticator, **proof: Any) -> dict[str, str]:
    """What a browser sends of a new passkey."""
    begun = who.post(f"{ACCOUNT}/passkeys/begin", owner(**proof))
    assert begun["party"] == device.party
    return {"nonce": begun["nonce"], "name": "phone", **device.make(decode(begun["challenge"]))}


def add_passkey(who: Person, device: Authenticator, **proof: Any) -> dict[str, Any]:
    """Keeps it."""
    added: dict[str, Any] = who.post(f"{ACCOUNT}/passkeys", made_passkey(who, device, **proof))
    return added


def begun_digits(who: Person, **proof: Any) -> tuple[pyotp.TOTP, dict[str, str]]:
    """An authenticator app with a new secret, and what shows that it has it."""
    begun = who.post(f"{ACCOUNT}/six-digits/begin", owner(**proof))
    digits = pyotp.TOTP(begun["secret"])
    return digits, {"nonce": begun["nonce"], "code": digits.at(who.service.clock.wall())}


def add_digits(who: Person, **proof: Any) -> pyotp.TOTP:
    """The app, once it counts."""
    digits, body = begun_digits(who, **proof)
    who.ask("POST", f"{ACCOUNT}/six-digits", body, expect=204)
    return digits


def next_code(who: Person, digits: pyotp.TOTP) -> str:
    """Half a minute later."""
    who.service.clock.pass_on_the_wall(0.5)
    return digits.at(who.service.clock.wall())


def for_owner(who: Person, device: Authenticator, what: str, **says: Any) -> dict[str, str]:
    """The device's answer that its owner adds or removes a factor, or makes recovery codes."""
    return device.answer(nonce(who), digest(what, who.id, says))


# --- for whoever walks all operations --------------------------------------------------------------------------------


def bare(clinic: Clinic, who: Person) -> None:
    """The person has nothing beside their password, as on their first day."""

    def forget(work: Work) -> None:
        second_factors.drop_passkeys(work, UUID(who.id))
        second_factors.set_digits(work, UUID(who.id), Digits())
        second_factors.set_codes(work, UUID(who.id), ())

    service = clinic.service
    service.database.write_now(forget, service_actor(clinic.id), service.clock.now())


def _with_passkey(clinic: Clinic, who: Person) -> Authenticator:
    bare(clinic, who)
    device = Authenticator()
    add_passkey(who, device)
    return device


def _passkey(clinic: Clinic, who: Person) -> dict[str, Any]:
    bare(clinic, who)
    return made_passkey(who, Authenticator())


def _digits(clinic: Clinic, who: Person) -> dict[str, Any]:
    bare(clinic, who)
    return begun_digits(who)[1]


def _begin(clinic: Clinic, who: Person) -> dict[str, Any]:
    bare(clinic, who)
    return owner()


def _remove(clinic: Clinic, who: Person) -> dict[str, Any]:
    device = _with_passkey(clinic, who)
    return owner(factor=device.id, passkey=for_owner(who, device, "remove-factor", factor=device.id))


def _codes(clinic: Clinic, who: Person) -> dict[str, Any]:
    device = _with_passkey(clinic, who)
    return owner(passkey=for_owner(who, device, "recovery-codes"))


def _linked(clinic: Clinic, who: Person) -> dict[str, Any]:
    """The person has an identity at a provider, and takes it away."""

    def link(work: Work) -> None:
        identities.put(work, UUID(who.id), Identity("https://login.example/realm", who.id))

    service = clinic.service
    service.database.write_now(link, service_actor(clinic.id), service.clock.now())
    return owner()


def loosening(clinic: Clinic, who: Person) -> dict[str, Any]:
    """Where a second factor is needed, from now on the password alone is to be enough."""

    def stricter(work: Work) -> None:
        found = kept_signing.find(work)
        assert found is not None
        if found.value.signing is Signing.PASSWORD:
            kept_signing.keep(work, SigningPolicy(Signing.SECOND_FACTOR), found.revision + 1)

    device, service = _with_passkey(clinic, who), clinic.service
    service.database.write_now(stricter, service_actor(clinic.id), service.clock.now())
    signed = digest("signing-policy", str(clinic.id), {"signing": "password"})
    return {"signing": "password", "passkey": device.answer(nonce(who), signed)}


OF_OWN: dict[tuple[str, str], Callable[[Clinic, Person], dict[str, Any]]] = {
    ("POST", f"{ACCOUNT}/passkeys/begin"): _begin,
    ("POST", f"{ACCOUNT}/passkeys"): _passkey,
    ("POST", f"{ACCOUNT}/six-digits/begin"): _begin,
    ("POST", f"{ACCOUNT}/six-digits"): _digits,
    ("POST", f"{ACCOUNT}/second-factor/remove"): _remove,
    ("POST", f"{ACCOUNT}/recovery-codes"): _codes,
    ("POST", f"{ACCOUNT}/identity/unlink"): _linked,
}
"""What is asked with something that only who asks has, and that is good once."""
