"""Figures of single questions over the answers that may be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from surveys.analysis.rules.floors import FLOOR
from surveys.analysis.rules.items import Tally
from surveys.cleaning.queries import months, read_rows
from surveys.cleaning.rules.form import Form
from surveys.models import Survey
from surveys.queries.desk import Part, listed

# Answers with an overall score that count, and whether they name a department.
_SCORED = """SELECT response_id, department_id IS NOT NULL FROM surveys_rating
    WHERE survey_id = %s AND answered_on BETWEEN %s AND %s AND counted_to IS NULL
        AND score IS NOT NULL
        AND (%s::bigint[] IS NULL OR department_id = ANY(%s::bigint[])) ORDER BY 1"""


@dataclass(frozen=True)
class Asked:
    """`tally` holds what may be told, `given` counts every answer to a question."""

    tally: Tally
    given: Mapping[str, int]

    def with_all(self, figures: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Figures by question, where nothing may be told with the number of all answers."""
        return {
            code: each if each["n"] else {**each, "n": self.given.get(code, 0)}
            for code, each in figures.items()
        }


def asked_of(
    survey: Survey,
    form: Form,
    days: tuple[date, date],
    opened: Collection[tuple[date, bool]],
    *,
    at_once: bool,
    part: Part = None,
    fewest: int = FLOOR,
) -> Asked:
    """Every question over the answers of a part given on these days (whole months), read in one go
    or a month at a time. In a month it needs `fewest` answers of its own among those `opened`:
    (month, whether they name a department)."""
    tally, given = Tally(form, fewest=fewest), Tally(form)
    for start, end in [days] if at_once else months(survey):
        if end < days[0] or start > days[1]:
            continue
        rows = read_rows(survey, form, start, end, verdicts=False, personal=False)
        named, scored = _scored(survey, start, end, rows.facts["id"].to_numpy(), part)
        month = rows.facts["answered_on"].str.slice(0, 7).to_numpy(dtype=str)
        given.add(rows.batch.values[scored])
        for one in np.unique(month[scored]):
            for with_department in (True, False):
                if (date.fromisoformat(f"{one}-01"), with_department) in opened:
                    chosen = scored & (month == one) & (named == with_department)
                    tally.add(rows.batch.values[chosen])
    return Asked(tally, {code: sum(points.values()) for code, points in given.counts.items()})


def _scored(
    survey: Survey, first: date, last: date, ids: NDArray[np.int64], part: Part
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of responses by their ids: (a department is named, the answer counts and has a score)."""
    with connection.cursor() as cursor:
        cursor.execute(_SCORED, [survey.pk, first, last, listed(part), listed(part)])
        found = cursor.fetchall()
    named = np.array([one for one, has in found if has], dtype=np.int64)
    every = np.array([one for one, _has in found], dtype=np.int64)
    return np.isin(ids, named), np.isin(ids, every)
