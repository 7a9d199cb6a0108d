"""What pay is worked out from: pay profiles, wage rules of the places, parts of the wage, items."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from incentives.models import Jurisdiction, WageComponent
from incentives.queries.policies import version_on
from organization.models import Employee, PayProfile

PAY_ITEMS = Path(__file__).parents[1] / "content" / "pay_items.json"


def profiles(search: str, day: date, people: QuerySet[Employee]) -> QuerySet[PayProfile]:
    """Pay profiles of the day of these people, by name; search by number, name or pinyin."""
    rows = PayProfile.objects.on(day).filter(employee__in=people).select_related("employee")
    for word in search.split():
        rows = rows.filter(
            Q(employee__employee_no__icontains=word)
            | Q(employee__name__icontains=word)
            | Q(employee__sort_key__icontains=word)
        )
    return rows.order_by("employee__sort_key", "employee__employee_no")


def wage_rules() -> QuerySet[Jurisdiction]:
    """The valid wage rules of every place, the newest of a place first."""
    return Jurisdiction.objects.filter(superseded_at=None).order_by("city", "-effective_from")


def components(people: QuerySet[Employee]) -> list[dict[str, Any]]:
    """The wage parts of these people by month and kind, the newest month first: people and
    sums."""
    rows = (
        WageComponent.objects.filter(superseded_at=None, employee__in=people)
        .values("month", "component")
        .annotate(people=Count("employee", distinct=True), amount=Sum("amount"))
        .order_by("-month", "component")[:60]
    )
    names = WageComponent.Component
    return [row | {"label": names(row["component"]).label} for row in rows]


@cache
def _own_items() -> dict[str, dict[str, str]]:
    items: dict[str, dict[str, str]] = json.loads(PAY_ITEMS.read_text(encoding="utf-8"))
    return items


def pay_items(day: date) -> list[dict[str, str]]:
    """Codes and names the workbook uses: the product's own, and the awards of the policy in
    force."""
    found = {code: {"code": code, **names} for code, names in _own_items().items()}
    version = version_on(day)
    for award in version.spec["awards"] if version else []:
        code = award["pay_item_code"]
        found.setdefault(
            code,
            {
                "code": code,
                "name_zh": award["name_zh"],
                "name_en": award["name_en"],
                "tax_class": award.get("tax_class", ""),
            },
        )
    return list(found.values())
