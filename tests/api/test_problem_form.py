"""Every refusal has one form, says what to do next, and repeats nothing of what was sent."""

import json
import logging
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.api import routes
from app.api.errors import STATUS, problem_of, status_of
from app.db.refusals import Busy, StorageFull
from app.domain.deciding import PreconditionFailed, PreconditionMissing
from app.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal
from app.domain.people import Act
from app.main import create_app
from app.services.lockout import TooManyAttempts
from app.services.sign_in import NotSignedIn
from app.settings import Settings
from tests.api.conftest import People, SetClock
from tests.api.contract_check import Contract, NotAsPromised

SECRET = "Zebra Quagga"


@pytest.fixture
def engine_name() -> str:
    """One engine: nothing here differs by where things are kept."""
    return "sqlite"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound(), 404),
        (Conflict(), 409),
        (Forbidden(), 403),
        (Invalid(), 422),
        (PreconditionMissing(), 428),
        (PreconditionFailed(), 412),
        (NotSignedIn(), 401),
        (TooManyAttempts(7), 429),
        (Busy(), 503),
        (StorageFull(), 503),
    ],
)
def test_each_family_has_its_status(refusal: Refusal, status: int) -> None:
    assert status_of(refusal) == status
    answer = problem_of(refusal)
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status in {429, 503})
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_leaves_stand_before_their_families() -> None:
    families = [family for family, _ in STATUS]
    for number, family in enumerate(families):
        assert not any(issubclass(later, family) for later in families[number + 1 :])


def test_the_standard_members_are_never_replaced() -> None:
    refusal = Conflict("That is so.", errors=[FieldError("a", "b")], status=200, code="x", other=[1])
    body = json.loads(problem_of(refusal).body)
    assert (body["status"], body["code"], body["other"]) == (409, "conflict", [1])
    assert body["detail"] == "That is so."
    assert body["errors"] == [{"field": "a", "message": "b"}]


def test_a_refusal_is_problem_json_with_the_headers_of_every_answer(people: People) -> None:
    answer = people.nurse.get(f"/v1/patients/{uuid4()}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "code"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


def test_an_address_nobody_has_and_a_method_nobody_takes(people: People) -> None:
    assert people.nurse.get("/v1/nothing").json()["code"] == "not-found"
    wrong = people.nurse.request("DELETE", f"/v1/patients/{uuid4()}")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert "GET" in wrong.headers["allow"] or "PUT" in wrong.headers["allow"]
    assert people.nurse.request("TRACE", "/v1/staff").status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        {"family_name": 1, "given_name": SECRET, "birth_date": SECRET, "record_number": [SECRET]},
        {"family_name": SECRET + "\x00", "given_name": SECRET * 100, "sex": SECRET},
        {"family_name": {"a": SECRET}},
    ],
)
def test_a_refusal_repeats_nothing_of_what_was_sent(
    people: People, body: dict, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = people.nurse.put(f"/v1/patients/{uuid4()}", body)
    assert answer.status_code == 422
    assert "Zebra" not in answer.text
    assert "Zebra" not in caplog.text


def test_who_is_not_signed_in_learns_nothing_of_the_door(client: TestClient) -> None:
    for body, content_type in (
        (b"{", "application/json"),
        (b"x", "text/plain"),
        (b'{"a":1,"a":2}', "application/json"),
    ):
        answer = client.put(f"/v1/patients/{uuid4()}", content=body, headers={"content-type": content_type})
        assert answer.status_code == 401


def test_who_may_not_learns_nothing_of_the_door_either(people: People) -> None:
    assert people.auditor.put("/v1/patients/not-an-id", b"{").status_code == 403


def test_a_mistake_of_ours_says_and_logs_nothing_of_it(
    settings: Settings, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = create_app(settings, clock)
    router = routes.router()

    async def broken() -> None:
        raise RuntimeError(SECRET)

    router.add_api_route("/broken/{name}", broken, openapi_extra=routes.public())
    app.router.routes.extend(router.routes)
    with TestClient(app) as client:
        answer = client.get(f"/broken/{SECRET}?{SECRET}")
        assert client.get("/health/ready").status_code == 200
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert "Zebra" not in answer.text
    found = [record for record in caplog.records if record.msg == "unexpected"]
    assert [record.kind for record in found] == ["RuntimeError"]  # type: ignore[attr-defined]
    assert "test_problem_form.py" in found[0].at  # type: ignore[attr-defined]
    ours = [record.__dict__ for record in caplog.records if record.name.startswith("app")]
    assert "Zebra" not in str(ours)


def test_behind_a_proxy_https_is_asked_for(settings: Settings, clock: SetClock) -> None:
    with TestClient(create_app(settings.model_copy(update={"behind_tls_proxy": True}), clock)) as client:
        answer = client.get("/health/live")
        assert "max-age=63072000" in answer.headers["strict-transport-security"]


def test_documents_and_metrics_are_off_unless_asked_for(
    settings: Settings, clock: SetClock, client: TestClient
) -> None:
    paths = ("/openapi.json", "/metrics", "/docs", "/redoc")
    assert [client.get(path).status_code for path in paths] == [404] * 4
    with TestClient(create_app(settings.model_copy(update={"docs": True, "metrics": True}), clock)) as asked:
        assert [asked.get(path).status_code for path in paths] == [200, 200, 404, 404]
        assert asked.get("/health/live").status_code == 200
        counted = asked.get("/metrics").text
        assert 'http_requests_total{method="GET",route="/health/live",status="200"} 1' in counted
        answer = asked.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        contract = Contract(asked.get("/openapi.json").json())
        contract.check("GET", "/metrics", answer)
        contract.operations["GET", "/metrics"].document["responses"]["200"]["content"] = {"application/json": {}}
        with pytest.raises(NotAsPromised, match="came as text/plain"):
            contract.check("GET", "/metrics", answer)


def test_forwarded_headers_and_user_headers_mean_nothing(people: People) -> None:
    answer = people.nurse.get(
        "/v1/staff",
        X_User_Id=str(people.lead.id),
        X_Forwarded_For="127.0.0.1",
        X_Role="lead",
        X_HTTP_Method_Override="PUT",
    )
    assert answer.status_code == 403


def test_a_route_that_names_nobody_cannot_be_registered() -> None:
    async def open_to_all() -> None: ...

    with pytest.raises(TypeError, match="names exactly one act"):
        routes.router().add_api_route("/open", open_to_all)


def _form(path: str, status: str) -> str:
    """What a refusal comes as: machines are told in the forms of FHIR and of OAuth."""
    if path == "/oauth/token" and status in {"400", "401"}:
        return "application/json"
    fhir = path.startswith("/fhir") and ".well-known" not in path
    return f"application/{'fhir' if fhir else 'problem'}+json"


def test_every_operation_says_who_may_and_how_it_refuses(client: TestClient) -> None:
    document = client.app.openapi()  # type: ignore[attr-defined]
    acts = {act.value for act in Act} | {routes.ANYONE}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["x-act"] in acts, (method, path)
            refused = {status for status in operation["responses"] if status >= "400"}
            if operation["x-act"] != routes.ANYONE:
                assert {"401", "403"} <= refused, (method, path)
                assert operation["security"] == [{"bearer": []}]
            for status in refused:
                content = operation["responses"][status]["content"]
                assert list(content) == [_form(path, status)], (method, path, status)
            if "requestBody" in operation:
                of_oauth = {"415"} if path == "/oauth/token" else set()  # said there as `invalid_request`
                assert {"413", "415", "422"} - of_oauth <= refused, (method, path)
            assert any(status < "300" for status in operation["responses"])
    assert "Problem" in document["components"]["schemas"]
