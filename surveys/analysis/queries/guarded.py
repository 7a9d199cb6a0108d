"""The figures of a survey that a page or its file may show: no small group can be read from them,
nor worked out from several of them.

Every cell of a month (a dimension, a department, a person) is decided on its own, and a longer
period adds up the months in which a cell is shown: so it tells nothing the months do not. What the
operator's command prints (`figures.analyse`) hides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from django.db import connection

from core.stats import Mean
from organization.models import Department, Employee
from surveys.analysis.queries.figures import (
    LIVE,
    estimates,
    spread_of,
    tally_of,
    values_of,
    without_n,
)
from surveys.analysis.rules.floors import FLOOR, floored
from surveys.analysis.rules.items import OVERALL
from surveys.cleaning.queries import form_of
from surveys.models import Survey
from surveys.rules.sums import NOTHING, Sums
from surveys.rules.suppression import hidden_groups, hidden_in_tree

_CELLS = """SELECT date_trunc('month', t.answered_on)::date, {key}, count(*), sum({score})::bigint,
        sum({score}::numeric * {score})::text
    {live} AND {score} IS NOT NULL {further} GROUP BY 1, 2"""
_WHOLE = "AND t.dimension = 'overall'"

_BY_DIMENSION = _CELLS.format(key="t.dimension", score="t.score", live=LIVE, further="")
_BY_DEPARTMENT = _CELLS.format(key="t.department_id", score="t.score", live=LIVE, further=_WHOLE)
_BY_EMPLOYEE = _CELLS.format(key="t.employee_id", score="t.person_score", live=LIVE, further=_WHOLE)

NOBODY = None  # where an answer names no department, or no person
_TOP = "company"  # above the departments that have none above them

Key = TypeVar("Key", bound=Hashable)
Cells = Mapping[date, Mapping[Key, Sums]]
Away = Callable[[date, Mapping[Key, int]], Collection[Key]]


def guarded(survey: Survey, period: str | None = None) -> dict[str, Any]:
    """As `figures.analyse`, with None for every number that must stay hidden; `left_out` counts the
    answers of months too small to be shown. An n is of the answers behind the figure, or where
    that is hidden of all of them."""
    form, values = form_of(survey), values_of(survey, period)
    cells = _cells(_BY_DIMENSION, values)
    small = _small(cells)
    dimensions = _added(cells, _few_of(cells))
    n_all, whole = dimensions.pop(OVERALL, (0, NOTHING))
    values["left_out"] = sorted(small)
    tally = tally_of(survey, form, values, n_all)
    return floored(
        {
            "n": whole.n or n_all,
            "left_out": n_all - whole.n,
            "overall": without_n(whole.mean),
            "dimensions": {
                code: _shown(*dimensions.get(code, (0, NOTHING))) for code in form.dimensions
            },
            "nps": estimates(tally.nps()),
            "top2": estimates(tally.top2()),
            "alpha": tally.alpha(),
            "by_department": _departments(_cells(_BY_DEPARTMENT, values)),
            "by_employee": _people(_cells(_BY_EMPLOYEE, values), cells),
        }
    )


def guarded_means(survey: Survey, period: str) -> dict[str, Mean]:
    """The means of `guarded` alone: each dimension's and "overall"; what is hidden is Mean(0)."""
    cells = _cells(_BY_DIMENSION, values_of(survey, period))
    found = _added(cells, _few_of(cells))
    return {
        code: found.get(code, (0, NOTHING))[1].mean
        for code in (OVERALL, *form_of(survey).dimensions)
    }


def guarded_spread(survey: Survey, period: str | None = None) -> dict[int, int]:
    """Lower edge of ten points -> counted answers, of the months that may be shown."""
    values = values_of(survey, period)
    small = _small(_cells(_BY_DIMENSION, values))
    return spread_of({**values, "left_out": sorted(small)}, width=10)


# --- which cells of a month ----------------------------------------------------------------------


def _small(cells: Cells[str]) -> set[date]:
    """The months with too few answers for any figure."""
    return {month for month, found in cells.items() if found.get(OVERALL, NOTHING).n < FLOOR}


def _few_of(cells: Cells[str]) -> Away[str]:
    small = _small(cells)

    def away(month: date, sizes: Mapping[str, int]) -> Collection[str]:
        return [code for code, n in sizes.items() if n < FLOOR or month in small]

    return away


def _departments(cells: Cells[int | None]) -> dict[str, dict[str, Any]]:
    """By code, as the pages of the departments hide them (`suppression.hidden_in_tree`), and so
    that what is left of the whole survey is no small group."""
    rows = list(Department.objects.values_list("pk", "parent_id", "code"))
    children: dict[Any, list[Any]] = defaultdict(list)
    for pk, parent, _code in rows:
        children[parent or _TOP].append(pk)

    def away(month: date, sizes: Mapping[int | None, int]) -> Collection[int | None]:
        _totals, own = hidden_in_tree(dict(sizes), children, _TOP, minimum=FLOOR)
        return hidden_groups(sizes, forced={*own, NOBODY}, minimum=FLOOR)

    added = _added(cells, away)
    return {code: _shown(*added[pk]) for pk, _parent, code in rows if pk in added}


def _people(cells: Cells[int | None], whole: Cells[str]) -> dict[str, dict[str, Any]]:
    """By employee number; answers that name nobody are what is left of the whole."""

    def away(month: date, sizes: Mapping[int | None, int]) -> Collection[int | None]:
        n = whole.get(month, {}).get(OVERALL, NOTHING).n
        named = {who: size for who, size in sizes.items() if who is not NOBODY}
        rest = max(0, n - sum(named.values()))
        return hidden_groups({**named, NOBODY: rest}, forced={NOBODY}, minimum=FLOOR)

    added = _added(cells, away)
    numbers = dict(
        Employee.objects.filter(pk__in=list(filter(None, added))).values_list("pk", "employee_no")
    )
    return {numbers[who]: _shown(*found) for who, found in added.items() if who in numbers}


def _added(cells: Cells[Key], away: Away[Key]) -> dict[Key, tuple[int, Sums]]:
    """Key -> (all answers, sums of the months in which it is shown)."""
    found: dict[Key, tuple[int, Sums]] = {}
    for month, by_key in cells.items():
        hidden = away(month, {key: sums.n for key, sums in by_key.items()})
        for key, sums in by_key.items():
            n_all, before = found.get(key, (0, NOTHING))
            found[key] = (n_all + sums.n, before if key in hidden else before.plus(sums))
    return found


def _shown(n_all: int, sums: Sums) -> dict[str, Any]:
    return {**asdict(sums.mean), "n": sums.n or n_all}


def _cells(statement: str, values: Mapping[str, Any]) -> dict[date, dict[Any, Sums]]:
    found: dict[date, dict[Any, Sums]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        for month, key, n, total, sumsq in cursor.fetchall():
            found[month][key] = Sums(n, int(total), int(sumsq))
    return found
