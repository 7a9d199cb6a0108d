"""What the OpenAPI document says about every integration call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from core.api import MAX_ITEMS


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class RowFault(serializers.Serializer):
    """Where a body is wrong: the object's place in the list (from 1), its key, what is wrong."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    message = serializers.CharField()


class Refusal(serializers.Serializer):
    """Why nothing was stored."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = RowFault(many=True, required=False)  # type: ignore[assignment]


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="Kept 30 days: the same key and body get the first answer again, another body 409.",
)
# Bad content, no valid token, out of its scope, another method, another type of answer than JSON,
# a contradiction, too large, another type of body than JSON, somebody else at work on the same.
_REFUSED = (400, 401, 403, 405, 406, 409, 413, 415, 503)
RETRY = OpenApiParameter(
    "Retry-After",
    {"type": "integer", "minimum": 1},
    OpenApiParameter.HEADER,
    description="Seconds after which the same call may be sent again: nothing is decided yet.",
    response=[503],
)


def intake_schema(
    name: str, sent: type[serializers.Serializer], stored: type[serializers.Serializer], text: str
) -> Callable[[Any], Any]:
    """Document a call that takes one object or a list of at most 500, all or nothing."""
    many = inline_serializer(
        f"{name}Results",
        {
            "created": serializers.IntegerField(),
            "unchanged": serializers.IntegerField(),
            "results": stored(many=True),
        },
    )

    def one_or_many(part: str, one: Any, several: Any) -> Any:
        return PolymorphicProxySerializer(f"{name}{part}", [one, several], None, many=False)

    listed: Any = serializers.ListSerializer(child=sent(), min_length=1, max_length=MAX_ITEMS)
    answer = one_or_many("Answer", stored, many)
    return extend_schema(
        operation_id=f"take_{name.lower()}s",
        description=text,
        parameters=[IDEMPOTENCY_KEY, RETRY],
        request=one_or_many("Body", sent, listed),
        responses={200: answer, 201: answer, **dict.fromkeys(_REFUSED, OpenApiResponse(Refusal))},
    )
