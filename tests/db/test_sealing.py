"""Secrets at rest: each opens in its own place alone, with its key alone; and the database by itself opens none."""

import base64
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url, select, update

from app.db import enrolments, sealing, second_factors, sign_ins, tablet_keys
from app.db.engine import open_database
from app.db.keys import KeyMissing, KeyPlace, Keys, UnsafeKeys, written
from app.db.sealing import DoesNotOpen, seal, sealed_columns, unseal
from app.db.sign_ins import SignIn
from app.db.tables import metadata, webhooks
from app.db.work import EVERY_CLINIC, service_actor
from app.domain.providers import Provider
from app.domain.tablets import Tablet
from app.domain.webhooks import Webhook
from app.exchange.base64url import encoded
from app.exchange.web_push import PushSender
from app.services import alerts, providers, sealed_secrets, second_factor
from app.services import webhooks as service
from tests import keys, postgres
from tests.db.filled import NOW, fill

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WEBHOOK, OLD_WEBHOOK = "whsec_" + "new" * 14, "whsec_" + "old" * 14
OUTBOX = base64.b64encode(b"key of an outbox" * 2).decode()
AUTH = encoded(b"auth of a tablet")
PROVIDER = "what we show our provider"


@dataclass
class Secrets:
    """A clinic that has a secret of each kind."""

    filled: object
    webhook: Webhook
    nonce: str


def keep_all(database) -> Secrets:
    filled = fill(database)
    tablet, nonce = uuid4(), second_factor.new_nonce()
    hook = Webhook(
        uuid4(), filled.clinic.id, "https://records.example/", None, False, False, OLD_WEBHOOK, None, None, None, NOW
    )
    who = replace(service_actor(filled.clinic.id), staff_id=filled.staff_id, sign_in_id=filled.sign_in_id)

    def keep(work):
        service.add(work, hook)
        service.rotate(work, hook.id, WEBHOOK, NOW)
        enrolments.keep(work, tablet, Tablet("Chair 3"), 1)
        tablet_keys.keep(work, tablet, OUTBOX)
        other = uuid4()
        sign_ins.add(work, SignIn(other, work.clinic_id, filled.staff_id, "h", NOW, NOW, NOW + timedelta(hours=1)))
        second_factor.begin_digits(work, nonce, TOTP, NOW)
        mine = second_factors.digits(work, filled.staff_id)
        kept = second_factors.sealed_totp(work, filled.staff_id, TOTP)
        second_factors.set_digits(work, filled.staff_id, replace(mine, totp=kept))
        providers.put(work, Provider("Clinic ID", "https://id.example", "us"), PROVIDER, None)
        alerts.subscribe(work, tablet, "https://push.example/1", PushSender.of(bytes(32)).public, AUTH)

    database.write_now(keep, who, NOW)
    return Secrets(filled, hook, nonce)


def plain(database) -> set[str]:
    """What must stand nowhere."""
    own = database.read_now(lambda work: {sealing.own_key(work).hex(), sealing.push_key(work).hex()}, EVERY_CLINIC, NOW)
    return {TOTP, WEBHOOK, OLD_WEBHOOK, OUTBOX, AUTH, PROVIDER, *own}


def backup(database, url: str) -> bytes:
    """All that a copy of the database alone says: the file, or every row of every table."""
    if database.name == "sqlite":
        database.close()
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    with postgres.as_owner(make_url(url).database) as owner:
        rows = [owner.execute(f"SELECT t::text FROM {name} t").fetchall() for name in metadata.tables]
    return repr(rows).encode()


@pytest.fixture
def kept(database) -> Secrets:
    return keep_all(database)


# --- the database alone ----------------------------------------------------------------------------------------------


def test_a_backup_of_the_database_alone_opens_no_secret(database, database_url, kept):
    found = plain(database)
    said = backup(database, database_url)
    assert b"https://records.example/" in said, "the positive control: what is no secret is found"
    assert [secret for secret in found if secret.encode() in said] == []


def test_what_is_not_sealed_is_found_in_it(database, database_url, monkeypatch):
    """The positive control: the same, with the seal left out."""
    monkeypatch.setattr(sealing, "number_of", lambda _: 1)
    monkeypatch.setattr(sealing, "_seal", lambda _keys, _number, _column, _row, text: text)
    monkeypatch.setattr(sealing, "_unseal", lambda _keys, _column, _row, text: text)
    keep_all(database)
    said = backup(database, database_url)
    assert all(secret.encode() in said for secret in (TOTP, WEBHOOK, OLD_WEBHOOK, OUTBOX, AUTH))


HASHES = "hash of chance: nobody can be told what it is of"
PUBLIC = "public: whoever has it can do nothing with it"
HARMLESS = {
    "attempts.key": HASHES,
    "client_assertions.jti_hash": HASHES,
    "client_tokens.token_hash": HASHES,
    "clients.keys": PUBLIC,
    "clients.keys_url": PUBLIC,
    "credentials.invitation_hash": HASHES,
    "credentials.password_hash": HASHES,
    "enrolments.public_key": PUBLIC,
    "journal.hash": PUBLIC,
    "journeys.browser_hash": HASHES,
    "journeys.invitation_hash": HASHES,
    "installation.first_run_hash": HASHES,
    "journeys.key_hash": HASHES,
    "known_places.key": HASHES,
    "log_links.hash": PUBLIC,
    "log_links.head_hash": PUBLIC,
    "log_links.prev_hash": PUBLIC,
    "passkeys.public_key": PUBLIC,
    "patient_keys.key": "what a patient is searched by: the record itself",
    "pins.device_hash": HASHES,
    "pins.pin_hash": "a hash of few digits, which counts only together with the tablet's own secret",
    "protocol_versions.hash": PUBLIC,
    "push_subscriptions.p256dh": PUBLIC,
    "recovery_codes.code_hash": HASHES,
    "second_factors.totp_step": PUBLIC,
    "sessions.chair_key": "what a chair is searched by: the record itself",
    "sessions.hash": PUBLIC,
    "sign_ins.pin_tries": PUBLIC,
    "sign_ins.ticket_hash": HASHES,
    "sign_ins.token_hash": HASHES,
    "streams.hash": PUBLIC,
    "tablet_numbers.public_key": PUBLIC,
    "walls.token_hash": HASHES,
}
SUSPECT = re.compile(r"secret|key|token|hash|auth|totp|password|seed|pin_|p256|code_")


def test_whatever_sounds_like_a_secret_is_sealed_or_said_to_be_none():
    suspects = {f"{t.name}.{c.name}" for t in metadata.tables.values() for c in t.c if SUSPECT.search(c.name)}
    sealed = {f"{column.table.name}.{column.name}" for column in sealed_columns()}
    assert suspects - sealed == set(HARMLESS)


def test_there_is_a_secret_of_each_kind(database, kept):
    """Or the tests here would prove nothing of a column that came since."""
    found = database.read_now(sealed_secrets.each, EVERY_CLINIC, NOW)
    assert {one.place.split()[0] for one in found} == {f"{c.table.name}.{c.name}" for c in sealed_columns()}
    assert all(one.opens and one.number == 1 for one in found)


# --- one place, one key ----------------------------------------------------------------------------------------------


def test_a_secret_opens_where_it_was_sealed(database, kept):
    def read(work):
        found = service.webhooks.opened(work, kept.webhook.id)
        return found.secret, found.old_secret, second_factors.take(work, kept.filled.staff_id, kept.nonce, "x", NOW)

    secret, old, taken = database.write_now(read, kept.filled.actor, NOW)
    assert (secret, old, taken) == (WEBHOOK, OLD_WEBHOOK, None)


@pytest.mark.parametrize("place", ["row", "column", "clinic"])
def test_moved_elsewhere_it_does_not_open(database, kept, place):
    column, row = webhooks.c.secret, {"clinic_id": kept.filled.clinic.id, "id": kept.webhook.id}
    other = {
        "row": (column, {**row, "id": uuid4()}),
        "column": (webhooks.c.old_secret, row),
        "clinic": (column, {**row, "clinic_id": uuid4()}),
    }[place]

    def look(work):
        text = work.first(select(column)).secret
        assert unseal(work, column, text, **row) == WEBHOOK
        with pytest.raises(DoesNotOpen):
            unseal(work, other[0], text, **other[1])

    database.read_now(look, kept.filled.actor, NOW)


def test_without_its_place_it_would_open_anywhere(database, kept, monkeypatch):
    """The positive control of the test above."""
    monkeypatch.setattr(sealing, "_place", lambda *_: b"")

    def look(work):
        text = seal(work, webhooks.c.secret, WEBHOOK, id=kept.webhook.id)
        return unseal(work, webhooks.c.old_secret, text, id=uuid4())

    assert database.write_now(look, kept.filled.actor, NOW) == WEBHOOK


def test_a_changed_text_or_another_key_opens_nothing(database, kept):
    place = {"id": kept.webhook.id}

    def look(work):
        text = work.first(select(webhooks.c.secret)).secret
        raw = bytearray(base64.urlsafe_b64decode(text[2:]))
        raw[-1] ^= 1
        for wrong in (f"1.{base64.urlsafe_b64encode(raw).decode()}", "1.", "1.AAAA", WEBHOOK, "", text[:-8]):
            with pytest.raises(DoesNotOpen):
                unseal(work, webhooks.c.secret, wrong, **place)
        with pytest.raises(KeyMissing):
            unseal(work, webhooks.c.secret, f"2{text[1:]}", **place)
        work.keys = Keys(keys.PLACE, {1: TWO})
        with pytest.raises(DoesNotOpen):
            unseal(work, webhooks.c.secret, text, **place)

    database.read_now(look, kept.filled.actor, NOW)


def test_the_same_secret_is_never_sealed_alike(database, kept):
    def look(work):
        return {seal(work, webhooks.c.secret, WEBHOOK, id=kept.webhook.id) for _ in range(50)}

    assert len(database.write_now(look, kept.filled.actor, NOW)) == 50


def test_a_secret_that_does_not_open_is_named_and_its_row_can_be_removed(database, kept):
    broken = update(webhooks).values(secret="1.AAAA")
    kept.filled.write(lambda work: work.change(broken, {}))
    wrong = [one.place for one in database.read_now(sealed_secrets.each, EVERY_CLINIC, NOW) if not one.opens]
    assert wrong == [f"webhooks.secret {kept.filled.clinic.id}/{kept.webhook.id}"]
    assert len(database.read_now(service.states, kept.filled.actor, NOW)) == 1
    database.write_now(service.remove, kept.filled.actor, NOW, kept.webhook.id)


# --- at the start ----------------------------------------------------------------------------------------------------


def text(given: dict[int, bytes]) -> KeyPlace:
    return KeyPlace(text=written(given))


def refusal(url: str, place: KeyPlace) -> str:
    with pytest.raises(UnsafeKeys) as refused:
        open_database(url, keys=place)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_the_first_key_is_the_databases_own_from_then_on(database_url, tmp_path):
    open_database(database_url, keys=text({1: ONE})).close()
    open_database(database_url, keys=text({1: ONE})).close()
    open_database(database_url, keys=text({2: TWO, 1: ONE})).close()
    assert "another than the one that sealed" in refusal(database_url, text({1: TWO}))
    assert "key 1 is not in SECRETS_KEY" in refusal(database_url, text({2: ONE}))
    missing = KeyPlace(tmp_path / "gone", makes=True)
    assert f"there is no key at {tmp_path}/gone, and the secrets" in refusal(database_url, missing)
    assert not missing.path.exists(), "a key that is gone is never made anew by itself"
    assert "SECRETS_KEY_FILE" in refusal(database_url, KeyPlace())


def test_a_file_is_made_only_where_nothing_was_sealed_and_only_where_it_may_be(database_url, tmp_path):
    assert "secrets new" in refusal(database_url, KeyPlace(tmp_path / "keys"))
    place = KeyPlace(tmp_path / "keys", makes=True)
    open_database(database_url, keys=place).close()
    assert set(place.keys()) == {1}
    open_database(database_url, keys=KeyPlace(tmp_path / "keys")).close()


def test_a_key_that_something_still_needs_is_asked_for_at_the_start(database_url, database, kept):
    database.close()
    both = open_database(database_url, keys=text({1: ONE, 2: TWO}))
    both.write_now(sealing.begin_newest, EVERY_CLINIC, NOW)
    both.close()
    assert "key 1 is not in SECRETS_KEY" in refusal(database_url, text({2: TWO}))
    open_database(database_url, keys=text({1: ONE, 2: TWO})).close()


def test_without_keys_a_database_opens_and_no_secret_does(database_url, database, kept):
    database.close()
    copy = open_database(database_url)
    with pytest.raises(AssertionError, match="without its keys"):
        copy.read_now(sealing.own_key, EVERY_CLINIC, NOW)
    copy.close()
