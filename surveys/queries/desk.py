"""Surveys as lists show them: their state, how many answers and what became of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from core.stats import Mean, mean_interval
from surveys.models import DepartmentRollup, Judgement, Survey

# The valid verdict is the one no later one follows; every answer has one from its arrival.
_FIGURES = """
SELECT r.survey_id, coalesce(v.verdict, ''), count(*), count(*) FILTER (WHERE r.late),
    max(r.submitted_at)
FROM surveys_response r
LEFT JOIN surveys_verdict v ON v.answered_on = r.answered_on AND v.response_id = r.id
    AND NOT EXISTS (SELECT 1 FROM surveys_verdict later
        WHERE later.answered_on = v.answered_on AND later.response_id = v.response_id
            AND later.seq > v.seq)
WHERE r.survey_id = ANY(%(surveys)s)
    AND (%(departments)s::bigint[] IS NULL OR r.department_id = ANY(%(departments)s::bigint[]))
GROUP BY 1, 2
"""

_ARRIVED = """
SELECT r.answered_on, count(*) FROM surveys_response r
WHERE r.survey_id = %(survey)s
    AND (%(departments)s::bigint[] IS NULL OR r.department_id = ANY(%(departments)s::bigint[]))
GROUP BY 1 ORDER BY 1
"""

# Departments (ids) an account is limited to; None: all of them, and answers that name none.
Part = Collection[int] | None


def listed(part: Part) -> list[int] | None:
    """As a parameter of a statement."""
    return None if part is None else sorted(part)


@dataclass
class Figures:
    """Answers of a survey: all, by valid verdict, late ones, and when the last one was given."""

    total: int = 0
    counted: int = 0
    review: int = 0
    excluded: int = 0
    late: int = 0
    last: datetime | None = None

    def share(self, name: str) -> float | None:
        """The part of all answers, in percent points; None without answers."""
        return 100 * getattr(self, name) / self.total if self.total else None


def surveys(words: str = "", status: str = "") -> QuerySet[Survey]:
    """Surveys whose code or questionnaire's name holds the words, the newest first."""
    rows = Survey.objects.select_related("version__questionnaire").order_by("-opens_on", "code")
    if words:
        rows = rows.filter(
            Q(code__icontains=words)
            | Q(version__questionnaire__name_zh__icontains=words)
            | Q(version__questionnaire__name_en__icontains=words)
        )
    return rows.filter(status=status) if status else rows


def figures(survey_ids: Iterable[int], part: Part = None) -> dict[int, Figures]:
    """Survey id -> its figures, for every id asked for, over the answers of a part."""
    found = {pk: Figures() for pk in survey_ids}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"surveys": list(found), "departments": listed(part)})
        rows = cursor.fetchall()
    for survey_id, verdict, n, late, last in rows:
        one = found[survey_id]
        one.total += n
        one.late += late
        one.last = last if one.last is None else max(one.last, last)
        if verdict in Judgement.values:
            setattr(one, verdict, getattr(one, verdict) + n)
    return found


def arrived(survey: Survey, part: Part = None) -> list[tuple[date, int]]:
    """(day, answers given that day), the days with answers in order."""
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVED, {"survey": survey.pk, "departments": listed(part)})
        return cursor.fetchall()


def monthly(
    survey: Survey, first: date | None = None, last: date | None = None, part: Part = None
) -> dict[date, Mean]:
    """Month -> the overall score of its counted answers, in order."""
    rows = DepartmentRollup.objects.filter(survey=survey)
    if part is not None:
        rows = rows.filter(department__in=part)
    if first is not None:
        rows = rows.filter(month__gte=first)
    if last is not None:
        rows = rows.filter(month__lte=last)
    sums = rows.values("month").annotate(k=Sum("n"), t=Sum("total"), q=Sum("sumsq"))
    return {
        row["month"]: mean_interval(int(row["k"]), int(row["t"]), int(row["q"]))
        for row in sums.order_by("month")
    }
