"""POST /api/v1/events/: service events from the systems where they happen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import client_user, idempotent, items_of, stored_answer
from core.api_schema import intake_schema
from customers.models import ServiceEvent, ServiceEventPerson, Stage
from customers.permissions import EVENTS_SCOPE
from customers.services import record_events


@extend_schema_field(
    {"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
)
class EmployeeNumbers(serializers.ListField):
    """The people of an event."""


class EventIn(serializers.Serializer):
    """A service event, as in a file. Times without an offset are Shanghai time."""

    event_no = serializers.CharField(min_length=1, max_length=60)
    customer_no = serializers.CharField(min_length=1, max_length=60)
    customer_name = serializers.CharField(max_length=120, required=False, allow_null=True)
    phone = serializers.CharField(max_length=40, required=False, allow_null=True)
    email = serializers.EmailField(required=False, allow_null=True)
    employee_no = EmployeeNumbers(
        child=serializers.CharField(min_length=1), required=False, allow_null=True,
        help_text="the lead first; or one text, `;`-separated",
    )  # fmt: skip
    department_code = serializers.CharField(max_length=40, required=False, allow_null=True)
    stage = serializers.ChoiceField(Stage.choices)
    channel = serializers.CharField(max_length=40, required=False, allow_null=True)
    occurred_at = serializers.DateTimeField()


class EventPerson(serializers.Serializer):
    employee_no = serializers.CharField()
    department_code = serializers.CharField()
    position_code = serializers.CharField()


class EventOut(serializers.Serializer):
    """The stored event with its frozen attribution; contact fields are never sent out."""

    event_no = serializers.CharField()
    customer_no = serializers.CharField()
    stage = serializers.ChoiceField(Stage.choices)
    channel = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    department_code = serializers.CharField()
    people = EventPerson(many=True)


class EventsView(APIView):
    """Takes service events."""

    required_scope = EVENTS_SCOPE

    @intake_schema(
        "Event",
        EventIn,
        EventOut,
        "Stores service events, all or nothing. A known event with the same content is answered "
        "with 200 and what is stored; other content than stored: 409. Contact fields update.",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        items, single = items_of(request)
        report = record_events(items, actor=client_user(request))
        stored = _stored([item["event_no"] for item in items])
        return stored_answer(stored, created=len(report.created), single=single)


def _stored(numbers: Iterable[str]) -> list[dict[str, Any]]:
    """The events as EventOut, in the order of the numbers; two queries."""
    wanted = [number.strip() for number in numbers]
    fields = {
        "event_no": "event_no",
        "customer_no": "customer__customer_no",
        "stage": "stage",
        "channel": "channel",
        "occurred_at": "occurred_at",
        "department_code": "department__code",
    }
    rows = ServiceEvent.objects.filter(event_no__in=wanted).values_list(*fields.values())
    found = {row[0]: {**dict(zip(fields, row, strict=True)), "people": []} for row in rows}
    people = ServiceEventPerson.objects.filter(event__event_no__in=wanted)
    for number, *person in people.order_by("event_id", "order").values_list(
        "event__event_no", "employee__employee_no", "department__code", "position__code"
    ):
        keys = ("employee_no", "department_code", "position_code")
        found[number]["people"].append(dict(zip(keys, person, strict=True)))
    return [found[number] for number in wanted]
