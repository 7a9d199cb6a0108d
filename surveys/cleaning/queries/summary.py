"""What cleaning did to a survey: the score with and without it, and the hits of each rule."""

from typing import Any

from django.db import connection

from core.stats import Mean, mean_interval
from surveys.cleaning.rules.catalogue import CATALOGUE
from surveys.models import Judgement, Survey
from surveys.queries.desk import Part, listed

# The machine's own latest verdict tells the rules' effect; the valid one counts.
_FIGURES = """
WITH machine AS (
    SELECT DISTINCT ON (answered_on, response_id) answered_on, response_id, verdict
    FROM surveys_verdict WHERE survey_id = %(survey)s AND decided_by_id IS NULL
    ORDER BY answered_on, response_id, seq DESC
), valid AS (
    SELECT DISTINCT ON (answered_on, response_id) answered_on, response_id, verdict
    FROM surveys_verdict WHERE survey_id = %(survey)s
    ORDER BY answered_on, response_id, seq DESC
)
SELECT coalesce(m.verdict, ''), coalesce(v.verdict, ''), count(*), count(r.score_micro),
    coalesce(sum(r.score_micro), 0)::bigint, coalesce(sum(r.score_micro::numeric ^ 2), 0)::numeric
FROM surveys_response r
LEFT JOIN machine m ON m.answered_on = r.answered_on AND m.response_id = r.id
LEFT JOIN valid v ON v.answered_on = r.answered_on AND v.response_id = r.id
WHERE r.survey_id = %(survey)s
    AND (%(departments)s::bigint[] IS NULL OR r.department_id = ANY(%(departments)s::bigint[]))
GROUP BY 1, 2
"""

_HITS = """
SELECT code, verdict, count(*) FROM (
    SELECT DISTINCT ON (v.answered_on, v.response_id) v.checks, v.verdict
    FROM surveys_verdict v WHERE v.survey_id = %(survey)s AND v.decided_by_id IS NULL
        AND (%(departments)s::bigint[] IS NULL OR EXISTS (
            SELECT 1 FROM surveys_response r
            WHERE r.answered_on = v.answered_on AND r.id = v.response_id
                AND r.department_id = ANY(%(departments)s::bigint[])))
    ORDER BY v.answered_on, v.response_id, v.seq DESC
) latest, unnest(latest.checks) code
GROUP BY code, verdict
"""


def summary(survey: Survey, *, hits: bool = True, part: Part = None) -> dict[str, Any]:
    """Of the answers of a part: scores `raw` (every answer), `hard` (without what hard rules
    exclude), `all` (also without what the rules send to review; shown only, never used for pay)
    and `counted` (with what people decided), each a core.stats.Mean of the overall score;
    `verdicts`: valid ones by kind; `hits` by check; `outcomes`: check -> the machine's verdict on
    the answers it hit -> how many (both are left empty without `hits`).
    """
    values = {"survey": survey.pk, "departments": listed(part)}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, values)
        groups = cursor.fetchall()
        outcomes: dict[str, dict[str, int]] = {}
        if hits:
            cursor.execute(_HITS, values)
            for code, verdict, n in cursor.fetchall():
                outcomes.setdefault(code, {})[verdict] = n
    verdicts = dict.fromkeys(Judgement.values, 0)
    for _machine, valid, responses, *_sums in groups:
        if valid:
            verdicts[valid] += responses
    return {
        "raw": _mean(groups, lambda machine, valid: True),
        "hard": _mean(groups, lambda machine, valid: machine != Judgement.EXCLUDED),
        "all": _mean(groups, lambda machine, valid: machine == Judgement.COUNTED),
        "counted": _mean(groups, lambda m, valid: valid in (Judgement.COUNTED, Judgement.REVIEW)),
        "verdicts": verdicts,
        "hits": {code: sum(outcomes.get(code, {}).values()) for code in CATALOGUE},
        "outcomes": outcomes,
    }


def _mean(groups: Any, wanted: Any) -> Mean:
    chosen = [sums for machine, valid, _all, *sums in groups if wanted(machine, valid)]
    n, total, sumsq = (sum(int(sums[i]) for sums in chosen) for i in range(3))
    return mean_interval(n, total, sumsq)
