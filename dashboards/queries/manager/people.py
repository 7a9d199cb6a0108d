"""The list of people with their last results."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When
from django.db.models.functions import Coalesce

from assessments.models import Period, Scorecard
from assessments.models.scorecards import UNRELEASED
from core.models import User
from organization.models import Department, Employee

FEW, MINIMUM = 30, 5
SORTS = ("name", "position", "department", "n", "fair")


def periods_with_results() -> list[Period]:
    """Periods with scorecards, the newest first, months before longer ones of the same end."""
    return list(
        Period.objects.filter(current_run__isnull=False).order_by("-last_day", "-first_day")[:24]
    )


def people(
    viewer: User,
    period: Period | None,
    *,
    today: date,
    department: Department | None = None,
    position: str = "",
    search: str = "",
    sort: str = "name",
) -> QuerySet[Employee]:
    """Whom the account may see, with today's place and the scorecard of the period. People with
    too few answers to compare stand behind the others when sorted by the score."""
    rows = Employee.objects.visible_to(viewer).annotate(
        place=FilteredRelation(
            "placements",
            condition=Q(placements__starts_on__lte=today)
            & (Q(placements__ends_on__isnull=True) | Q(placements__ends_on__gte=today)),
        ),
        card=FilteredRelation(
            "scorecards",
            condition=Q(scorecards__period=period.pk if period else None)
            & Q(scorecards__run=period.current_run_id if period else None)
            & Q(scorecards__corrected=False),
        ),
    )
    rows = rows.filter(place__isnull=False).annotate(
        department_name_zh=F("place__department__name_zh"),
        department_name_en=F("place__department__name_en"),
        position_name_zh=F("place__position__name_zh"),
        position_name_en=F("place__position__name_en"),
        n=Coalesce("card__satisfaction_n", 0),
        has_card=F("card__pk"),
        fair=F("card__fair_score"),
        fair_low=F("card__fair_low"),
        fair_high=F("card__fair_high"),
        fair_status=F("card__fair_status"),
        grade=F("card__grade"),
        card_state=F("card__state"),
        ranked=Case(When(card__satisfaction_n__gte=FEW, then=F("card__fair_score"))),
    )
    if department is not None:
        rows = rows.filter(place__department__path__startswith=department.path)
    if position:
        rows = rows.filter(place__position__code=position)
    if search:
        rows = rows.filter(
            Q(name__icontains=search)
            | Q(employee_no__icontains=search)
            | Q(sort_key__icontains=search)
        )
    return rows.order_by(*_order(sort))


def _order(sort: str) -> list[Any]:
    last: list[Any] = ["sort_key", "employee_no"]
    orders: dict[str, list[Any]] = {
        "position": ["place__position__code", *last],
        "department": ["place__department__path", *last],
        "n": ["-n", *last],
        "fair": [F("ranked").desc(nulls_last=True), *last],
    }
    return orders.get(sort, list(last))


def is_closed(viewer: User, row: Employee) -> bool:
    """Whether the row's result is the viewer's own and not released yet."""
    return row.user_id == viewer.pk and getattr(row, "card_state", None) in UNRELEASED


def state_label(row: Employee) -> str:
    """The scorecard's state in words."""
    state = getattr(row, "card_state", None)
    return str(Scorecard.State(state).label) if state else ""
