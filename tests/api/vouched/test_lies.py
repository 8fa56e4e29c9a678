"""Providers, browsers and strangers that misbehave: each is refused, on record, and nobody is signed in."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from app.db.tables import sign_ins
from app.db.work import EVERY_CLINIC
from app.exchange import openid
from tests.api.clinic import clinic_on, code_of
from tests.api.kept_rows import newest_audit, record_rows
from tests.api.vouching import HERE, Browser, as_person, linked, settle
from tests.exchange.openid_provider import by_secret, es256, openid_provider, rs256, unsigned


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, sqlite_template):
    # nothing of this is the database's: one engine says it all
    with clinic_on("sqlite", tmp_path_factory, sqlite_template, public_url=HERE) as opened:
        yield opened


@pytest.fixture
def provider(chain, clinic):
    clinic.service.forget_attempts()
    with openid_provider(chain, clinic.service.clock.wall) as found:
        settle(clinic, found)
        linked(clinic.nurse, found, "the nurse")
        yield found


def signed_in(clinic):
    counted = select(func.count()).select_from(sign_ins)
    return clinic.service.database.read_now(
        lambda work: work.first(counted)[0], EVERY_CLINIC, clinic.service.clock.now()
    )


def refused(clinic, answer, before):
    """Why it was refused, by the record; nobody was signed in by it."""
    assert (answer.status_code, code_of(answer)) == (403, "provider-answer-refused"), answer.text
    assert signed_in(clinic) == before
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, trace.clinic_id, trace.actor_id) == ("identity.refused", clinic.id, None)
    return trace.reason


def why(clinic, browser, **said):
    """Goes there and back as the nurse; why nobody was signed in."""
    before = signed_in(clinic)
    assert browser.set_out(clinic=str(clinic.id)).status_code == 200
    return refused(clinic, browser.come_back(**(browser.back("the nurse") | said)), before)


def test_control_an_honest_provider_signs_the_nurse_in(clinic, browser):
    assert as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id))).id == clinic.nurse.id


def at(provider, **amount):
    return int((provider.wall() + timedelta(**amount)).timestamp())


@pytest.mark.parametrize(
    ("claims", "because"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["x"]}, "nonce"),
        ({"aud": "another client"}, "audience"),
        ({"aud": ["infusion vitals/1", "another client"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": None}, "audience"),
        ({"azp": "another client"}, "authorized-party"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "the nurse\n"}, "subject"),
        ({"sub": "the n\u00fcrse"}, "subject"),
        ({"exp": None}, "no-exp"),
        ({"iat": None}, "no-iat"),
        ({"exp": "tomorrow"}, "exp-is-no-time"),
        ({"exp": True}, "exp-is-no-time"),
    ],
)
def test_a_token_that_says_something_else(clinic, provider, browser, claims, because):
    provider.claims = claims
    assert why(clinic, browser) == because


@pytest.mark.parametrize(
    ("claim", "amount", "because"),
    [
        ("exp", {"seconds": -30}, "expired"),
        ("iat", {"seconds": 31}, "issued-at"),
        ("iat", {"minutes": -10, "seconds": -31}, "issued-at"),
        ("nbf", {"seconds": 31}, "not-yet"),
    ],
)
def test_a_token_of_another_time_and_one_whose_clock_is_a_little_off(clinic, provider, browser, claim, amount, because):
    provider.claims = {claim: at(provider, **amount)}
    assert why(clinic, browser) == because
    off = {"seconds": amount["seconds"] + (1 if amount["seconds"] < 0 else -1)}
    provider.claims = {claim: at(provider, **(amount | off))}
    as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id)))


def test_an_issuer_that_ends_in_a_slash_is_another(clinic, provider, browser):
    provider.claims = {"iss": f"{provider.issuer}/"}
    assert why(clinic, browser) == "issuer"


@pytest.mark.parametrize(("make", "because"), [(unsigned, "not-a-jwt"), (by_secret, "algorithm")])
def test_a_token_that_nobody_signed(clinic, provider, browser, make, because):
    provider.make_token = make
    assert why(clinic, browser) == because


def test_none_is_no_algorithm_even_with_something_for_a_signature(clinic, provider, browser):
    provider.make_token = lambda *given: f"{unsigned(*given)}c2lnbmVk"
    assert why(clinic, browser) == "algorithm"


def test_another_key_and_one_that_is_not_in_the_set(clinic, provider, browser):
    provider.signs_with = es256(provider.key.kid)
    assert why(clinic, browser) == "signature"
    provider.signs_with = es256("unheard-of")
    assert why(clinic, browser) == "unknown-kid"
    provider.signs_with = rs256(provider.key.kid)
    assert why(clinic, browser) == "algorithm"
    provider.signs_with, provider.header = None, {"kid": None}
    assert why(clinic, browser) == "no-kid"
    provider.header = {"crit": ["exp"]}
    assert why(clinic, browser) == "header"


def test_a_key_that_came_after_is_looked_up_but_not_for_strangers_without_end(clinic, provider, browser):
    as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id)))
    provider.key = es256("newer")
    clinic.service.clock.pass_on_the_wall(0.2)
    as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id)))
    asked = provider.asked.count("/realm/keys")
    provider.signs_with = es256("unheard-of")
    for _ in range(5):
        why(clinic, browser)
    assert provider.asked.count("/realm/keys") == asked


def test_tokens_that_are_none(clinic, provider, browser):
    for text, because in (("", "not-a-jwt"), ("a.b", "not-a-jwt"), ("x" * 40_000, "too-long"), (7, "no-id-token")):
        provider.make_token = lambda *_, text=text: text
        assert why(clinic, browser) == because


# --- codes, states and browsers --------------------------------------------------------------------------------------


def test_a_way_back_is_good_once(clinic, browser):
    browser.set_out(clinic=str(clinic.id))
    came = browser.back("the nurse")
    as_person(clinic.service, browser.come_back(**came))
    before = signed_in(clinic)
    assert code_of(browser.come_back(**came)) == "sign-in-not-begun-here"
    assert signed_in(clinic) == before


def test_a_code_that_was_used_is_refused_in_another_way_too(clinic, provider, browser):
    browser.set_out(clinic=str(clinic.id))
    came = browser.back("the nurse")
    as_person(clinic.service, browser.come_back(**came))
    assert why(clinic, browser, code=came["code"]) == "code: answer-400"
    # a provider that takes it again, and asks for no verifier: the nonce is the other journey's
    browser.set_out(clinic=str(clinic.id))
    stolen = browser.back("the nurse")["code"]
    provider.honest = False
    assert why(clinic, browser, code=stolen) == "nonce"


def test_a_stolen_code_in_a_strangers_own_journey(clinic, provider, browser):
    """The verifier is made of what the browser alone holds: an honest provider says no."""
    browser.set_out(clinic=str(clinic.id))
    stolen = browser.back("the nurse")["code"]
    stranger = Browser(clinic.service, provider)
    assert why(clinic, stranger, code=stolen) == "code: answer-400"
    assert provider.said_no == ["verifier"]


def test_whoever_has_only_the_address_gets_nowhere(clinic, provider, browser):
    browser.set_out(clinic=str(clinic.id))
    came, before, asked = browser.back("the nurse"), signed_in(clinic), len(provider.posted)
    elsewhere = Browser(clinic.service, provider)
    elsewhere.set_out(clinic=str(clinic.id))
    for kept in (elsewhere.kept, "x" * 43):
        answer = clinic.service.send("POST", "/v1/sign-in/provider/finish", {"browser": kept} | came)
        assert (answer.status_code, code_of(answer)) == (404, "sign-in-not-begun-here")
    assert newest_audit(clinic.service)[0].reason == "not-begun"
    assert len(provider.posted) == asked, "the code went nowhere"
    assert code_of(browser.come_back(**came)) == "sign-in-not-begun-here", "and the way is used up"
    assert signed_in(clinic) == before


def test_a_state_of_another_journey_is_refused(clinic, provider, browser):
    other = Browser(clinic.service, provider)
    other.set_out(clinic=str(clinic.id))
    swapped = other.back("the nurse")["state"]
    browser.set_out(clinic=str(clinic.id))
    answer = browser.come_back(**(browser.back("the nurse") | {"state": swapped}))
    assert (answer.status_code, code_of(answer)) == (404, "sign-in-not-begun-here")
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, trace.reason, trace.clinic_id) == ("identity.refused", "not-begun-here", clinic.id)


def test_what_the_provider_refused_is_said(clinic, provider, browser):
    provider.refuses = True
    assert why(clinic, browser) == "refused-there"
    provider.refuses = False
    assert why(clinic, browser, code=None) == "refused-there"
    assert why(clinic, browser, error="access_denied") == "refused-there"


def test_nothing_of_a_journey_is_known_before(clinic, browser):
    """Each has its own state, nonce and challenge; the verifier is in no address."""
    asked = []
    for _ in range(3):
        browser.set_out(clinic=str(clinic.id))
        asked.append({name: values[0] for name, values in parse_qs(urlsplit(browser.address).query).items()})
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name] for one in asked}) == 3
    assert asked[0]["theme"] == "plain", "what the provider's own address says stays"
    assert (asked[0]["code_challenge_method"], asked[0]["prompt"]) == ("S256", "login")
    assert browser.kept not in browser.address


# --- another provider ------------------------------------------------------------------------------------------------


def test_an_answer_in_the_name_of_another_provider_sends_no_code_anywhere(clinic, provider, browser):
    provider.answers_as = "https://attacker.example"
    asked = len(provider.posted)
    assert why(clinic, browser) == "answered-by-another"
    provider.answers_as = ""
    assert why(clinic, browser) == "answered-by-another", "it says that it always names itself"
    assert len(provider.posted) == asked
    provider.metadata = {"authorization_response_iss_parameter_supported": None}
    clinic.service.clock.pass_on_the_wall(5)
    as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id)))


def test_a_provider_that_was_changed_meanwhile_gets_no_code_of_the_old_one(clinic, chain, provider, browser):
    before = signed_in(clinic)
    browser.set_out(clinic=str(clinic.id))
    came = browser.back("the nurse")
    with openid_provider(chain, clinic.service.clock.wall) as other:
        settle(clinic, other)
        assert refused(clinic, browser.come_back(**came), before) == "provider-changed"
        assert other.posted == []
        # the same subject at another issuer is somebody else
        answer = Browser(clinic.service, other).go("the nurse", clinic=str(clinic.id))
        assert code_of(answer) == "identity-not-linked"


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"issuer": "https://localhost:1/realm"}, "metadata: another issuer"),
        ({"issuer": None}, "metadata: another issuer"),
        ({"response_types_supported": ["id_token"]}, "metadata: no code flow"),
        ({"code_challenge_methods_supported": ["plain"]}, "metadata: no S256"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "metadata: takes no secret"),
        ({"token_endpoint": "http://localhost/token"}, "metadata: token_endpoint is no address"),
        ({"jwks_uri": None}, "metadata: jwks_uri is no address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "metadata: authorization_endpoint is no address"),
        ({"response_types_supported": "code"}, "metadata: response_types_supported is no list"),
    ],
)
def test_metadata_that_cannot_be_worked_with_sends_nobody_anywhere(clinic, chain, said, because):
    clinic.service.forget_attempts()
    with openid_provider(chain, clinic.service.clock.wall) as found:
        found.metadata = said
        settle(clinic, found)
        rows = record_rows(clinic.service)
        answer = Browser(clinic.service, found).set_out(clinic=str(clinic.id))
        assert (answer.status_code, code_of(answer)) == (503, "provider-not-reached")
        assert newest_audit(clinic.service)[0].reason == because
        assert record_rows(clinic.service) == rows


def test_a_provider_that_is_away_is_said_and_asked_again_after_a_while(clinic, provider, browser, monkeypatch):
    monkeypatch.setattr(provider, "metadata", {"issuer": "https://away.example"})
    settle(clinic, provider, name="Another name")
    assert browser.set_out(clinic=str(clinic.id)).status_code == 503
    monkeypatch.undo()
    assert browser.set_out(clinic=str(clinic.id)).status_code == 503, "not again within ten seconds"
    clinic.service.clock.pass_on_the_wall(0.2)
    assert browser.set_out(clinic=str(clinic.id)).status_code == 200


# --- the checks can fail ---------------------------------------------------------------------------------------------


def test_control_without_the_check_of_the_nonce_a_replayed_code_would_do(clinic, provider, browser, monkeypatch):
    provider.claims = {"nonce": "another"}
    monkeypatch.setattr(openid.hmac, "compare_digest", lambda *_: True)
    as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id)))


def test_control_without_the_check_of_the_signature_any_key_would_do(clinic, provider, browser, monkeypatch):
    provider.signs_with = es256(provider.key.kid)
    monkeypatch.setattr(openid, "check_signed", lambda *_: None)
    as_person(clinic.service, browser.go("the nurse", clinic=str(clinic.id)))


def test_what_strangers_leave_in_the_audit_is_bounded(clinic, provider, browser):
    provider.claims = {"aud": "another client"}
    marks = []
    for _ in range(12):
        browser.set_out(clinic=str(clinic.id))
        browser.come_back(**browser.back("the nurse"))
        marks.append(newest_audit(clinic.service)[0].id)
    assert len(set(marks)) == 5
