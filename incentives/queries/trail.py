"""Where a payroll line comes from, for the page: line, entry, decision, scorecard, answers.

The command show_lineage prints the same chain with every answer at once (queries.lineage); the
page shows one answer at a time, so that it costs the same however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessments.models import IndicatorResult, IndicatorVersion, Scorecard
from assessments.queries import responses_behind, results_of
from assessments.rules.floors import may_show
from core.models import User
from incentives.models import LedgerEntry, PayrollLine, PerformancePay, Proposal
from incentives.queries.guard import arithmetic
from incentives.queries.reasons import award_reason, pay_reason
from surveys.models import Channel, Judgement
from surveys.queries import response_detail

MICRO = Decimal(1_000_000)
SHOWN = 12  # answers linked before the fold


@dataclass
class Trail:
    """Each stage of the chain; what a line does not rest on stays empty."""

    line: PayrollLine
    entry: LedgerEntry
    reversed_by: PayrollLine | None = None
    replaced: PayrollLine | None = None
    proposal: Proposal | None = None
    source_no: str = ""
    sentence: str = ""
    guard: str = ""
    card: Scorecard | None = None
    schemes: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    few: bool = False  # too few answers to show what one of them says

    @property
    def first_answers(self) -> list[dict[str, Any]]:
        return self.counted[:SHOWN]

    @property
    def more_answers(self) -> list[dict[str, Any]]:
        return self.counted[SHOWN:]


def find_line(batch_no: str, line_no: int) -> PayrollLine | None:
    """The line of a batch with what the page shows of it; None where there is none."""
    return (
        PayrollLine.objects.filter(batch__batch_no=batch_no, line_no=line_no)
        .select_related("batch", "employee", "reverses__batch", "department")
        .first()
    )


def trail_of(line: PayrollLine, *, answer: str = "") -> Trail:
    """The chain of a line; `answer` is the key of the answer to open (default: the first)."""
    entry = LedgerEntry.objects.select_related(
        "created_by__employee",
        "performance_pay__proposal__period",
        "performance_pay__proposal__decided_by__employee",
        "performance_pay__employee",
        "award__proposal__period",
        "award__proposal__decided_by__employee",
        "award__employee",
        "policy_version__policy",
        "appeal__decided_by__employee",
        "recovery__decided_by__employee",
        "reverses",
        "scorecard__period",
        "scorecard__employee",
        "scorecard__run",
        "scorecard__supersedes",
    ).get(pk=line.entry_id)
    trail = Trail(line, entry)
    trail.reversed_by = (
        PayrollLine.objects.filter(reverses=line, live=True).select_related("batch").first()
    )
    if entry.appeal_id and entry.reverses_id is None:
        trail.replaced = _replaced(entry)
    if entry.recovery is not None:
        for figures in line.batch.guard:
            if figures["employee_no"] == line.employee.employee_no:
                trail.guard = arithmetic(figures, {"code": "limited"})
        return trail
    _decision(trail, entry)
    if entry.scorecard is not None:
        _scores(trail, entry.scorecard, answer)
    return trail


def _replaced(entry: LedgerEntry) -> PayrollLine | None:
    """The original line whose amount the corrected one takes the place of."""
    reversal = LedgerEntry.objects.filter(
        appeal=entry.appeal_id,
        employee=entry.employee_id,
        month=entry.month,
        pay_item_code=entry.pay_item_code,
        reverses__isnull=False,
    ).first()
    if reversal is None:
        return None
    lines = PayrollLine.objects.filter(entry=reversal.reverses_id, live=True)
    return lines.select_related("batch").first()


def _decision(trail: Trail, entry: LedgerEntry) -> None:
    source = entry.performance_pay or entry.award
    if source is None:
        return
    trail.proposal, trail.source_no = source.proposal, source.no
    trail.sentence = (
        pay_reason(source) if isinstance(source, PerformancePay) else award_reason(source)
    )


def _scores(trail: Trail, card: Scorecard, answer: str) -> None:
    trail.card = card
    hashes = {placement["scheme"] for placement in card.placements}
    schemes = card.run.rules.get("schemes", {})
    trail.schemes = sorted(
        f"{row['code']} v{row['number']}" for key, row in schemes.items() if key in hashes
    )
    trail.results = _results(list(results_of(card)))
    responses = responses_behind(card)
    trail.counted = [row for row in responses if row["counted"]]
    trail.left_out = [row for row in responses if not row["counted"]]
    trail.few = not may_show(len(trail.counted))
    if trail.few:
        return
    for row in responses:
        row["points"] = points(row["person_score"])
    chosen = next((row for row in responses if row["key"] == answer), None)
    if chosen is None and trail.counted:
        chosen = trail.counted[0]
    if chosen is not None:
        trail.answer = chosen | _answer(chosen)


def _results(rows: Sequence[IndicatorResult]) -> list[dict[str, Any]]:
    codes = {row.indicator for row in rows}
    names: dict[str, dict[str, Any]] = {}
    versions = IndicatorVersion.objects.filter(indicator__code__in=codes)
    for code, spec in versions.order_by("number").values_list("indicator__code", "spec"):
        names[code] = spec
    return [
        {
            "name": {
                key: names.get(row.indicator, {}).get(key, row.indicator)
                for key in ("name_zh", "name_en")
            },
            "row": row,
        }
        for row in rows
    ]


def _answer(chosen: dict[str, Any]) -> dict[str, Any]:
    """The one answer in full: its items, its verdicts with who gave them, its way in."""
    detail = response_detail(response_id=chosen["id"])
    if detail is None:
        return {"items": [], "verdicts": [], "channel": ""}
    deciders = {row["decided_by_id"] for row in detail["verdicts"]} - {None}
    names = {
        user.pk: user for user in User.objects.filter(pk__in=deciders).select_related("employee")
    }
    return {
        "channel": Channel(detail["channel"]).label,
        "items": [
            item | {"points": points(item["score"])}
            for item in detail["items"]
            if item["answer"] is not None
        ],
        "verdicts": [
            row
            | {
                "who": names.get(row["decided_by_id"]),
                "verdict_label": Judgement(row["verdict"]).label,
            }
            for row in detail["verdicts"]
        ],
    }


def points(micro: int | None) -> Decimal | None:
    """1e-6 points as points; None where there is no score."""
    return None if micro is None else Decimal(micro) / MICRO
