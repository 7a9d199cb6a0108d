"""From a scorecard down to each measurement and each response, with the versions of every rule."""

from collections.abc import Sequence
from typing import Any

from assessments.models import IndicatorResult, Measurement, Scorecard
from assessments.queries.scorecards import group_of, results_of
from assessments.rules.facts import holder
from assessments.rules.floors import told
from assessments.rules.scheme import SATISFACTION
from organization.models import Department
from surveys.queries import responses_of


def lineage(scorecard: Scorecard) -> dict[str, Any]:
    """Everything a scorecard was computed from.

    Keys: scorecard, period, version, cause, cutoff_at, run, engine, indicators {code: version},
    schemes, peer_group (the frozen figures), placements, results [{…, inputs: measurements}],
    responses [{…, counted, checks, evidence, placement}], adjustments.
    """
    run = scorecard.run
    responses = responses_behind(scorecard)
    return {
        "scorecard": scorecard.pk,
        "period": scorecard.period.key,
        "employee_no": scorecard.employee.employee_no,
        "version": scorecard.version,
        "cause": scorecard.cause,
        "cutoff_at": run.cutoff_at,
        "run": run.number,
        "engine": run.rules["engine"],
        "indicators": {code: row["number"] for code, row in run.rules["indicators"].items()},
        "schemes": sorted(
            ({"code": row["code"], "number": row["number"]} for row in _used(scorecard)),
            key=lambda row: row["code"],
        ),
        "peer_group": group_of(scorecard).as_json(),
        "placements": scorecard.placements,
        "results": [_result(scorecard, row) for row in results_of(scorecard)],
        "responses": responses,
        "adjustments": scorecard.facts.get("adjustments", {}),
    }


def responses_behind(scorecard: Scorecard) -> list[dict[str, Any]]:
    """Every response of the period about the person, as judged at the cut-off, counted or not.

    As surveys.queries.responses_of, with `counted` after the corrections of this version, `key`
    ("survey/number"), `adjusted` ("", "excluded", "included") and `placement` (its number, None
    for a job not held in the period).
    """
    period = scorecard.period
    rows = responses_of(
        scorecard.employee_id, period.first_day, period.last_day, as_of=scorecard.run.cutoff_at
    )
    changed = scorecard.facts.get("adjustments", {})
    departments = dict(Department.objects.values_list("id", "code"))
    for row in rows:
        row["key"] = f"{row['survey']}/{row['response_no']}"
        row["adjusted"] = ""
        for verb, counts in (("excluded", False), ("included", True)):
            if row["key"] in changed.get(verb, []):
                row["adjusted"], row["counted"] = verb, counts
        row["department"] = departments.get(row["department_id"], "")
        row["placement"] = holder(scorecard.facts["placements"], row["department"], row["position"])
    return rows


def _used(scorecard: Scorecard) -> list[dict[str, Any]]:
    hashes = {placement["scheme"] for placement in scorecard.placements}
    return [row for key, row in scorecard.run.rules["schemes"].items() if key in hashes]


def _result(scorecard: Scorecard, row: IndicatorResult) -> dict[str, Any]:
    inputs: Sequence[dict[str, Any]] = ()
    if row.indicator != SATISFACTION:
        inputs = _measurements(scorecard, row.indicator)
    scheme = row.scheme_version
    return {
        "placement": row.placement_no,
        "indicator": row.indicator,
        "scheme": f"{scheme.scheme.code} v{scheme.number}" if scheme else "",
        "weight": row.weight,
        "numerator": told(row.indicator, row.n, row.numerator),
        "denominator": told(row.indicator, row.n, row.denominator),
        "n": row.n,
        "raw": row.raw,
        "adjusted": row.adjusted,
        "low": row.low,
        "high": row.high,
        "value_used": row.value_used,
        "points": row.points,
        "status": row.status,
        "inputs_hash": row.inputs_hash,
        "inputs": list(inputs),
    }


def _measurements(scorecard: Scorecard, indicator: str) -> list[dict[str, Any]]:
    """The figures of the period that were valid when it was scored."""
    period = scorecard.period
    rows = (
        Measurement.objects.filter(
            employee_id=scorecard.employee_id,
            indicator__code=indicator,
            first_day__gte=period.first_day,
            last_day__lte=period.last_day,
            created_at__lte=scorecard.run.cutoff_at,
        )
        .order_by("period_key", "source_ref", "-version")
        .distinct("period_key", "source_ref")
        .values("period_key", "source_ref", "version", "numerator", "denominator")
    )
    return [dict(row) for row in rows]
