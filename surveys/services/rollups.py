"""Sums of live ratings: changed by deltas with every verdict, rebuilt or checked when asked."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction
from psycopg2.extras import execute_values

from core import audit
from core.locks import Lock, take
from core.models import User
from surveys.models import RatingRollup
from surveys.rules.rating import RatingRow

_UPSERT = """
INSERT INTO surveys_ratingrollup AS r
    (month, survey_id, department_id, employee_id, position_id, dimension,
     n, total, sumsq, person_n, person_total, person_sumsq)
VALUES %s
ON CONFLICT (month, department_id, employee_id, position_id, dimension, survey_id)
DO UPDATE SET n = r.n + excluded.n, total = r.total + excluded.total,
    sumsq = r.sumsq + excluded.sumsq, person_n = r.person_n + excluded.person_n,
    person_total = r.person_total + excluded.person_total,
    person_sumsq = r.person_sumsq + excluded.person_sumsq
"""

SUMS = """
SELECT date_trunc('month', answered_on)::date AS month, survey_id, department_id, employee_id,
    position_id, dimension, count(score) AS n, coalesce(sum(score), 0)::bigint AS total,
    coalesce(sum(score::numeric * score), 0) AS sumsq, count(person_score) AS person_n,
    coalesce(sum(person_score), 0)::bigint AS person_total,
    coalesce(sum(person_score::numeric * person_score), 0) AS person_sumsq
FROM surveys_rating WHERE counted_to IS NULL
GROUP BY 1, 2, 3, 4, 5, 6
"""

_Key = tuple[str, int, int | None, int | None, int | None, str]


class Deltas:
    """Changes of the sums, collected in memory and written once, in the order of their keys.

    One order for all writers, so that two of them wait for each other and never deadlock.
    """

    def __init__(self, survey_id: int) -> None:
        self.survey_id = survey_id
        self._sums: dict[_Key, list[int]] = defaultdict(lambda: [0] * 6)

    def add(self, rows: Iterable[RatingRow], sign: int = 1) -> None:
        """Count rows in (sign 1) or out (sign -1)."""
        for row in rows:
            sums = self._sums[
                row.answered_on.replace(day=1).isoformat(),
                self.survey_id,
                row.department,
                row.employee,
                row.position,
                row.dimension,
            ]
            for at, score in ((0, row.score), (3, row.person_score)):
                if score is not None:
                    sums[at] += sign
                    sums[at + 1] += sign * score
                    sums[at + 2] += sign * score * score

    def write(self) -> None:
        """Add the changes to the stored sums, in the transaction of the verdicts they follow."""
        changed = [(key, sums) for key, sums in self._sums.items() if any(sums)]
        changed.sort(
            key=lambda each: (each[0][0], each[0][5], *(part or 0 for part in each[0][1:5]))
        )
        with connection.cursor() as cursor:
            execute_values(
                cursor.cursor, _UPSERT, [(*key, *sums) for key, sums in changed], page_size=1000
            )
        self._sums.clear()


@transaction.atomic
def rebuild_rollups(*, actor: User | None) -> int:
    """Sum all live ratings anew; returns the number of rows. Nobody judges meanwhile."""
    take(Lock.VERDICTS, wait_ms=60_000)
    RatingRollup.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_ratingrollup (month, survey_id, department_id, employee_id, "
            "position_id, dimension, n, total, sumsq, person_n, person_total, person_sumsq) " + SUMS
        )
        count = int(cursor.rowcount)
    audit.record(actor, "rollups.rebuilt", None, rows=count)
    return count
