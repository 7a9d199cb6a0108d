"""The rows of the indicator table: value, target, curve, interval, n, weight, points, status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import IndicatorResult, IndicatorVersion, Scorecard
from assessments.queries.schemes import parsed
from assessments.rules.curves import Deduction
from assessments.rules.facts import holder
from assessments.rules.floors import may_compare, may_show
from assessments.rules.periods import parse, span_of
from assessments.rules.scheme import FAIR, SATISFACTION, Item
from assessments.rules.values import BELOW_MIN_N, MINUTES, SCORED
from assessments.rules.whatif import PERCENT, best_value
from core.rounding import half_up
from core.stats import mean_interval, wilson
from core.templatetags.ui import name as name_of
from core.templatetags.ui import period_name, score
from dashboards.queries.employee.curves import Drawing, drawing

GROUPS = ("attitude", "efficiency", "quality", "problem_solving")


@dataclass(frozen=True)
class Row:
    """One indicator of one placement, ready to be shown; numbers None where they are missing."""

    code: str
    placement: int
    group: str
    name: str
    under: str  # numerator / denominator, or what the value was made from
    value: Decimal | None
    unit: str
    digits: int
    target: Decimal
    drawing: Drawing
    low: float | None
    high: float | None
    n: int
    weight: Decimal
    points: Decimal | None
    status: str
    few: bool  # satisfaction of 5-29 responses: shown, not compared

    @property
    def anchor(self) -> str:
        return f"i{self.placement}-{self.code}"

    @property
    def value_text(self) -> str:
        return score(self.value, self.digits)

    @property
    def target_text(self) -> str:
        return plain(half_up(self.target, 2))

    @property
    def lost(self) -> Decimal:
        """Weighted points it keeps the quantitative part below 100."""
        return (
            Decimal(0) if self.points is None else self.weight * max(Decimal(0), 100 - self.points)
        )


@dataclass(frozen=True)
class Part:
    """The rows of one group of one placement; `title` names the placement where there are more."""

    title: str
    name: str
    rows: list[Row]


def definitions() -> dict[str, IndicatorVersion]:
    """Indicator code -> its latest wording."""
    rows = (
        IndicatorVersion.objects.select_related("indicator")
        .order_by("indicator_id", "-number")
        .distinct("indicator_id")
    )
    return {row.indicator.code: row for row in rows}


def rows_of(
    card: Scorecard, results: Sequence[IndicatorResult], words: Mapping[str, IndicatorVersion]
) -> list[Row]:
    """The rows of a scorecard's results, in the order of its scheme."""
    return [row for one in results if (row := _row(card, one, words)) is not None]


def parts_of(card: Scorecard, rows: Sequence[Row], places: Sequence[str]) -> list[Part]:
    """The rows by placement and group; `places` are the names of the placements."""
    found = []
    titles = {"": _("Other")} | group_names()
    numbers = sorted({row.placement for row in rows})
    for number in numbers:
        title = places[number] if len(card.placements) > 1 else ""
        for group in (*GROUPS, ""):
            mine = [row for row in rows if row.placement == number and row.group == group]
            if mine:
                found.append(Part(title, titles[group], mine))
                title = ""
    return found


def group_names() -> dict[str, str]:
    return {
        "attitude": _("Attitude"),
        "efficiency": _("Efficiency"),
        "quality": _("Quality"),
        "problem_solving": _("Problem solving"),
    }


def rolls_into(key: str) -> str:
    """The longer period in which too few observations of this one come together; "" for a year."""
    span = parse(key)
    longer = {"month": "quarter", "quarter": "year"}.get(span.kind)
    return period_name(span_of(longer, span.first).key) if longer else ""


def _row(
    card: Scorecard, one: IndicatorResult, words: Mapping[str, IndicatorVersion]
) -> Row | None:
    version, scheme = words.get(one.indicator), one.scheme_version
    if scheme is None:
        return None
    items = parsed(scheme.pk, scheme.content_hash).items
    item = next(item for item in items if item.indicator == one.indicator)
    spec: dict[str, Any] = version.spec if version else {}
    unit = card.run.rules["indicators"].get(one.indicator, {}).get("unit", PERCENT)
    known = one.status in SCORED and one.value_used is not None
    is_satisfaction = one.indicator == SATISFACTION
    low, high = _interval(card, one, item, unit) if known else (None, None)
    value = one.value_used if known else None
    group = spec.get("group", "")
    return Row(
        code=one.indicator,
        placement=one.placement_no,
        group=group if group in GROUPS else "",
        name=_name(spec, one.indicator, item),
        under=_under(one, item, unit),
        value=value,
        unit=_unit(unit, item),
        digits=_digits(unit, item, value),
        target=best_value(item.curve),
        drawing=drawing(item.curve, value, low, high),
        low=low,
        high=high,
        n=one.n,
        weight=one.weight,
        points=one.points,
        status=one.status,
        few=is_satisfaction and may_show(one.n) and not may_compare(one.n),
    )


def _name(spec: Mapping[str, Any], code: str, item: Item) -> str:
    text = name_of(spec) if spec else code
    if code == SATISFACTION and item.value == FAIR:
        return _("%(indicator)s (fair score)") % {"indicator": text}
    return text


def _under(one: IndicatorResult, item: Item, unit: str) -> str:
    if one.indicator == SATISFACTION:
        if not may_show(one.n):
            return _("under 5 counted responses: not shown")
        if item.value == FAIR:
            return _("raw mean %(score)s") % {"score": score(one.raw)}
        return _("mean of %(n)d counted responses") % {"n": one.n}
    if one.denominator is None or not one.denominator:
        return _("nothing to count in this period")
    if unit == MINUTES:
        return _("%(n)s cases") % {"n": plain(one.denominator)}
    if one.numerator is None:
        return ""
    return f"{plain(one.numerator)} / {plain(one.denominator)}"


def _unit(unit: str, item: Item) -> str:
    if isinstance(item.curve, Deduction):
        return _("events")
    return {PERCENT: "%", MINUTES: _("min")}.get(unit, _("points"))


def _digits(unit: str, item: Item, value: Decimal | None) -> int:
    if isinstance(item.curve, Deduction) or (unit == MINUTES and value and value >= 100):
        return 0
    return 1 if unit in (PERCENT, MINUTES) else 2


def _interval(
    card: Scorecard, one: IndicatorResult, item: Item, unit: str
) -> tuple[float | None, float | None]:
    """95 %: of the fair score as stored, of a raw mean by t, of a share by Wilson; else none."""
    if one.indicator == SATISFACTION:
        if item.value == FAIR:
            return _float(one.low), _float(one.high)
        return _of_mean(card, one)
    whole = one.numerator is not None and one.numerator == int(one.numerator)
    if unit != PERCENT or isinstance(item.curve, Deduction) or not whole:
        return None, None
    k, n = int(one.numerator or 0), int(one.denominator or 0)
    if n < 1 or k > n:
        return None, None
    found = wilson(k, n)
    return 100 * found.low, 100 * found.high


def _of_mean(card: Scorecard, one: IndicatorResult) -> tuple[float | None, float | None]:
    n = total = squares = 0
    for department, position, _mode, count, amount, square in card.facts["responses"]:
        if holder(card.facts["placements"], department, position) == one.placement_no:
            n, total, squares = n + count, total + amount, squares + square
    mean = mean_interval(n, total, squares)
    return mean.low, mean.high


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def plain(value: Decimal) -> str:
    """A number without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_few(row: Row) -> bool:
    """Too few observations to count, as against none at all."""
    return row.status == BELOW_MIN_N
