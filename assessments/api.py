"""POST /api/v1/measurements/: figures from the systems that measure them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.imports.measurements import COLUMNS, OPTIONAL
from assessments.models import Measurement
from assessments.services.measurements import record_measurements
from core.api import client_user, idempotent, items_of, stored_answer
from core.api_schema import intake_schema
from core.errors import BadRows, RowError

KEY = ("indicator_code", "employee_no", "period", "source_ref")


@extend_schema_field(
    {"oneOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}]}
)
class Figure(serializers.DecimalField):
    """An exact number, which may be sent as text."""


class MeasurementIn(serializers.Serializer):
    """A figure of one indicator, person and period; those of several sources add up."""

    indicator_code = serializers.CharField(min_length=1)
    employee_no = serializers.CharField(min_length=1)
    period = serializers.CharField(min_length=1, help_text="2026-03, 2026-Q1 or 2026")
    numerator: serializers.DecimalField = Figure(18, 6)
    denominator: serializers.DecimalField = Figure(18, 0)
    source_ref = serializers.CharField(max_length=200, required=False, allow_null=True)


class MeasurementOut(MeasurementIn):
    """The valid version of the figure; numbers as text, so that none loses a digit."""

    numerator = serializers.DecimalField(18, 6)
    denominator = serializers.DecimalField(18, 6)
    version = serializers.IntegerField()


class MeasurementsView(APIView):
    """Takes measured figures."""

    required_scope = "measurements"

    @intake_schema(
        "Measurement",
        MeasurementIn,
        MeasurementOut,
        "Stores figures, all or nothing. A known figure with another value becomes a new version; "
        "for a locked period it is refused.",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        items, single = items_of(request)
        _check_types(items)
        report = record_measurements(items, actor=client_user(request))
        new = report.created + report.corrected
        return stored_answer(_stored(items), created=new, single=single)


def _check_types(items: Sequence[Mapping[str, Any]]) -> None:
    """Codes must be texts (a number would lose its zeros); figures may be numbers or texts."""
    faults = []
    for row, item in enumerate(items, start=1):
        for key, value in item.items():
            if key not in {*COLUMNS, *OPTIONAL}:
                faults.append(RowError(row, key, _("the key is unknown")))
            elif key in KEY and not isinstance(value, str | None):
                faults.append(RowError(row, key, _("must be a text")))
            elif isinstance(value, bool) or not isinstance(value, str | int | Decimal | None):
                faults.append(RowError(row, key, _("must be a number")))
    if faults:
        raise BadRows(faults)


def _key(item: Mapping[str, Any]) -> tuple[str, str, str, str]:
    indicator, employee, period, source = ((item.get(name) or "").strip() for name in KEY)
    return indicator, employee, period, source


def _stored(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The valid versions as MeasurementOut, in the order of the body; one query."""
    keys = [_key(item) for item in items]
    rows = (
        Measurement.objects.filter(
            indicator__code__in={key[0] for key in keys},
            employee__employee_no__in={key[1] for key in keys},
            period_key__in={key[2] for key in keys},
        )
        .order_by("indicator_id", "employee_id", "period_key", "source_ref", "-version")
        .distinct("indicator_id", "employee_id", "period_key", "source_ref")
        .values_list(
            "indicator__code",
            "employee__employee_no",
            "period_key",
            "source_ref",
            "numerator",
            "denominator",
            "version",
        )
    )
    found = {(row[0], row[1], row[2], row[3]): row[4:] for row in rows}
    return [
        {
            **dict(zip(KEY, key, strict=True)),
            "numerator": str(found[key][0]),
            "denominator": str(found[key][1]),
            "version": found[key][2],
        }
        for key in keys
    ]
