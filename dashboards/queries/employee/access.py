"""Whose results an account may open, and how much of them: pay is for fewer eyes than scores."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from assessments.models import Scorecard
from assessments.models.scorecards import UNRELEASED, ScorecardQuerySet
from core.models import User
from organization.models import Employee, Role, grants_of
from organization.models.departments import led_paths
from organization.models.roles import COMPANY_WIDE, DIRECTORY
from organization.permissions import may_see_pay_of
from organization.queries import employee_of

# Offices that work with people's results; the others of the company see people, not scores.
_OFFICES = COMPANY_WIDE - {Role.ADMIN}


@dataclass(frozen=True)
class Sight:
    """One account looking at one person."""

    user: User
    employee: Employee
    own: bool
    pay: bool

    def cards(self) -> ScorecardQuerySet:
        """The person's scorecards this account may see; one's own only once released. That the
        person is visible at all was settled when the Sight was made."""
        cards = Scorecard.objects.filter(employee=self.employee)
        return cards.exclude(state__in=UNRELEASED) if self.own else cards


def own(user: User) -> Sight | None:
    """The account's own person; None for an account without one."""
    employee = employee_of(user)
    return Sight(user, employee, own=True, pay=True) if employee else None


def of(user: User, employee_no: str) -> Sight | None:
    """Somebody by number, None where the account may not see the results: the person, the heads
    of the department and above, HR, the assessment and management groups, analysts, supervision."""
    employee = _visible(user).filter(employee_no=employee_no).first()
    if employee is None:
        return None
    mine = employee.user_id == user.pk
    return Sight(user, employee, own=mine, pay=mine or bool(may_see_pay_of(user, employee)))


def _visible(user: User) -> QuerySet[Employee]:
    """As Employee.objects.visible_to, but without those whose work is only to name people."""
    grants = grants_of(user)
    if any(grant.role in _OFFICES and not grant.path for grant in grants):
        return Employee.objects.all()
    seen = Q(user_id=user.pk)
    led = [grant for grant in grants if grant.role not in DIRECTORY | {Role.ADMIN}]
    if paths := led_paths(led):
        seen |= Q(pk__in=Employee.objects.placed_below(*paths).values("pk"))
    return Employee.objects.filter(seen)
