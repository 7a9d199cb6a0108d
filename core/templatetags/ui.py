"""What templates need to show numbers, names and icons the same way everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import badges, icons
from core.rounding import half_up

register = template.Library()

MISSING = "–"
_MINUS = "−"


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: an outline icon of Tabler."""
    return icons.icon(name)


@register.simple_tag
def state(value: str, label: object) -> SafeString:
    """`{% state row.status row.get_status_display %}`: the badge of a stored state."""
    tone, glyph = badges.look(value)
    return format_html('<span class="st {}">{}{}</span>', tone, icons.icon(glyph), label)


def _number(value: Any, digits: int, *, grouped: bool = False, signed: bool = False) -> str:
    if value is None or value == "":
        return MISSING
    exact = half_up(Decimal(str(value)), digits)
    text = f"{abs(exact):{',' if grouped else ''}.{digits}f}"
    if exact < 0:
        return _MINUS + text
    return f"+{text}" if signed and exact > 0 else text


@register.filter
def score(value: Any, digits: int = 2) -> str:
    """A score of 0..100 as 77.26; missing is a dash."""
    return _number(value, int(digits))


@register.filter
def money(value: Any) -> str:
    """An amount as 1,920.00; the page says the currency."""
    return _number(value, 2, grouped=True)


@register.filter
def signed(value: Any, digits: int = 2) -> str:
    """A difference as +0.90 or −480.00."""
    return _number(value, int(digits), grouped=True, signed=True)


@register.filter
def count(value: Any) -> str:
    """A whole number as 1,129; missing is a dash."""
    return _number(value, 0, grouped=True)


@register.filter
def interval(low: Any, high: Any, digits: int = 1) -> str:
    """`low|interval:high` as 81.2–96.8; a dash where there is none."""
    if low is None or high is None:
        return MISSING
    return f"{_number(low, digits)}{MISSING}{_number(high, digits)}"


@register.filter
def given(value: Any) -> Any:
    """The value, or a dash for None and the empty text."""
    return MISSING if value is None or value == "" else value


@register.filter
def name(thing: Any) -> str:
    """`name_zh` or `name_en` of a row or dict, whichever the page is in; Chinese where English
    is missing."""
    if thing is None:
        return MISSING
    read = thing.get if isinstance(thing, Mapping) else lambda key: getattr(thing, key, "")
    chinese, english = read("name_zh"), read("name_en")
    return str(english if is_english() and english else chinese or english or MISSING)


@register.filter
def text(thing: Any, key: str = "text") -> str:
    """`spec|text:"purpose"`: the value under purpose_zh or purpose_en, as `name`."""
    if thing is None:
        return ""
    read = thing.get if isinstance(thing, Mapping) else lambda one: getattr(thing, one, "")
    chinese, english = read(f"{key}_zh"), read(f"{key}_en")
    return str((english if is_english() and english else chinese or english) or "")


@register.filter
def person(value: Any) -> Any:
    """A person's name, marked as Chinese so that an English page shows and reads it right."""
    if not value:
        return MISSING
    return format_html('<span lang="zh-CN">{}</span>', value)


@register.filter
def day(value: date | datetime | None) -> str:
    """A date as the language writes it: 2026 年 11 月 17 日, 17 Nov 2026."""
    if value is None:
        return MISSING
    local = timezone.localtime(value) if isinstance(value, datetime) and _aware(value) else value
    return formats.date_format(local, "Y 年 n 月 j 日" if not is_english() else "j M Y")


@register.filter
def moment(value: datetime | None) -> str:
    """A point in time in business time: 2026 年 11 月 17 日 18:04, 17 Nov 2026, 18:04."""
    if value is None:
        return MISSING
    local = timezone.localtime(value) if _aware(value) else value
    return formats.date_format(local, "Y 年 n 月 j 日 H:i" if not is_english() else "j M Y, H:i")


@register.filter
def deadline_day(value: date | None) -> str:
    """The day a deadline ends, whole: 11 月 17 日（周二）24:00, Tue 17 Nov, 24:00."""
    if value is None:
        return MISSING
    if is_english():
        return formats.date_format(value, "D j M, 24:00")
    return f"{value.month} 月 {value.day} 日（周{'一二三四五六日'[value.weekday()]}）24:00"


@register.filter
def listed(values: Iterable[Any]) -> str:
    """a, b, c in English; a、b、c in Chinese."""
    return (", " if is_english() else "、").join(map(str, values))


@register.filter
def period_name(key: str) -> str:
    """2026-10 -> 2026 年 10 月, October 2026; 2026-Q4 -> 2026 年第四季度, Q4 2026."""
    year, _dash, part = str(key).partition("-")
    if not part:
        return year if is_english() else f"{year} 年"
    if part.startswith("Q"):
        quarter = int(part[1:])
        return f"Q{quarter} {year}" if is_english() else f"{year} 年第{'一二三四'[quarter - 1]}季度"
    first = date(int(year), int(part), 1)
    return formats.date_format(first, "Y 年 n 月" if not is_english() else "F Y")


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """The address of this page with some query parameters set, or removed where None:
    `?{% with_query page=2 %}`. Other parameters stay."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return query.urlencode()


@register.simple_tag
def chart_data(chart: Any, element_id: str) -> SafeString:
    """The specification of a core.charts.Chart as a JSON block that charts.js reads."""
    return json_script({"spec": chart.spec, "dark": chart.dark}, element_id)


@register.simple_tag
def chart_rows(chart: Any) -> SafeString:
    """The rows of a chart's table. A page of departments has hundreds of their cells, and a
    template takes several times as long over each."""
    rows = (
        (row[0], format_html_join("", '<td class="num">{}</td>', ((cell,) for cell in row[1:])))
        for row in chart.rows
    )
    return format_html_join("\n", '<tr><th scope="row">{}</th>{}</tr>', rows)


@register.filter
def as_json(value: Any) -> str:
    """Stored data as indented JSON, for audit pages; escaped like any text."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def is_english() -> bool:
    """Whether the page being made is in English."""
    return (get_language() or "").startswith("en")


def _aware(value: date | datetime) -> bool:
    return isinstance(value, datetime) and timezone.is_aware(value)
