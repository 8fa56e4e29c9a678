"""webhook: registered by the operator alone; the secret is shown once; what cannot be right is one clear line."""

import re

import pytest

from tests.commands.shell import Shell

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def added(clinic: Shell, *options: str) -> tuple[str, str]:
    arguments = ("--clinic", "Lakeside", "--url", "https://records.example/in?key=1")
    assert clinic("webhook", "add", *arguments, *options) == 0, clinic.err
    [webhook] = re.findall(r"Webhook ([0-9a-f-]{36}) added", clinic.out)
    [secret] = SECRET.findall(clinic.out)
    return webhook, secret


def test_a_webhook_from_registration_to_removal(clinic: Shell) -> None:
    webhook, secret = added(clinic, "--kinds", "readiness.raised, readiness.withdrawn")
    home = ("--clinic", "Lakeside")
    assert clinic("webhook", "list") == 0
    assert webhook in clinic.out
    assert "readiness.raised,readiness.withdrawn  0 waiting, 0 dead  Lakeside" in clinic.out
    assert secret not in clinic.out
    assert clinic("webhook", "rotate", webhook, *home) == 0
    assert SECRET.findall(clinic.out) not in ([], [secret])
    assert clinic("webhook", "pause", webhook, *home) == 0
    clinic("webhook", "list", *home)
    assert "paused: by the operator" in clinic.out
    assert clinic("webhook", "resume", webhook, *home) == 0
    clinic("webhook", "list", *home)
    assert "paused" not in clinic.out
    assert clinic("webhook", "dead", webhook, *home) == 0
    assert clinic.out == ""
    assert "given up" in clinic.fails("webhook", "resend", webhook, *home)
    assert "no delivery" in clinic.fails("webhook", "resend", webhook, *home, "--position", "1").lower()
    assert clinic("webhook", "remove", webhook, *home) == 0
    clinic("webhook", "list")
    assert clinic.out == ""
    assert "no webhook" in clinic.fails("webhook", "pause", webhook, *home)


def test_another_clinic_s_webhook_is_as_good_as_unknown(clinic: Shell) -> None:
    webhook, _ = added(clinic)
    assert clinic("clinic", "create", "Hillside") == 0
    for verb in ("remove", "rotate", "pause", "resume", "dead", "resend"):
        assert "no webhook" in clinic.fails("webhook", verb, webhook, "--clinic", "Hillside")


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("http://records.example/", (), "https://"),
        ("https://127.0.0.1/", (), "127.0.0.1"),
        ("https://169.254.169.254/", ("--allow-private",), "169.254.169.254"),
        ("https://a:b@records.example/", (), "user name"),
        ("https://records.example/", ("--kinds", "reading.weighed"), "no kind reading.weighed"),
    ],
)
def test_what_cannot_be_registered(clinic: Shell, url: str, options: tuple[str, ...], says: str) -> None:
    assert says in clinic.fails("webhook", "add", "--clinic", "Lakeside", "--url", url, *options)
    clinic("webhook", "list")
    assert clinic.out == ""


def test_the_secret_is_in_no_audit(clinic: Shell, database_url: str) -> None:
    from sqlalchemy import text

    from app.db.engine import open_database
    from app.db.work import EVERY_CLINIC
    from tests.factories import NOON

    _, secret = added(clinic)
    database = open_database(database_url)
    rows = database.read_now(lambda work: work.all(text("SELECT * FROM journal")), EVERY_CLINIC, NOON)
    database.close()
    assert "webhook.added" in str(rows)
    assert "records.example" in str(rows)
    assert secret not in str(rows)
