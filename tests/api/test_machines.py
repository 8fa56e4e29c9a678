"""Machines sign in: an assertion good once, for a token of five minutes, for one clinic. On both engines."""

import base64
import json
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from app.db.work import EVERY_CLINIC
from app.services import machines as signing_in
from app.services.lockout import TRIES
from tests.api.clinic import another_clinic, clinic_on
from tests.api.kept_rows import audit_mark, audit_since, newest_audit
from tests.api.machines import FORM, GRANT, PROOF, TOKEN_URL, machine, post
from tests.conftest import ENGINES
from tests.exchange.keys import ec_key, rsa_key


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


on_sqlite = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True)
"""What is decided before anything is kept: one engine says it all."""


@pytest.fixture
def service(clinic):
    # failures of one test are not those of the next
    clinic.service.forget_attempts()
    return clinic.service


@pytest.fixture
def one(clinic, service):
    return machine(service, clinic.id)


def refused(answer, error="invalid_client"):
    assert answer.json()["error"] == error, answer.text
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert "access_token" not in answer.text
    return answer


def why(service, answer, error="invalid_client"):
    """The word in the audit; whoever asked learns nothing of it."""
    refused(answer, error)
    event = newest_audit(service)[0]
    assert event.action == "client.refused"
    assert error != "invalid_client" or event.reason not in answer.text
    return event.reason


# --- a token ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=lambda key: key.algorithm)
def test_a_good_assertion_gives_a_token(clinic, service, key):
    one = machine(service, clinic.id, key=key)
    answer = one.ask("system/Observation.rs system/Patient.read")
    assert answer.status_code == 200
    token = answer.json()
    assert token == {
        "access_token": token["access_token"],
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "system/Observation.rs system/Patient.read",
    }
    assert len(token["access_token"]) >= 43
    assert answer.headers["cache-control"] == "no-store"
    event = newest_audit(service)[0]
    assert (event.action, event.clinic_id, event.actor_name) == ("client.token-given", clinic.id, "A record system")
    assert (str(event.actor_id), event.actor_role) == (one.id, "client")
    assert event.after["scopes"] == token["scope"]


def test_neither_token_nor_assertion_is_kept(clinic, service, one):
    assertion = one.assertion(jti="a-jti-to-look-for")
    token = one.token(client_assertion=assertion)

    def everything(work):
        names = ("client_tokens", "client_assertions", "log_events", "clients", "journal")
        return repr([work.all(text(f"SELECT * FROM {name}")) for name in names])

    from sqlalchemy import text

    kept = service.database.read_now(everything, EVERY_CLINIC, service.clock.now())
    assert one.id in kept
    for secret in (token, assertion, assertion.rpartition(".")[2], "a-jti-to-look-for"):
        assert secret not in kept


def test_what_is_granted_is_what_is_registered_and_asked_for(clinic, service):
    one = machine(service, clinic.id, "system/Observation.rs system/Patient.r")
    assert one.ask("system/*.rs").json()["scope"] == "system/Observation.rs system/Patient.r"
    assert one.ask("system/*.read").json()["scope"] == "system/Observation.read system/Patient.r"
    assert one.ask("system/Patient.rs openid user/*.rs").json()["scope"] == "system/Patient.r"
    for nothing in ("system/Encounter.rs", "system/Patient.s", "system/*.cruds", "openid", "", " "):
        refused(one.ask(nothing), "invalid_scope")
    refused(one.ask(None), "invalid_scope")


# --- once only -------------------------------------------------------------------------------------------------------


def test_an_assertion_is_good_once(service, one):
    assertion = one.assertion()
    one.token(client_assertion=assertion)
    for _ in range(3):
        assert why(service, one.ask(client_assertion=assertion)) == "replayed"


def test_the_jti_counts_and_not_the_text(clinic, service, one):
    one.token(client_assertion=one.assertion(jti="the-same"))
    assert why(service, one.ask(client_assertion=one.assertion(jti="the-same", extra="other"))) == "replayed"
    # of another client it is another
    other = machine(service, clinic.id)
    other.token(client_assertion=other.assertion(jti="the-same"))


def test_an_assertion_is_used_up_even_where_its_scopes_are_refused(service, one):
    assertion = one.assertion()
    refused(one.ask("system/none.rs", client_assertion=assertion), "invalid_scope")
    assert why(service, one.ask(client_assertion=assertion)) == "replayed"


def test_a_used_assertion_is_remembered_until_long_after_it_is_over(clinic, service, one):
    assertion = one.assertion()
    one.token(client_assertion=assertion)
    wall = service.clock._wall
    try:
        service.clock.pass_on_the_wall(20 * 60)
        one.token()
        service.clock._wall = wall  # a clock set back
        assert why(service, one.ask(client_assertion=assertion)) == "replayed"
    finally:
        service.clock._wall = wall


def test_control_without_the_memory_a_replay_is_let_in(service, one):
    assertion = one.assertion()
    one.token(client_assertion=assertion)
    with service.broken() as patch:
        patch.setattr(signing_in, "use", lambda *args: None)
        one.token(client_assertion=assertion)


# --- who and what is refused -----------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    ("claims", "because"),
    [
        ({"aud": "https://elsewhere.example/oauth/token"}, "audience"),
        ({"aud": "http://testserver/oauth/token"}, "audience"),
        ({"sub": str(uuid4())}, "issuer-and-subject"),
        ({"exp": 1}, "expired"),
        ({"exp": 4_000_000_000}, "ends-too-late"),
        ({"jti": None}, "no-jti"),
    ],
)
def test_wrong_claims(service, one, claims, because):
    assert why(service, one.ask(client_assertion=one.assertion(**claims))) == because


@on_sqlite
def test_wrong_keys(clinic, service, one):
    stranger = ec_key("stranger")
    assert why(service, one.ask(client_assertion=one.assertion(key=stranger))) == "unknown-kid"
    named = one.assertion(key=stranger, header={"kid": one.key.kid})
    assert why(service, one.ask(client_assertion=named)) == "signature"
    elsewhere = one.assertion(header={"jku": "https://keys.example/jwks"})
    assert why(service, one.ask(client_assertion=elsewhere)) == "jku"
    unsigned = f"{one.assertion().rpartition('.')[0]}."
    assert why(service, one.ask(client_assertion=unsigned)) == "not-a-jwt"


@on_sqlite
def test_a_client_nobody_knows_and_one_without_an_id(service, one):
    known = refused(one.ask(client_assertion=one.assertion(exp=1)))
    for client in (str(uuid4()), "somebody", one.id.upper() + " ", ""):
        answer = one.ask(client_assertion=one.assertion(iss=client, sub=client))
        assert why(service, answer) == "unknown-client"
        assert newest_audit(service)[0].subject_id == "unknown"
        assert (answer.json(), answer.status_code) == (known.json(), known.status_code)
    assert why(service, one.ask(client_id=str(uuid4()))) == "client-id"
    assert one.ask(client_id=one.id).status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion_type": None}, "invalid_request"),
        ({"client_assertion": None}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
        ({"clinic": "Lakeside"}, "invalid_request"),
    ],
)
def test_wrong_fields(one, change, error):
    refused(one.ask(**change), error)


@on_sqlite
def test_what_is_no_form(service, one):
    usual = {"grant_type": GRANT, "scope": "system/*.rs", "client_assertion_type": PROOF}
    good = urlencode(usual | {"client_assertion": one.assertion()})
    for content_type in (
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        f"{FORM}; charset=utf-16",
    ):
        refused(post(service, good, content_type), "invalid_request")
    for raw in (
        good + "&grant_type=" + GRANT,
        good + "&x=1&x=2",
        good + "&&",
        good + "&no-sign",
        good + "&bad=%ff",
        good + "".join(f"&a{n}=1" for n in range(20)),
        good + "&long=" + "x" * 16384,
        good.encode() + b"&\xff=1",
        b"",
        json.dumps(usual),
    ):
        refused(post(service, raw), "invalid_request")
    # nothing of it was used up, what is unknown is left aside, and the charset may be said
    assert post(service, good + "&unknown=1", f"{FORM}; charset=UTF-8").status_code == 200


@on_sqlite
def test_a_huge_body_is_not_read(service):
    assert post(service, "x" * 70_000).status_code == 413


def test_an_address_in_the_request_moves_nothing(service, one):
    """The Host of a request is anybody's word: neither what an assertion is meant for, nor what we say of ourselves."""
    host = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path in ("/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"):
        found = service.send("GET", path, headers=host)
        assert found.status_code == 200
        assert found.json()["token_endpoint"] == TOKEN_URL
    usual = {"grant_type": GRANT, "scope": "system/*.rs", "client_assertion_type": PROOF}
    meant = one.assertion(aud="http://evil.example/oauth/token")
    refused(post(service, usual | {"client_assertion": meant}, **host))


def test_the_configuration(service):
    found = service.send("GET", "/fhir/.well-known/smart-configuration").json()
    assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert found["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert found["grant_types_supported"] == ["client_credentials"]
    assert {"client-confidential-asymmetric", "permission-v1", "permission-v2"} == set(found["capabilities"])
    assert {"system/*.rs", "system/Observation.rs"} < set(found["scopes_supported"])


# --- one clinic ------------------------------------------------------------------------------------------------------


def test_a_client_of_one_clinic_gets_no_other(clinic, service, one):
    other = another_clinic(service)
    assert one.ask(clinic=str(clinic.id)).status_code == 200
    answers = [one.ask(clinic=str(named)) for named in (other.id, uuid4())]
    for answer in answers:
        refused(answer, "invalid_request")
    assert answers[0].content == answers[1].content


def test_a_client_of_all_clinics_names_one_in_each_request(clinic, service):
    every, other = machine(service), another_clinic(service)
    refused(every.ask(), "invalid_request")
    refused(every.ask(clinic=str(uuid4())), "invalid_request")
    refused(every.ask(clinic="00000000-0000-0000-0000-000000000000"), "invalid_request")
    for home in (clinic, other):
        every.token(clinic=str(home.id))
        event = newest_audit(service)[0]
        assert (event.action, event.clinic_id, str(event.actor_id)) == ("client.token-given", home.id, every.id)


# --- the end of a client ---------------------------------------------------------------------------------------------


def test_a_disabled_client_signs_in_no_more(service, one):
    one.token()
    one.disable()
    assert why(service, one.ask()) == "disabled"


def test_new_keys_replace_the_old(service, one):
    new = rsa_key("new")
    one.rotate(new)
    assert why(service, one.ask()) == "unknown-kid"
    one.key = new
    one.token()


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_stranger_fills_no_audit_and_locks_nobody_out(service, one):
    mark = audit_mark(service)
    statuses = [one.ask(client_assertion=one.assertion(exp=1)).status_code for _ in range(TRIES + 20)]
    assert statuses == [401] * TRIES + [429] * 20
    assert len(audit_since(service, mark)) == TRIES
    # from the very same place, the client itself
    one.token()
    # and what it does wrong itself is still told apart and kept
    assert why(service, one.ask("system/none.rs"), "invalid_scope") == "scope"
    mark = audit_mark(service)
    ids = [str(uuid4()) for _ in range(30)]
    statuses = [one.ask(client_assertion=one.assertion(iss=other, sub=other)).status_code for other in ids]
    assert statuses == [401] * TRIES + [429] * 25
    assert len(audit_since(service, mark)) == TRIES
    service.clock.pass_on_the_wall(15)
    refused(one.ask(client_assertion=one.assertion(exp=1)))


# --- clocks ----------------------------------------------------------------------------------------------------------


def test_the_wall_clock_decides(clinic, service, one):
    """The clinic's clock may run or stand: a demo's hour is not a machine's."""
    clinic.to(100_000)
    one.token()
    ahead = service.clock.wall() + timedelta(seconds=329)
    one.token(client_assertion=one.assertion(exp=int(ahead.timestamp())))
    later = service.clock.wall() + timedelta(seconds=331)
    refused(one.ask(client_assertion=one.assertion(exp=int(later.timestamp()))))
    clinic.to(0)


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["header", "claims"])
@pytest.mark.parametrize("number", ["1e9999999999999999999", "1e-300000000", "9" * 3000])
def test_a_number_beyond_every_bound_proves_nothing_and_breaks_nothing(service, one, part, number):
    """Asked without any token: whoever can reach the address can send it."""

    def encoded(document):
        text = json.dumps(document).replace('"@"', number)
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    header = {"alg": "ES384", "kid": "ec-1"} | ({"more": "@"} if part == "header" else {})
    said = {"iss": one.id, "sub": one.id, "jti": "one", "exp": "@" if part == "claims" else 1}
    assertion = f"{encoded(header)}.{encoded(said)}.{encoded({})}"
    assert why(service, one.ask(client_assertion=assertion)) == "not-a-jwt"
