"""The lines of a batch: a ledger entry with everything the payroll system is told."""

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from incentives.models import LedgerEntry, PayrollBatch, PayrollLine
from incentives.rules.chain import digest
from incentives.rules.wage_guard import ZERO
from incentives.services.payroll.plan import Plan

PAY_ITEMS = Path(__file__).parents[2] / "content" / "pay_items.json"
Direction = PayrollLine.Direction
Totals = dict[str, Any]
# What a line is; `live` falls when the batch is rejected.
HASHED = (
    *("line_no", "entry_id", "employee_id", "department_id", "legal_entity", "period"),
    *("pay_item_code", "pay_item_name", "direction", "tax_class", "kind", "reason_code"),
    *("source_no", "reverses_id", "policy_version", "approval_no", "remark"),
)


@cache
def _own_pay_items() -> dict[str, dict[str, str]]:
    items: dict[str, dict[str, str]] = json.loads(PAY_ITEMS.read_text(encoding="utf-8"))
    return items


def pay_item_name(entry: LedgerEntry) -> str:
    """The Chinese name of the pay item: an award's from its policy, else the product's own."""
    own = _own_pay_items().get(entry.pay_item_code)
    if own is not None:
        return own["name_zh"]
    awards = entry.policy_version.spec["awards"] if entry.policy_version else []
    names = {award["pay_item_code"]: award["name_zh"] for award in awards}
    return str(names.get(entry.pay_item_code, entry.pay_item_code))


def period_of(entry: LedgerEntry) -> str:
    """The key of the period the entry pays for; the month where it has no period."""
    source = entry.performance_pay or entry.award
    return source.proposal.period.key if source else f"{entry.month:%Y-%m}"


def make(batch: PayrollBatch, plan: Plan, entries: Sequence[LedgerEntry]) -> list[PayrollLine]:
    """Store the lines of a batch, numbered from 1 in the order given.

    A reversal names the line it reverses, and the corrected amount names it in its remark.
    """
    lines = {
        entry.pk: _line(batch, plan, entry, number) for number, entry in enumerate(entries, start=1)
    }
    reversals = [entry for entry in entries if entry.reverses_id is not None]
    corrected = [entry for entry in entries if entry.appeal_id and entry.reverses_id is None]
    later = {entry.pk for entry in (*reversals, *corrected)}
    _store([line for key, line in lines.items() if key not in later])
    originals = {
        line.entry_id: line
        for line in PayrollLine.objects.filter(
            live=True, entry__in=[entry.reverses_id for entry in reversals]
        ).select_related("batch")
    }
    undone: dict[tuple[object, ...], str] = {}
    for entry in reversals:
        original = originals.get(entry.reverses_id or 0)
        lines[entry.pk].reverses = original
        undone[_item(entry)] = original.no if original else ""
    for entry in corrected:
        line = lines[entry.pk]
        line.remark = " ".join(text for text in (line.remark, undone.get(_item(entry))) if text)
    _store([lines[entry.pk] for entry in reversals])
    _store([lines[entry.pk] for entry in corrected])
    return list(lines.values())


def _store(lines: list[PayrollLine]) -> None:
    PayrollLine.objects.bulk_create(lines, batch_size=2000)


def _item(entry: LedgerEntry) -> tuple[object, ...]:
    """What a reversal and the corrected amount have in common."""
    return entry.appeal_id, entry.employee_id, entry.month, entry.pay_item_code


def _line(batch: PayrollBatch, plan: Plan, entry: LedgerEntry, number: int) -> PayrollLine:
    person = plan.people[entry.employee_id]
    return PayrollLine(
        batch=batch,
        line_no=number,
        entry=entry,
        employee=person.employee,
        department=person.department,
        legal_entity=person.legal_entity,
        period=period_of(entry),
        pay_item_code=entry.pay_item_code,
        pay_item_name=pay_item_name(entry),
        direction=Direction.ADD if entry.amount > 0 else Direction.DEDUCT,
        amount=abs(entry.amount),
        tax_class=entry.tax_class,
        kind=entry.kind,
        reason_code=entry.reason_code,
        source_no=entry.source_no,
        policy_version=str(entry.policy_version) if entry.policy_version else "",
        approval_no=entry.approval_no,
        remark=entry.remark,
    )


def totals(lines: Sequence[PayrollLine]) -> Totals:
    """Control totals: counts, and amounts in CNY as text; per pay item, period and kind; and a
    hash over every field of every line, so that none can be changed unseen."""
    items: dict[tuple[str, str, str, str], list[PayrollLine]] = {}
    for line in lines:
        key = (line.pay_item_code, line.pay_item_name, line.period, line.kind)
        items.setdefault(key, []).append(line)
    return {
        **_sums(lines),
        "employees": len({line.employee_id for line in lines}),
        "lines_sha256": _sha256(lines),
        "items": [
            {
                "pay_item_code": code,
                "pay_item_name": name,
                "period": period,
                "kind": kind,
                **_sums(group),
            }
            for (code, name, period, kind), group in sorted(items.items())
        ],
    }


def _sha256(lines: Sequence[PayrollLine]) -> str:
    rows = sorted(lines, key=lambda line: line.line_no)
    return digest([[*(getattr(row, name) for name in HASHED), f"{row.amount:.2f}"] for row in rows])


def _sums(lines: Sequence[PayrollLine]) -> dict[str, Any]:
    add = _sum(lines, Direction.ADD)
    deduct = _sum(lines, Direction.DEDUCT)
    return {"lines": len(lines), "add": str(add), "deduct": str(deduct), "net": str(add - deduct)}


def _sum(lines: Sequence[PayrollLine], direction: str) -> Decimal:
    return sum((line.amount for line in lines if line.direction == direction), ZERO)
