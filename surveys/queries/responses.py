"""Lists of answers for those who judge them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Exists, Func, OuterRef, QuerySet, Value

from core.models import User
from core.once import once
from organization.models import Department, Employee
from organization.queries import departments_held, has_role, own_id
from surveys.models import (
    Judgement,
    Response,
    ResponseReattribution,
    Survey,
    Verdict,
)
from surveys.permissions import JUDGES
from surveys.queries.facts import Answered, Current, answered, latest_verdicts


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty: everything."""

    words: str = ""
    verdict: str = ""
    check: str = ""
    department: str = ""
    channel: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Line:
    """A response in a list with the verdict that is valid and whom it is about."""

    response: Response
    facts: Answered
    verdict: Current | None
    department: Department | None
    people: Sequence[Employee]
    hidden: int  # persons of the response whose names this reader may not see

    @property
    def score(self) -> float | None:
        micro = self.response.score_micro
        return None if micro is None else micro / 1e6


def departments_seen(user: User) -> set[int] | None:
    """Departments (ids) whose answers the account may open at the desk, as far as its roles there
    reach; None: all of them, and those answers too that name no department. Read once while a page
    is shown."""
    return once(("departments seen", user.pk), lambda: _departments_seen(user))


def _departments_seen(user: User) -> set[int] | None:
    if has_role(user, *JUDGES):
        return None
    return set(departments_held(user, *JUDGES).values_list("pk", flat=True))


def are_open_to(user: User, responses: Iterable[Response]) -> bool:
    """Whether all of the answers are of departments the account may see; those of others are as if
    they were not there."""
    seen = departments_seen(user)
    return seen is None or all(one.department_id in seen for one in responses)


def visible_responses(user: User) -> QuerySet[Response]:
    """Answers a member of the desk may open: of the departments they may see, none about them."""
    rows = Response.objects.all()
    departments = departments_seen(user)
    if departments is not None:
        rows = rows.filter(department__in=departments)
    own = own_id(user)
    if own is None:
        return rows
    about_me = ResponseReattribution.objects.filter(
        _names("after", own), answered_on=OuterRef("answered_on"), response_id=OuterRef("id")
    )
    return rows.exclude(_names("people", own)).exclude(Exists(about_me))


def _names(field: str, employee: int) -> Func:
    """Whether a stored list of [employee, department, position] names the employee."""
    return Func(
        field,
        Value("$[*][0] ? (@ == $own)"),
        Value(json.dumps({"own": employee})),
        function="jsonb_path_exists",
        template="%(function)s(%(expressions)s)",
        output_field=BooleanField(),
    )


def responses_in(survey: Survey, user: User, filters: Filters) -> QuerySet[Response]:
    """The visible answers of a survey, the last one first."""
    rows = visible_responses(user).filter(survey=survey)
    if filters.words:
        rows = rows.filter(response_no__icontains=filters.words)
    if filters.department:
        rows = rows.filter(department__code=filters.department)
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if filters.first:
        rows = rows.filter(answered_on__gte=filters.first)
    if filters.last:
        rows = rows.filter(answered_on__lte=filters.last)
    if filters.verdict or filters.check:
        rows = rows.filter(Exists(_valid(filters)))
    return rows.order_by("-answered_on", "-id")


def _valid(filters: Filters) -> QuerySet[Verdict]:
    """The valid verdict of the outer response, if it is as asked for."""
    same = {"answered_on": OuterRef("answered_on"), "response_id": OuterRef("response_id")}
    later = Verdict.objects.filter(**same, seq__gt=OuterRef("seq"))
    outer = {"answered_on": OuterRef("answered_on"), "response_id": OuterRef("id")}
    found = Verdict.objects.filter(~Exists(later), **outer)
    if filters.verdict in Judgement.values:
        found = found.filter(verdict=filters.verdict)
    if filters.check:
        found = found.filter(checks__contains=[filters.check])
    return found


def lines(user: User, responses: Iterable[Response]) -> list[Line]:
    """Verdict and people of the responses of a page, by sets."""
    rows = list(responses)
    refs = [(row.answered_on, row.id) for row in rows]
    facts, verdicts = answered(refs), latest_verdicts(refs)
    people = {p[0] for each in facts.values() for p in each.people if p[0] is not None}
    places = {p[1] for each in facts.values() for p in each.people if p[1] is not None}
    places |= {row.department_id for row in rows if row.department_id is not None}
    seen = Employee.objects.visible_to(user).in_bulk(list(people))
    departments = Department.objects.in_bulk(list(places))
    return [_line(row, facts[row.id], verdicts.get(row.id), seen, departments) for row in rows]


def _line(
    row: Response,
    facts: Answered,
    verdict: Current | None,
    seen: dict[int, Employee],
    departments: dict[int, Department],
) -> Line:
    named = [p[0] for p in facts.people if p[0] is not None]
    place: Any = facts.people[0][1] if facts.people else row.department_id
    return Line(
        row,
        facts,
        verdict,
        departments.get(place),
        [seen[i] for i in named if i in seen],
        sum(i not in seen for i in named),
    )
