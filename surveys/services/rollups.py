"""Sums of live ratings: changed by deltas with every verdict, rebuilt or checked when asked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from core import audit
from core.locks import Lock, take
from core.models import User
from core.months import first_of
from core.prepared import Prepared
from surveys.models import RatingRollup
from surveys.rules.rating import OVERALL, RatingRow, band_of
from surveys.services.bulk import array_text, send

# Column -> its type. Whole columns go over as arrays: with tens of thousands of rows half of the
# time of as many VALUES. An array of arrays goes over as an array of their texts.
_FIGURES = {
    "n": "bigint", "total": "bigint", "sumsq": "numeric",
    "person_n": "bigint", "person_total": "bigint", "person_sumsq": "numeric",
}  # fmt: skip
_KEYS = {
    "month": "date", "survey_id": "bigint", "department_id": "bigint", "employee_id": "bigint",
    "position_id": "bigint",
}  # fmt: skip
_PLAIN = _KEYS | _FIGURES
_ARRAYS = {"dimensions": "varchar"} | {f"{name}s": kind for name, kind in _FIGURES.items()}


def _plus(name: str) -> str:
    """Place by place where both rows name the same dimensions, else dimension by dimension, in the
    order of their codes."""
    return f"{name} = hp_sums_added(r.dimensions, r.{name}, excluded.dimensions, excluded.{name})"


_KINDS = [f"{kind}[]" for kind in _PLAIN.values()] + ["text[]"] * len(_ARRAYS)
_UPSERT = Prepared(
    f"""
INSERT INTO surveys_ratingrollup AS r ({", ".join((*_PLAIN, *_ARRAYS))})
SELECT {", ".join((*_PLAIN, *(f"{name}::{kind}[]" for name, kind in _ARRAYS.items())))}
FROM unnest({", ".join(f"${place}::{kind}" for place, kind in enumerate(_KINDS, start=1))})
    AS d ({", ".join((*_PLAIN, *_ARRAYS))})
ON CONFLICT (month, department_id, employee_id, position_id, survey_id) DO UPDATE SET
{", ".join(f"{name} = r.{name} + excluded.{name}" for name in _FIGURES)},
dimensions = hp_names_joined(r.dimensions, excluded.dimensions),
{", ".join(_plus(f"{name}s") for name in _FIGURES)}
""",  # noqa: S608
    len(_KINDS),
)

# A dimension at a time, the overall scores as one of them: the sums as they should be, and as they
# are stored. Squares of scores fit bigint (1e16); their sum is kept by PostgreSQL in 128 bits. The
# month is that of a timestamp without a zone, which then need not be looked up for every row.
SUMS = """
SELECT t.month, t.survey_id, t.department_id, t.employee_id, t.position_id, t.dimension,
    count(t.score) AS n, coalesce(sum(t.score), 0)::bigint AS total,
    coalesce(sum(t.score * t.score), 0) AS sumsq, count(t.person_score) AS person_n,
    coalesce(sum(t.person_score), 0)::bigint AS person_total,
    coalesce(sum(t.person_score * t.person_score), 0) AS person_sumsq
FROM (SELECT date_trunc('month', answered_on::timestamp)::date AS month, survey_id, department_id,
        employee_id, position_id, unnest(array_append(dimensions, 'overall')) AS dimension,
        unnest(array_append(scores, score)) AS score,
        unnest(array_append(person_scores, person_score)) AS person_score
    FROM surveys_rating WHERE counted_to IS NULL) t
WHERE t.score IS NOT NULL OR t.person_score IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6
"""
STORED = f"""
SELECT {", ".join(_KEYS)}, unnest(array_append(dimensions, 'overall')) AS dimension,
    {", ".join(f"unnest(array_append({name}s, {name})) AS {name}" for name in _FIGURES)}
FROM surveys_ratingrollup
"""  # noqa: S608


def _overall(name: str) -> str:
    return f"coalesce(max({name}) FILTER (WHERE dimension = 'overall'), 0) AS {name}"


def _listed(name: str) -> str:
    return f"""coalesce(array_agg({name} ORDER BY dimension COLLATE "C")
    FILTER (WHERE dimension <> 'overall'), '{{}}') AS {name}s"""


_ROWS = f"""
SELECT {", ".join(_KEYS)}, {", ".join(map(_overall, _FIGURES))},
    {", ".join(map(_listed, ("dimension", *_FIGURES)))}
FROM ({SUMS}) sums GROUP BY {", ".join(_KEYS)}
"""  # noqa: S608

_UPSERT_POINTS = Prepared(
    """
INSERT INTO surveys_answerrollup AS r (month, survey_id, department_id, measure, point, n)
SELECT * FROM unnest($1::date[], $2::bigint[], $3::bigint[], $4::text[], $5::smallint[],
    $6::bigint[])
ON CONFLICT (month, survey_id, department_id, measure, point) DO UPDATE SET n = r.n + excluded.n
""",
    6,
)

# The first nps question of each survey that has one; an answer to it counts where the answer has a
# score. Responses of the other surveys are not looked at, and of the rest only the point is carried
# into the join: at ten million whole answers would not fit into memory.
POINTS = """
WITH asked AS MATERIALIZED (
    SELECT * FROM (SELECT s.id, (SELECT e.value ->> 'code'
            FROM jsonb_array_elements(v.spec -> 'questions') WITH ORDINALITY e (value, place)
            WHERE e.value ->> 'type' = 'nps' ORDER BY e.place LIMIT 1) AS code
        FROM surveys_survey s JOIN surveys_questionnaireversion v ON v.id = s.version_id) q
    WHERE code IS NOT NULL)
SELECT date_trunc('month', answered_on::timestamp)::date AS month, survey_id, department_id,
    'score' AS measure, least(score / 5000000, 19)::smallint AS point, count(*) AS n
FROM surveys_rating
WHERE counted_to IS NULL AND score IS NOT NULL
GROUP BY 1, 2, 3, 5
UNION ALL
SELECT date_trunc('month', t.answered_on::timestamp)::date, t.survey_id, t.department_id,
    'nps', r.point, count(*)
FROM surveys_rating t JOIN (
    SELECT r.answered_on, r.id, (r.answers ->> q.code)::smallint AS point
    FROM surveys_response r JOIN asked q ON q.id = r.survey_id
    WHERE r.survey_id = ANY(ARRAY(SELECT id FROM asked))
        AND jsonb_typeof(r.answers -> q.code) = 'number' OFFSET 0) r
    ON r.answered_on = t.answered_on AND r.id = t.response_id
WHERE EXISTS (SELECT FROM asked) AND t.survey_id = ANY(ARRAY(SELECT id FROM asked))
    AND t.counted_to IS NULL AND t.score IS NOT NULL
GROUP BY 1, 2, 3, 5
"""

# month, survey, department, employee, position
_Key = tuple[str, int, int | None, int | None, int | None]
_PointKey = tuple[str, int, int | None, str, int]
_NO_SUMS = (0,) * len(_FIGURES)


@lru_cache(maxsize=4096)  # the same few days over and over
def _month(day: date) -> str:
    return first_of(day).isoformat()


def _by_dimension() -> dict[str, list[int]]:
    """Dimension -> the six figures of a row of sums."""
    return defaultdict(lambda: [0] * 6)


@lru_cache(maxsize=1024)  # the same few dimensions over and over
def _names(dimensions: tuple[str, ...]) -> str:
    """The text of an array as an element of another one's text."""
    return array_text([array_text(dimensions)])[1:-1]


class Deltas:
    """Changes of the sums, collected in memory and written once, in the order of their keys.

    One order for all writers, so that two of them wait for each other and never deadlock.
    """

    def __init__(self, survey_id: int) -> None:
        self.survey_id = survey_id
        self._sums: dict[_Key, dict[str, list[int]]] = defaultdict(_by_dimension)
        self._points: dict[_PointKey, int] = defaultdict(int)

    def add(self, rows: Iterable[RatingRow], nps: Mapping[int, int], sign: int = 1) -> None:
        """Count rows in (sign 1) or out (sign -1). `nps`: response id -> the point given there."""
        for row in rows:
            month = _month(row.answered_on)
            if row.score is not None:
                where = (month, self.survey_id, row.department)
                self._points[*where, "score", band_of(row.score)] += sign
                if row.response_id in nps:
                    self._points[*where, "nps", nps[row.response_id]] += sign
            by_dimension = self._sums[
                month, self.survey_id, row.department, row.employee, row.position
            ]
            for dimension, score, person_score in row.by_dimension():
                sums = by_dimension[dimension]
                if score is not None:
                    sums[0] += sign
                    sums[1] += sign * score
                    sums[2] += sign * score * score
                if person_score is not None:
                    sums[3] += sign
                    sums[4] += sign * person_score
                    sums[5] += sign * person_score * person_score

    def write(self) -> None:
        """Add the changes to the stored sums, in the transaction of the verdicts they follow."""
        rows = [
            (*key, *_row(by_dimension))
            for key, by_dimension in self._sums.items()
            if any(map(any, by_dimension.values()))
        ]
        rows.sort(key=lambda row: (row[0], row[1], row[2] or 0, row[3] or 0, row[4] or 0))
        if rows:
            columns = list(zip(*rows, strict=True))
            plain, arrays = columns[: len(_PLAIN)], columns[len(_PLAIN) :]
            send(_UPSERT, [*map(array_text, plain), *map(_of_arrays, arrays)])
        points = sorted(
            ((*key, n) for key, n in self._points.items() if n),
            key=lambda row: (row[0], row[3], row[4], row[1], row[2] or 0),
        )
        if points:
            send(_UPSERT_POINTS, list(map(array_text, zip(*points, strict=True))))
        self._sums.clear()
        self._points.clear()


def _row(by_dimension: Mapping[str, Sequence[int]]) -> Iterator[Any]:
    """The columns of a row of sums after its key."""
    moved = {name for name, sums in by_dimension.items() if any(sums)}
    names = tuple(sorted(moved - {OVERALL}))
    yield from by_dimension.get(OVERALL, _NO_SUMS)
    yield _names(names)
    columns = zip(*(by_dimension[name] for name in names), strict=True) if names else ((),) * 6
    for column in columns:
        yield f'"{{{",".join(map(str, column))}}}"'


def _of_arrays(texts: Iterable[str]) -> str:
    """The text of an array of what stands between quotes already."""
    return f"{{{','.join(texts)}}}"


@transaction.atomic
def rebuild_rollups(*, actor: User | None) -> int:
    """Sum all live ratings anew; returns the number of rows. Nobody judges meanwhile. Only rows
    that differ are written: normally none."""
    take(Lock.VERDICTS, wait_ms=60_000)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # whole tables are compared
        cursor.execute(_rebuilding("surveys_ratingrollup", _ROWS, _ROW_KEYS, _VALUES))
        cursor.execute(_rebuilding("surveys_answerrollup", POINTS, _POINT_KEYS, ("n",)))
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    count = RatingRollup.objects.count()
    audit.record(actor, "rollups.rebuilt", None, rows=count)
    return count


# Column of a key -> what stands for NULL in it, so that keys can be compared by "=".
_ROW_KEYS = {
    "month": "", "survey_id": "", "department_id": "0", "employee_id": "0", "position_id": "0",
}  # fmt: skip
_VALUES = (*_FIGURES, *_ARRAYS)
_POINT_KEYS = {"month": "", "survey_id": "", "department_id": "0", "measure": "", "point": ""}


def _rebuilding(table: str, sums: str, keys: Mapping[str, str], values: Sequence[str]) -> str:
    """One statement that gives the table the rows of `sums`: drops, corrects and adds."""
    names, figures = [*keys, *values], ", ".join(values)
    same = " AND ".join(
        f"r.{key} = s.{key}"
        if not null
        else f"coalesce(r.{key}, {null}) = coalesce(s.{key}, {null})"
        for key, null in keys.items()
    )
    listed = ", ".join(f"s.{name}" for name in names)
    old, new = (", ".join(f"{alias}.{name}" for name in values) for alias in "rs")
    changes = ", ".join(f"{name} = d.{name}" for name in values)
    return f"""
WITH s AS MATERIALIZED (SELECT true AS there, t.* FROM ({sums}) t),
d AS MATERIALIZED (
    SELECT r.id, s.there, {listed} FROM {table} r FULL JOIN s ON {same}
    WHERE r.id IS NULL OR s.there IS NULL OR ({old}) IS DISTINCT FROM ({new})),
gone AS (DELETE FROM {table} USING d WHERE {table}.id = d.id AND d.there IS NULL),
corrected AS (UPDATE {table} SET {changes} FROM d WHERE {table}.id = d.id AND d.there)
INSERT INTO {table} ({", ".join(names)})
SELECT {", ".join(keys)}, {figures} FROM d WHERE d.id IS NULL"""  # noqa: S608
