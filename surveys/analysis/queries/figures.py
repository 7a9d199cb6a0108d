"""All figures of a survey, by sums in SQL and one pass over the answers a month at a time."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.months import EVER, last_of
from core.stats import Estimate, Mean, mean_interval
from surveys.analysis.rules.items import OVERALL, Tally
from surveys.cleaning.queries import form_of, months, read_rows
from surveys.cleaning.rules.form import Form
from surveys.models import DataLock, Judgement, Survey
from surveys.queries.facts import EACH

# Ratings that counted at the moment (null: now). The lead's row alone holds `score`.
_LIVE = """t.survey_id = %(survey)s AND t.answered_on BETWEEN %(first)s AND %(last)s
        AND CASE WHEN %(as_of)s::timestamptz IS NULL THEN t.counted_to IS NULL
            ELSE t.counted_from <= %(as_of)s
                AND (t.counted_to IS NULL OR t.counted_to > %(as_of)s) END"""

# Squares of scores fit bigint (1e16); their sum is kept by PostgreSQL in 128 bits.
_BY_DIMENSION = f"""SELECT t.dimension, count(*), sum(t.score)::bigint, sum(t.score * t.score)
    FROM {EACH} WHERE {_LIVE} AND t.score IS NOT NULL GROUP BY 1"""  # noqa: S608

_BY_DEPARTMENT = f"""SELECT d.code, f.n, f.total, f.sumsq FROM (
        SELECT t.department_id, count(*), sum(t.score)::bigint, sum(t.score * t.score)
        FROM surveys_rating t
        WHERE {_LIVE} AND t.score IS NOT NULL AND t.department_id IS NOT NULL
        GROUP BY 1
    ) f (department_id, n, total, sumsq)
    JOIN organization_department d ON d.id = f.department_id"""  # noqa: S608

_BY_EMPLOYEE = f"""SELECT e.employee_no, f.n, f.total, f.sumsq FROM (
        SELECT t.employee_id, count(*), sum(t.person_score)::bigint,
            sum(t.person_score * t.person_score)
        FROM surveys_rating t
        WHERE {_LIVE} AND t.person_score IS NOT NULL AND t.employee_id IS NOT NULL
        GROUP BY 1
    ) f (employee_id, n, total, sumsq)
    JOIN organization_employee e ON e.id = f.employee_id"""  # noqa: S608

AT_ONCE = 50_000  # up to so many answers are read in one go, more a month at a time

_PERIOD = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")


def days_of(period: str) -> tuple[date, date]:
    """First and last day of "2025-11", "2025-Q4" or "2025"; InvalidInput for anything else."""
    match = _PERIOD.fullmatch(period)
    if match is None or int(match[1]) < 1:
        raise InvalidInput(
            _("%(period)s is not a period such as 2025-11, 2025-Q4 or 2025.") % {"period": period}
        )
    year = int(match[1])
    first, last = 1, 12
    if match[2]:
        first = last = int(match[2])
    elif match[3]:
        first, last = 3 * int(match[3]) - 2, 3 * int(match[3])
    return date(year, first, 1), last_of(date(year, last, 1))


def analyse(survey: Survey, period: str | None = None) -> dict[str, Any]:
    """Every figure of the survey, unrounded, over all its days or those of a period.

    Scores are points of 0..100; nps, top2 and their limits percent points. `n` counts the counted
    answers that have an overall score. Employees: their own accountable items. With n 0 all other
    numbers are None. While a period's data are locked, its figures are those of the cut-off, which
    `as_of` names; None: they are of what counts now.
    """
    form = form_of(survey)
    values = values_of(survey, period)
    dimensions = _means(_BY_DIMENSION, values)
    overall = dimensions.pop(OVERALL, Mean(0))
    tally = tally_of(survey, form, values, overall.n)
    return {
        "as_of": None if values["as_of"] is None else values["as_of"].isoformat(),
        "n": overall.n,
        "overall": without_n(overall),
        "dimensions": {code: asdict(dimensions.get(code, Mean(0))) for code in form.dimensions},
        "nps": estimates(tally.nps()),
        "top2": estimates(tally.top2()),
        "alpha": tally.alpha(),
        "by_department": _plain(_means(_BY_DEPARTMENT, values)),
        "by_employee": _plain(_means(_BY_EMPLOYEE, values)),
    }


def values_of(survey: Survey, period: str | None) -> dict[str, Any]:
    """The parameters of the statements."""
    first, last = days_of(period) if period is not None else EVER
    return {
        "survey": survey.pk,
        "first": first,
        "last": last,
        "as_of": cutoff_of(period),
    }


def cutoff_of(period: str | None) -> datetime | None:
    """The moment at which the period's data were locked, if they are."""
    if period is None:
        return None
    lock = DataLock.objects.filter(key=period, released_at=None).first()
    return lock.cutoff_at if lock else None


def tally_of(survey: Survey, form: Form, values: Mapping[str, Any], n: int) -> Tally:
    """Single questions over the answers whose verdict lets them count; `n` answers at most are to
    be read."""
    first, last, as_of = values["first"], values["last"], values["as_of"]
    spans = months(survey) if n > AT_ONCE else [(first, last)]
    tally = Tally(form)
    for start, end in spans:
        if end < first or start > last:
            continue
        rows = read_rows(
            survey, form, max(start, first), min(end, last), as_of=as_of, personal=False
        )
        counted = rows.facts["verdict"].isin([Judgement.COUNTED, Judgement.REVIEW]).to_numpy()
        tally.add(rows.batch.values[counted])
    return tally


def _means(query: str, values: Mapping[str, Any]) -> dict[str, Mean]:
    with connection.cursor() as cursor:
        cursor.execute(query, dict(values))
        return {code: mean_interval(n, total, int(sumsq)) for code, n, total, sumsq in cursor}


def without_n(mean: Mean) -> dict[str, float | None]:
    """A mean whose n stands elsewhere."""
    return {"mean": mean.mean, "sd": mean.sd, "low": mean.low, "high": mean.high}


def _plain(means: Mapping[str, Mean]) -> dict[str, dict[str, Any]]:
    return {code: asdict(mean) for code, mean in means.items()}


def estimates(found: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    """Estimates as plain values."""
    return {code: asdict(estimate) for code, estimate in found.items()}
