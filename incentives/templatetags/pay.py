"""What pay is called in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import timezone

from core.once import once
from core.templatetags.ui import is_english, person
from incentives.queries.settings import pay_items

register = template.Library()


@register.filter
def item_name(row: Any) -> Any:
    """The pay item of a payroll line or of a control total. A line keeps the Chinese name the
    workbook had; an English page takes the item's English one, or marks the Chinese as such."""
    read = row.get if isinstance(row, Mapping) else lambda key: getattr(row, key, "")
    code, chinese = str(read("pay_item_code")), read("pay_item_name")
    if not is_english():
        return chinese
    english = once("pay items", _english).get(code)
    return english or person(chinese)


def _english() -> dict[str, str]:
    return {item["code"]: item["name_en"] for item in pay_items(timezone.localdate())}
