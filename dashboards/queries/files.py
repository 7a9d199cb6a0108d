"""The list of employees and one person's file: placements, pay, results, awards, appeals, days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from assessments.models import Scorecard
from dashboards.queries.employee.record import award_name
from incentives.models import Appeal, Award, PerformancePay
from incentives.queries.reasons import award_reason
from organization.models import Attendance, Department, Employee, Placement

STATES = ("active", "left", "all")
RELEASED = [
    Scorecard.State.RELEASED,
    Scorecard.State.ACKNOWLEDGED,
    Scorecard.State.ACK_TIMEOUT,
    Scorecard.State.UNDER_APPEAL,
    Scorecard.State.UPHELD,
    Scorecard.State.REVISED,
    Scorecard.State.FINAL,
]
WON = [
    Award.State.APPROVED,
    Award.State.ANNOUNCED,
    Award.State.POSTED,
    Award.State.PAID,
    Award.State.REVERSED,
]


def employees(
    people: QuerySet[Employee], search: str, department: Department | None, state: str, today: date
) -> QuerySet[Employee]:
    """Those of `people` by name; search by number, name or pinyin; a department with all below
    it."""
    latest = (
        Placement.objects.filter(starts_on__lte=today)
        .select_related("department", "position")
        .order_by("-starts_on")
    )
    rows = people.prefetch_related(Prefetch("placements", queryset=latest, to_attr="held"))
    if state == "active":
        rows = rows.filter(Q(left_on=None) | Q(left_on__gte=today))
    elif state == "left":
        rows = rows.filter(left_on__lt=today)
    for word in search.split():
        rows = rows.filter(
            Q(employee_no__icontains=word) | Q(name__icontains=word) | Q(sort_key__icontains=word)
        )
    if department is not None:
        below = Department.objects.below(department.path)
        places = Placement.objects.filter(department__in=below)
        if state != "left":
            places = places.on(today)
        rows = rows.filter(pk__in=places.values("employee"))
    return rows.order_by("sort_key", "employee_no")


def departments(rows: QuerySet[Department]) -> list[tuple[Department, str]]:
    """The tree of these departments in order, each with its indent."""
    rows = rows.filter(is_active=True).order_by("path")
    return [(row, "　" * (row.path.count("/") - 2)) for row in rows]


def file_of(employee: Employee, *, today: date) -> dict[str, Any]:
    """Everything the file shows; the same number of queries whatever it holds."""
    placements = list(
        employee.placements.select_related("department", "position").order_by("-starts_on")
    )
    awards = list(
        Award.objects.filter(employee=employee, state__in=WON)
        .select_related("proposal__period", "proposal__policy_version", "employee")
        .order_by("-proposal__period__first_day", "award_code")
    )
    return {
        "placements": placements,
        "placement": next((row for row in placements if row.starts_on <= today), None),
        "profiles": list(employee.pay_profiles.order_by("-starts_on")),
        "cards": list(
            Scorecard.objects.current()
            .filter(employee=employee, state__in=RELEASED)
            .select_related("period", "position")
            .order_by("-period__last_day", "-period__first_day")
        ),
        "payments": list(
            PerformancePay.objects.filter(employee=employee)
            .exclude(state__in=[PerformancePay.State.PROPOSED, PerformancePay.State.REJECTED])
            .select_related("proposal__period")
            .order_by("-proposal__period__first_day", "-version")
        ),
        "awards": [(row, award_name(row), award_reason(row)) for row in awards],
        "appeals": list(
            Appeal.objects.filter(employee=employee)
            .exclude(state=Appeal.State.DRAFT)
            .select_related("scorecard__period")
            .order_by("-appeal_no")
        ),
        "attendance": list(
            Attendance.objects.filter(employee=employee, superseded_at=None).order_by("-month")[:24]
        ),
    }
