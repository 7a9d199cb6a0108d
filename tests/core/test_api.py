"""The API's common ground: clients, scopes, exact JSON, errors, idempotency."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from core import api, audit
from core.errors import BadRows, Busy, Conflict, InvalidTransition, RowError
from core.models import ApiClient, AuditEntry, Notification, StoredAnswer, User
from core.permissions import Denied, require
from tests.core.conftest import race


class Things(APIView):
    required_scope = "things:write"

    def get(self, request: Request) -> Response:
        return Response({"who": request.user.username})

    @api.idempotent
    def post(self, request: Request) -> Response:
        kind = request.data.get("fail")
        user = User.objects.create(username=request.data["name"])
        audit.record(request.user, "thing.made", user)
        if kind == "denied":
            require(Denied("Not yours."))
        if kind == "state":
            raise InvalidTransition("It is closed.")
        if kind == "rows":
            raise BadRows([RowError(2, "b", "is missing"), RowError(1, "a", "is missing")])
        if kind == "quiet":
            return Response({"detail": "no"}, status=400)
        return Response({"id": user.pk, "amount": Decimal("1.10")}, status=201)


class Closed(APIView):
    def get(self, request: Request) -> Response:
        raise AssertionError("nobody comes in")


urlpatterns = [path("things/", Things.as_view()), path("closed/", Closed.as_view())]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def token(db: Any) -> str:
    return api.create_client("crm", ["things:write"], actor=None)[1]


def _client(token: str, key: str | None = None) -> APIClient:
    # One client would raise what another thread's request ran into.
    client = APIClient(raise_request_exception=False)
    more = {"HTTP_ACCEPT_LANGUAGE": "en"} | ({} if key is None else {"HTTP_IDEMPOTENCY_KEY": key})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}", **more)
    return client


def _post(token: str, body: Any, key: str | None = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return _client(token, key).generic("POST", "/things/", raw, content_type="application/json")


def test_a_token_opens_its_scope_and_is_stored_only_as_a_hash(token: str) -> None:
    assert _client(token).get("/things/").json() == {"who": "api:crm"}
    client = ApiClient.objects.get()
    assert token not in client.token_hash
    assert client.last_used_at is not None
    assert not client.user.has_usable_password()
    assert AuditEntry.objects.get(verb="api_client.created").data == {"scopes": ["things:write"]}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Token x"])
def test_without_a_good_token_nobody_comes_in(header: str, token: str) -> None:
    answer = APIClient(headers={"Authorization": header}).get("/things/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_stops_at_once(token: str) -> None:
    api.revoke_client("crm", actor=None)
    api.revoke_client("crm", actor=None)
    assert _client(token).get("/things/").status_code == 401
    assert AuditEntry.objects.filter(verb="api_client.revoked").count() == 1


def test_an_inactive_account_has_no_api(token: str) -> None:
    User.objects.update(is_active=False)
    assert _client(token).get("/things/").status_code == 401


def test_another_scope_and_a_view_without_one_are_closed(token: str) -> None:
    other = api.create_client("dms", ["events:write"], actor=None)[1]
    assert _client(other).get("/things/").status_code == 403
    assert _client(token).get("/closed/").status_code == 403


def test_a_logged_in_person_is_no_api_client(token: str) -> None:
    client = APIClient()
    client.force_login(User.objects.get())
    assert client.get("/things/").status_code == 401


@pytest.mark.parametrize(
    ("fail", "status", "body"),
    [
        ("denied", 403, {"code": "denied", "detail": "Not yours."}),
        ("state", 409, {"code": "invalid_transition", "detail": "It is closed."}),
        (
            "rows",
            400,
            {
                "code": "bad_rows",
                "detail": "2 errors in the file; nothing was changed.",
                "errors": [
                    {"row": 1, "column": "a", "message": "is missing"},
                    {"row": 2, "column": "b", "message": "is missing"},
                ],
            },
        ),
        ("quiet", 400, {"detail": "no"}),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    token: str, fail: str, status: int, body: dict[str, Any]
) -> None:
    answer = _post(token, {"name": "x", "fail": fail}, key="k")
    assert (answer.status_code, answer.json()) == (status, body)
    assert not User.objects.filter(username="x").exists()
    assert not StoredAnswer.objects.exists()
    # Nothing was stored under the key, so the repaired call may use it.
    assert _post(token, {"name": "x"}, key="k").status_code == 201


def test_a_repeated_key_gets_the_first_answer(token: str) -> None:
    first = _post(token, {"name": "x", "a": 1}, key="k")
    again = _post(token, b'{ "a": 1, "name": "x" }', key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.json()["amount"] == "1.10"
    assert User.objects.filter(username="x").count() == 1
    assert AuditEntry.objects.get(verb="thing.made").channel == "api"


def test_a_key_with_another_body_is_a_conflict(token: str) -> None:
    _post(token, {"name": "x"}, key="k")
    answer = _post(token, {"name": "y"}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert not User.objects.filter(username="y").exists()


def test_keys_belong_to_their_client(token: str) -> None:
    other = api.create_client("dms", ["things:write"], actor=None)[1]
    assert _post(token, {"name": "x"}, key="k").status_code == 201
    assert _post(other, {"name": "y"}, key="k").status_code == 201


def test_a_key_is_forgotten_after_30_days(token: str) -> None:
    _post(token, {"name": "x"}, key="k")
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(days=29, hours=23))
    assert _post(token, {"name": "y"}, key="k").status_code == 409
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(days=30, minutes=1))
    assert _post(token, {"name": "y"}, key="k").status_code == 201
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(days=31))
    from core.tasks import tidy

    tidy()
    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_senseless_key_is_refused(token: str, key: str) -> None:
    assert _post(token, {"name": "x"}, key=key).status_code == 400
    assert not User.objects.filter(username="x").exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_racers_with_one_key_leave_one_row(token: str) -> None:
    answers = race(20, lambda number: _post(token, {"name": "x"}, key="k"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert StoredAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_control_without_a_key_shows_the_race(token: str) -> None:
    """Names are unique, so of twenty calls without a key nineteen stumble."""
    answers = race(20, lambda number: _post(token, {"name": "x"}))
    assert sorted(answer.status_code for answer in answers) == [201, *[500] * 19]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "Expecting property name"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": Infinity}', "Infinity is not a JSON number"),
        (b'{"a": 1e9999999999999999999}', "a number is out of range"),
        (b'{"a": 1, "a": 2}', "a key appears twice"),
        (b'{"a": "\\u0000"}', "cannot be stored"),
        (b'{"a": "\\ud800"}', "cannot be stored"),
        (b'{"\\u0000": 1}', "cannot be stored"),
        (b'"\xff"', "not UTF-8"),
        (b"[" * 40 + b"]" * 40, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_json_is_refused_with_its_reason(token: str, raw: bytes, message: str) -> None:
    answer = _post(token, raw)
    assert answer.status_code == 400
    assert message in answer.json()["detail"]


def test_numbers_are_exact() -> None:
    assert api.load_json(b'{"a": 0.1, "b": 12, "c": 1e2}') == {
        "a": Decimal("0.1"),
        "b": 12,
        "c": Decimal("1e2"),
    }
    with pytest.raises(ValueError, match="digits"):
        api.load_json(b"9" * 5000)


def test_a_body_over_5_mb_is_refused(token: str) -> None:
    answer = _post(token, b'"' + b"x" * 5 * 1024 * 1024 + b'"')
    assert (answer.status_code, answer.json()["detail"]) == (413, "The body is larger than 5 MB.")


def test_other_media_types_are_refused(token: str) -> None:
    answer = _client(token).post("/things/", {"name": "x"}, format="multipart")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("method", "given", "status", "code"),
    [
        (
            "post",
            {"content_type": "application/json", "token": "hp_guess"},
            401,
            "authentication_failed",
        ),
        ("post", {"content_type": "application/json"}, 400, "parse_error"),
        ("post", {"content_type": "text/csv"}, 415, "unsupported_media_type"),
        ("put", {"content_type": "application/json"}, 405, "method_not_allowed"),
        ("get", {"HTTP_ACCEPT": "text/csv"}, 406, "not_acceptable"),
    ],
)
def test_every_refusal_has_a_code(
    token: str, method: str, given: dict[str, str], status: int, code: str
) -> None:
    client = _client(given.pop("token", token))
    answer = client.generic(method.upper(), "/things/", b"{", **given)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "detail"}
    assert answer.json()["code"] == code


def test_a_conflict_in_a_view_is_told_as_409_and_a_held_lock_as_503() -> None:
    answer = api.exception_handler(Conflict("Busy."), {})
    assert answer is not None
    assert (answer.status_code, answer.data) == (409, {"code": "conflict", "detail": "Busy."})
    answer = api.exception_handler(Busy("Busy."), {})
    assert answer is not None
    assert (answer.status_code, answer.data) == (503, {"code": "busy", "detail": "Busy."})
    assert answer["Retry-After"] == "10"
    assert api.exception_handler(RuntimeError(), {}) is None
    assert not Notification.objects.exists()
