"""Scores of a period as HR takes them: one row per employee, sorted, the same bytes every time."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Indicator, IndicatorResult, Period, Scorecard
from core.errors import InvalidInput
from core.exports import write_csv
from core.rounding import half_up

FIELDS = (
    "status",
    "quantitative",
    "qualitative",
    "composite",
    "grade",
    "coefficient",
    "satisfaction_raw",
    "satisfaction_n",
    "fair_score",
    "fair_low",
    "fair_high",
)


def export_scores(key: str, path: str | Path) -> int:
    """Write the current scores of a period; returns the number of rows. InvalidInput when it has
    not been scored."""
    period = Period.objects.filter(key=key).first()
    if period is None or period.current_run_id is None:
        raise InvalidInput(_("%(key)s has not been scored.") % {"key": key})
    indicators = list(Indicator.objects.order_by("code").values_list("code", flat=True))
    header = ("employee_no", "department_code", *FIELDS, *indicators)
    return write_csv(path, header, _rows(period, indicators))


def _rows(period: Period, indicators: list[str]) -> Iterator[list[Any]]:
    points = _points(period)
    cards = (
        Scorecard.objects.current_in(period)
        .order_by("employee__employee_no")
        .values_list("id", "employee__employee_no", "department__code", *FIELDS)
    )
    for pk, number, department, *values in cards.iterator():
        cells = [_cell(value) for value in values]
        yield [number, department, *cells, *(points.get((pk, code)) for code in indicators)]


def _points(period: Period) -> dict[tuple[int, str], Decimal]:
    """(scorecard, indicator) -> points; of several placements the mean by working days."""
    rows = (
        IndicatorResult.objects.filter(
            scorecard__in=Scorecard.objects.current_in(period), points__isnull=False
        )
        .order_by("scorecard", "placement_no", "indicator")
        .values_list("scorecard", "indicator", "placement_no", "points", "scorecard__placements")
    )
    sums: dict[tuple[int, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for pk, indicator, number, points, placements in rows.iterator():
        days = max(1, placements[number]["days"])
        sums[pk, indicator][0] += days * points
        sums[pk, indicator][1] += days
    return {key: half_up(total / days) for key, (total, days) in sums.items()}


def _cell(value: Any) -> Any:
    """Scores and coefficients with 2 places; text and counts as they are."""
    if isinstance(value, float | Decimal):
        return half_up(value)
    return value
