"""What every API view shares: bearer clients, scopes, exact numbers, errors, idempotency."""

import functools
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from core import audit
from core.bodies import read_to_its_end
from core.errors import BadRows, Busy, Conflict, DomainError, InvalidInput
from core.locks import Lock, take
from core.models import ApiClient, StoredAnswer, User

KEPT_DAYS = 30
RETRY_AFTER = 10  # seconds; as long as a call has waited for the lock
MAX_DEPTH = 30


# --- clients -----------------------------------------------------------------------------------


def _hash(token: str) -> str:
    # A token has 256 bits of chance: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_client(name: str, scopes: list[str], *, actor: User | None) -> tuple[ApiClient, str]:
    """A new client and its token, which nobody can see again."""
    if ApiClient.objects.filter(name=name).exists():
        raise InvalidInput(_("An API client of this name exists already."))
    for scope in scopes:
        if not scope.replace(":", "").replace("_", "").isalnum():
            raise InvalidInput(_("%(scope)s is not a scope.") % {"scope": scope})
    token = f"hp_{secrets.token_urlsafe(32)}"
    user = User(username=f"api:{name}")
    user.set_unusable_password()
    user.save()
    client = ApiClient.objects.create(
        name=name, user=user, token_hash=_hash(token), scopes=sorted(set(scopes))
    )
    audit.record(actor, "api_client.created", client, scopes=client.scopes)
    return client, token


@transaction.atomic
def revoke_client(name: str, *, actor: User | None) -> ApiClient:
    """End a client's access at once. Revoking twice changes nothing."""
    client = ApiClient.objects.select_for_update().filter(name=name).first()
    if client is None:
        raise InvalidInput(_("There is no API client of this name."))
    if client.revoked_at is None:
        client.revoked_at = timezone.now()
        client.save(update_fields=["revoked_at"])
        audit.record(actor, "api_client.revoked", client)
    return client


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`; request.auth is the ApiClient, request.user its account."""

    def authenticate(self, request: Request) -> tuple[User, ApiClient] | None:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        found = ApiClient.objects.filter(token_hash=_hash(token.strip()), revoked_at=None)
        client = found.select_related("user").first()
        if client is None or not client.user.is_active:
            raise exceptions.AuthenticationFailed(_("The token is unknown or revoked."))
        now = timezone.now()
        if client.last_used_at is None or now - client.last_used_at > timedelta(minutes=5):
            ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)
        return client.user, client

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """The client holds the view's `required_scope`; a view that names none is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "required_scope", None)
        client = request.auth
        return isinstance(client, ApiClient) and bool(scope) and scope in client.scopes


# --- bodies ------------------------------------------------------------------------------------


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("a key appears twice in one object"))
    return found


def _refuse_constant(text: str) -> None:
    raise ValueError(_("%(text)s is not a JSON number") % {"text": text})


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of twenty digits; no ValueError by itself
        raise ValueError(_("a number is out of range")) from None


def load_json(raw: bytes) -> Any:
    """JSON with exact numbers (Decimal, never float). Bad JSON: ValueError with a sentence.

    Refuses NaN, repeated keys, NUL characters and lone surrogates (the database cannot hold
    them), and nesting deeper than MAX_DEPTH.
    """
    try:
        text = raw.decode("utf-8-sig")
        value = json.loads(
            text,
            parse_float=_exact,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        raise ValueError(_("the body is nested too deeply")) from None
    except UnicodeDecodeError:
        raise ValueError(_("the body is not UTF-8")) from None
    # Neither character gets through UTF-8 and JSON but as an escape.
    _check(value, MAX_DEPTH, texts="\\u" in text)
    return value


_UNPAIRED = re.compile("[\ud800-\udfff]")


def _check(value: Any, depth: int, *, texts: bool) -> None:
    """Nesting, and with `texts` every character."""
    if depth < 0:
        raise ValueError(_("the body is nested too deeply"))
    if isinstance(value, str):
        if "\x00" in value or (not value.isascii() and _UNPAIRED.search(value)):
            raise ValueError(_("a text holds a character that cannot be stored"))
    elif isinstance(value, dict):
        inside = (*value, *value.values()) if texts else value.values()
        _check_inside(inside, depth - 1, texts=texts)
    elif isinstance(value, list):
        _check_inside(value, depth - 1, texts=texts)


def _check_inside(values: Collection[Any], depth: int, *, texts: bool) -> None:
    """Numbers need no look, and texts often none; what is left is few."""
    if depth < 0 and values:
        raise ValueError(_("the body is nested too deeply"))
    for value in values:
        kind = type(value)
        if kind is dict or kind is list or (texts and kind is str):
            _check(value, depth, texts=texts)


class DecimalJSONParser(JSONParser):
    """JSON bodies read by load_json(); Django limits their size (DATA_UPLOAD_MAX_MEMORY_SIZE)."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return load_json(stream.read())
        except ValueError as error:
            raise exceptions.ParseError(
                _("The body is not valid JSON: %(error)s.") % {"error": error}
            ) from error


class _ExactEncoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return str(obj) if isinstance(obj, Decimal) else super().default(obj)


class ExactJSONRenderer(JSONRenderer):
    """JSON answers in which a Decimal is text ("1.10") and never becomes a float."""

    encoder_class = _ExactEncoder


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as {code, detail[, errors]} with its status."""
    # Imported here: rest_framework.views reads the settings, which name this module.
    from rest_framework.views import exception_handler as rest_exception_handler

    if isinstance(error, RequestDataTooBig):
        read_to_its_end(context["request"])
        megabytes = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1024 // 1024
        detail = _("The body is larger than %(size)d MB.") % {"size": megabytes}
        return Response({"code": "too_large", "detail": detail}, status=413)
    if not isinstance(error, DomainError):
        answer = rest_exception_handler(error, context)
        if answer is not None and isinstance(error, exceptions.APIException):
            answer.data = {"code": error.default_code, "detail": str(error.detail)}
        return answer
    body: dict[str, Any] = {"code": error.code, "detail": str(error.message)}
    if isinstance(error, BadRows):
        body["errors"] = [
            {"row": fault.row, "column": fault.column, "message": str(fault.message)}
            for fault in error.errors
        ]
    if isinstance(error, Busy):  # to a program: nothing is decided, the same again is right
        return Response(body, status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return Response(body, status=error.status)


# --- one object or many ------------------------------------------------------------------------

MAX_ITEMS = 500


def client_user(request: Request) -> User:
    """The account of the calling client; HasScope lets nobody else in."""
    if not isinstance(request.user, User):
        raise exceptions.NotAuthenticated
    return request.user


def items_of(request: Request) -> tuple[list[dict[str, Any]], bool]:
    """(the objects of the body, whether it was a single one); at most MAX_ITEMS."""
    body = request.data
    items = [body] if isinstance(body, dict) else body
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidInput(_("The body must be an object or a list of objects."))
    if not 1 <= len(items) <= MAX_ITEMS:
        raise InvalidInput(_("Send between 1 and %(n)d objects.") % {"n": MAX_ITEMS})
    return items, isinstance(body, dict)


def stored_answer(stored: list[dict[str, Any]], *, created: int, single: bool) -> Response:
    """201 when anything is new, else 200; the stored object, or {created, unchanged, results}."""
    code = 201 if created else 200
    if single:
        return Response(stored[0], status=code)
    body = {"created": created, "unchanged": len(stored) - created, "results": stored}
    return Response(body, status=code)


# --- idempotency -------------------------------------------------------------------------------

View = TypeVar("View", bound=Callable[..., Response])


def body_hash(data: Any) -> str:
    """SHA-256 of the parsed body: spacing and key order do not make another body."""
    text = json.dumps(data, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def idempotent(view: View) -> View:
    """For post(self, request, …): one transaction, and with an Idempotency-Key done once.

    Same client, path, key and body: the first answer again. Other body: 409. Answers are kept 30
    days; only successful ones, since a refused call changed nothing and may be repaired.
    """

    @functools.wraps(view)
    def post(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        with audit.via("api"), transaction.atomic():
            if key is None:
                return _successful(view(self, request, *args, **kwargs))
            return _once(key, request, lambda: view(self, request, *args, **kwargs))

    return post  # type: ignore[return-value]


def _successful(answer: Response) -> Response:
    if answer.status_code >= 400:
        transaction.set_rollback(True)
    return answer


def _once(key: str, request: Request, call: Callable[[], Response]) -> Response:
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise InvalidInput(_("The Idempotency-Key must have 1 to 200 printable characters."))
    client, path, digest = request.auth, request.path, body_hash(request.data)
    if not isinstance(client, ApiClient):
        raise InvalidInput(_("An Idempotency-Key needs an API client."))
    # Racers with the same key wait here for the first one and then find its answer.
    take(Lock.IDEMPOTENCY, f"{client.pk} {path} {key}", wait_ms=15_000)
    kept = StoredAnswer.objects.filter(client=client, path=path, key=key)
    kept.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()
    if (first := kept.first()) is not None:
        if first.body_hash != digest:
            raise Conflict(_("This Idempotency-Key was used with another body."))
        return Response(json.loads(first.body), status=first.status)
    answer = _successful(call())
    if answer.status_code < 400:
        StoredAnswer.objects.create(
            client=client,
            path=path,
            key=key,
            body_hash=digest,
            status=answer.status_code,
            body=ExactJSONRenderer().render(answer.data).decode(),
        )
    return answer
