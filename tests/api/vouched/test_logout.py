"""The provider says that somebody has signed out there: their sign-ins end here, in every process.

Each lie is refused. The provider is the one that signs people in here, and signs what it posts with its own key.
"""

import time
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.clinic import another_clinic, code_of
from tests.api.kept_rows import newest_audit
from tests.api.vouching import HERE, as_person, linked, settle
from tests.exchange.openid_provider import SECRET, by_secret, es256, rs256, unsigned

FORM = "application/x-www-form-urlencoded"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def posted(clinic, token, *, to=None, content_type=FORM):
    """What the provider posts."""
    raw = urlencode({"logout_token": token}).encode()
    path = f"/v1/sign-in/provider/{to or clinic.id}/logout"
    return clinic.service.send("POST", path, raw=raw, headers={"Content-Type": content_type})


def until(asked, wanted):
    """Asks again until that is the answer; a busy machine is waited for."""
    over = time.monotonic() + 30
    while (found := asked()) != wanted and time.monotonic() < over:
        time.sleep(0.1)
    assert found == wanted


def is_in(person):
    return person.ask("GET", "/v1/account").status_code == 200


@pytest.fixture
def nurse(clinic, provider):
    """Signed in by password, and linked."""
    hired = clinic.hire("nurse")
    linked(hired, provider, f"nurse {hired.username}")
    return hired


@pytest.fixture
def subject(nurse):
    return f"nurse {nurse.username}"


# --- what ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["logout+jwt", "JWT", None])
def test_every_sign_in_of_whoever_signed_out_there_ends_here(clinic, provider, nurse, subject, browser, kind):
    other = clinic.hire("nurse")
    there = as_person(clinic.service, browser.go(subject, clinic=str(clinic.id)))
    provider.header = {"typ": kind}
    assert is_in(nurse)
    assert is_in(there)
    answer = posted(clinic, provider.logout_token(subject))
    assert (answer.status_code, answer.json()) == (200, {"signed_out": True})
    assert answer.headers["cache-control"] == "no-store"
    assert not is_in(nurse)
    assert not is_in(there)
    assert is_in(other)
    trace = newest_audit(clinic.service, 20)
    (ended,) = [one for one in trace if one.action == "sign-ins.ended" and str(one.subject_id) == nurse.id]
    assert ended.reason == "signed-out-at-the-provider"


def test_it_ends_in_every_process(clinic, provider, nurse, subject):
    settings = Settings(database_url=clinic.service.url, public_url=HERE)
    with TestClient(create_app(settings, clinic.service.clock)) as far:
        bearer = {"Authorization": f"Bearer {nurse.token}"}
        assert far.get("/v1/account", headers=bearer).status_code == 200
        assert posted(clinic, provider.logout_token(subject)).status_code == 200
        # it is remembered there for a second at most
        until(lambda: far.get("/v1/account", headers=bearer).status_code, 401)


def test_who_signs_in_again_stays_in(clinic, provider, nurse, subject, browser):
    token = provider.logout_token(subject)
    assert posted(clinic, token).status_code == 200
    again = as_person(clinic.service, browser.go(subject, clinic=str(clinic.id)))
    assert posted(clinic, token).status_code == 400, "the same token once more"
    assert is_in(again)


def test_of_somebody_who_is_unknown_here_nothing_ends_and_nothing_is_told(clinic, provider, nurse):
    answer = posted(clinic, provider.logout_token(f"nobody {uuid4()}"))
    assert (answer.status_code, answer.json()) == (200, {"signed_out": True})
    assert is_in(nurse)


# --- what is refused -------------------------------------------------------------------------------------------------


def why(clinic, nurse, answer):
    """Why it was refused, by the record; nobody was signed out by it."""
    assert (answer.status_code, code_of(answer)) == (400, "logout-not-proven"), answer.text
    assert is_in(nurse)
    trace = next(one for one in newest_audit(clinic.service, 20) if one.action == "identity.refused")
    assert trace.clinic_id == clinic.id
    # the next is on record by itself too, and not as one of many
    clinic.service.forget_attempts()
    return trace.reason


@pytest.mark.parametrize(
    ("claims", "because"),
    [
        ({"iss": "https://login.example/realm"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "somebody else"}, "audience"),
        ({"aud": ["infusion vitals/1", "somebody else"]}, "audience"),
        ({"aud": None}, "audience"),
        ({"iat": None}, "no-iat"),
        ({"iat": "now"}, "iat-is-no-time"),
        ({"jti": None}, "no-jti"),
        ({"jti": ""}, "no-jti"),
        ({"jti": 7}, "no-jti"),
        ({"events": None}, "events"),
        ({"events": {}}, "events"),
        ({"events": [EVENT]}, "events"),
        ({"events": {EVENT: True}}, "events"),
        ({"events": {"http://schemas.openid.net/event/another": {}}}, "events"),
        ({"nonce": "n" * 43}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"sub": None}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "a\u202eb"}, "subject"),
    ],
)
def test_each_claim_has_to_be_right(clinic, provider, nurse, subject, claims, because):
    assert why(clinic, nurse, posted(clinic, provider.logout_token(subject, **claims))) == f"logout: {because}"


@pytest.mark.parametrize(
    ("claim", "off", "because"),
    [
        ("iat", timedelta(minutes=-10, seconds=-40), "issued-at"),
        ("iat", timedelta(seconds=40), "issued-at"),
        ("exp", timedelta(seconds=-40), "expired"),
    ],
)
def test_each_time_has_to_hold(clinic, provider, nurse, subject, claim, off, because):
    at = int((clinic.service.clock.wall() + off).timestamp())
    assert why(clinic, nurse, posted(clinic, provider.logout_token(subject, **{claim: at}))) == f"logout: {because}"


def test_one_without_an_end_is_bound_by_its_beginning(clinic, provider, nurse, subject):
    assert posted(clinic, provider.logout_token(subject, exp=None)).status_code == 200
    assert not is_in(nurse)


def test_it_is_signed_by_the_providers_own_key(clinic, provider, nurse, subject):
    lies = {
        "signature": {"signs_with": es256(provider.key.kid)},
        "unknown-kid": {"signs_with": es256("another")},
        "algorithm": {"signs_with": rs256(provider.key.kid)},
    }
    for because, lie in lies.items():
        provider.signs_with = lie["signs_with"]
        assert why(clinic, nurse, posted(clinic, provider.logout_token(subject))) == f"logout: {because}"
    provider.signs_with = None
    for made, because in ((unsigned, "not-a-jwt"), (by_secret, "algorithm")):
        provider.make_token = made
        assert why(clinic, nurse, posted(clinic, provider.logout_token(subject))) == f"logout: {because}"


def test_another_kind_of_token_is_none(clinic, provider, nurse, subject):
    for kind in ("at+jwt", "secevent+jwt"):
        provider.header = {"typ": kind}
        assert why(clinic, nurse, posted(clinic, provider.logout_token(subject))) == "logout: header"


def test_what_was_posted_before_is_refused(clinic, provider, nurse, subject):
    token = provider.logout_token(f"nobody {uuid4()}")
    assert posted(clinic, token).status_code == 200
    assert why(clinic, nurse, posted(clinic, token)) == "logout: replayed"


def test_a_name_of_a_token_is_good_once_whoever_it_is_of(clinic, provider, nurse, subject):
    assert posted(clinic, provider.logout_token(f"nobody {uuid4()}", jti="the same")).status_code == 200
    assert why(clinic, nurse, posted(clinic, provider.logout_token(subject, jti="the same"))) == "logout: replayed"


def test_a_form_with_one_token_and_nothing_else(clinic, provider, nurse, subject):
    path, token = f"/v1/sign-in/provider/{clinic.id}/logout", provider.logout_token(subject)
    for raw in (b"", b"logout_token", b"token=x", f"logout_token={token}&logout_token={token}".encode(), b"\xff=x"):
        answer = clinic.service.send("POST", path, raw=raw, headers={"Content-Type": FORM})
        assert why(clinic, nurse, answer) == "logout: form"
    for text in ("x", "x.y.z", "x" * 9000):
        assert why(clinic, nurse, posted(clinic, text)) in {"logout: not-a-jwt", "logout: too-long"}
    assert posted(clinic, token, content_type="application/json").status_code == 415
    assert is_in(nurse)


def test_of_another_clinic_or_of_none_it_says_nothing(clinic, provider, nurse, subject):
    other = another_clinic(clinic.service)
    for to in (other.id, uuid4()):
        answer = posted(clinic, provider.logout_token(subject), to=to)
        assert (answer.status_code, code_of(answer)) == (400, "logout-not-proven")
    settle(clinic, provider, in_use=False)
    answer = posted(clinic, provider.logout_token(subject))
    assert (answer.status_code, code_of(answer)) == (400, "logout-not-proven")
    assert is_in(nurse)
    assert SECRET not in answer.text
