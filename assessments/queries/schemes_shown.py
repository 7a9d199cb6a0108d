"""A scheme as people read it: names instead of codes, each curve as a small picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from assessments.models import IndicatorVersion, Scheme, SchemeVersion
from assessments.queries.schemes import parsed
from assessments.rules.curves import Bands, Curve, Deduction, Linear, Piecewise
from assessments.rules.scheme import Item
from core.templatetags.ui import name, text
from organization.models import Position

WIDTH, HEIGHT = 112, 34  # points of the picture
_PAD = 4
_STEPS = 24


@dataclass(frozen=True)
class ItemShown:
    """One indicator of a scheme; `path` draws its curve, good always to the right."""

    name: str
    unit: str
    weight: Decimal
    value: str
    min_n: int
    path: str
    left: str
    right: str
    words: str
    rationale: str


def schemes() -> QuerySet[Scheme]:
    """All schemes with their latest version's number and date."""
    return Scheme.objects.annotate(
        latest=Max("versions__number"), versions_number=Count("versions")
    ).order_by("code")


def latest_versions() -> dict[str, SchemeVersion]:
    """Scheme code -> its latest version."""
    rows = (
        SchemeVersion.objects.select_related("scheme", "approved_by__employee")
        .order_by("scheme__code", "-number")
        .distinct("scheme__code")
    )
    return {row.scheme.code: row for row in rows}


def shown(version: SchemeVersion) -> dict[str, Any]:
    """Everything the page of a version says."""
    spec, raw = parsed(version.pk, version.content_hash), version.spec
    indicators = _indicators()
    texts = {row["indicator"]: row for row in raw["items"]}
    positions = Position.objects.filter(code__in=version.position_codes).order_by("code")
    return {
        "name": name(raw) if raw.get("name_zh") else version.scheme.code,
        "spec": spec,
        "positions": [name(one) for one in positions],
        "items": [_item(one, texts[one.indicator], indicators) for one in spec.items],
        "grades": spec.grades,
        "opinions": [
            (_groups().get(one.group, one.group), one.weight, one.min_raters)
            for one in spec.opinions
        ],
        "opinion_reason": text(raw.get("qualitative"), "rationale"),
        "gates": [text(one) or one["event"] for one in raw.get("gates", [])],
    }


def _groups() -> dict[str, str]:
    return {"customer": _("Customers"), "peer": _("Colleagues"), "superior": _("Superior")}


def _indicators() -> dict[str, IndicatorVersion]:
    rows = (
        IndicatorVersion.objects.select_related("indicator")
        .order_by("indicator_id", "-number")
        .distinct("indicator_id")
    )
    return {row.indicator.code: row for row in rows}


def _item(
    item: Item, raw: Mapping[str, Any], indicators: Mapping[str, IndicatorVersion]
) -> ItemShown:
    version = indicators.get(item.indicator)
    unit = unit_name(version.unit if version else "")
    low, high, better_up = _domain(item.curve)
    path = _path(item.curve, low, high, better_up=better_up)
    ends = (low, high) if better_up else (high, low)
    return ItemShown(
        name=name(version.spec) if version else item.indicator,
        unit=unit,
        weight=item.weight,
        value=_("fair score") if item.value == "fair" else _("as measured"),
        min_n=item.min_n,
        path=path,
        left=_plain(ends[0]),
        right=_plain(ends[1]),
        words=_words(item.curve, unit),
        rationale=text(raw, "rationale"),
    )


def unit_name(code: str) -> str:
    return {
        "percent": "%",
        "score_0_100": _("points"),
        "business_minutes": _("working minutes"),
    }.get(code, code)


def _domain(curve: Curve) -> tuple[Decimal, Decimal, bool]:
    """First and last value of the picture, and whether more is better."""
    if isinstance(curve, Linear):
        low, high = sorted((curve.floor, curve.target))
        room = (high - low) / 5
        return low - room, high + room, curve.target > curve.floor
    if isinstance(curve, Piecewise):
        return curve.xs[0], curve.xs[-1], curve.ys[-1] >= curve.ys[0]
    if isinstance(curve, Bands):
        first, last = curve.starts[0], curve.starts[-1]
        room = (last - first) / 4 or Decimal(1)
        return first - room, last + room, curve.scores[-1] >= curve.scores[0]
    events = curve.start / curve.per if curve.per else Decimal(10)
    return Decimal(0), events, False


def _path(curve: Curve, low: Decimal, high: Decimal, *, better_up: bool) -> str:
    """The curve as an SVG path of WIDTH x HEIGHT."""
    width = high - low or Decimal(1)
    values = [low + width * step / _STEPS for step in range(_STEPS + 1)]
    points = [curve.points(value) for value in values]
    top = max(*points, Decimal(100))
    drawn = []
    for number, score in enumerate(points):
        place = number if better_up else _STEPS - number
        x = _PAD + (WIDTH - 2 * _PAD) * place / _STEPS
        y = HEIGHT - _PAD - (HEIGHT - 2 * _PAD) * float(score) / float(top)
        drawn.append((x, y))
    drawn.sort()
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in drawn)


def _words(curve: Curve, unit: str) -> str:
    """The curve in a sentence, for who does not see the picture."""
    if isinstance(curve, Linear):
        return _("0 points at %(floor)s %(unit)s, 100 at %(target)s, at most %(cap)s") % {
            "floor": _plain(curve.floor),
            "target": _plain(curve.target),
            "cap": _plain(curve.cap),
            "unit": unit,
        }
    if isinstance(curve, Deduction):
        return _("%(start)s points, less %(per)s for each event") % {
            "start": _plain(curve.start),
            "per": _plain(curve.per),
        }
    if isinstance(curve, Piecewise):
        starts = [_plain(x) for x in curve.xs]
        scores = curve.ys
    else:
        starts = ["…", *(_plain(x) for x in curve.starts)]
        scores = curve.scores
    pairs = zip(starts, scores, strict=True)
    return _(", ").join(f"{start} → {_plain(y)}" for start, y in pairs)


def _plain(value: Decimal | str) -> str:
    """A number without needless zeros."""
    if isinstance(value, str):
        return value
    exact = value.quantize(Decimal("0.01")).normalize()
    return f"{exact:f}"
