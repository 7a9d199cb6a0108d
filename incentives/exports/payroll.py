"""The payroll workbook: the same bytes for the same batch, whoever makes it and whenever."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from assessments.models import IndicatorResult
from assessments.rules.floors import told
from core import exports
from core.exports import Column, Sheet
from incentives.models import LedgerEntry, PayrollBatch, PayrollLine, PolicyVersion

DICTIONARY = Path(__file__).parents[1] / "content" / "payroll_dictionary.json"
FORMAT = "hengping-payroll-1"
CHUNK = 1000

PAYROLL = (
    Column("batch_no", "batch_no"),
    Column("line_no", "line_no", "int", 8),
    Column("employee_no", "employee_no"),
    Column("name", "name"),
    Column("department", "department", width=20),
    Column("legal_entity", "legal_entity", width=20),
    Column("period", "period", width=10),
    Column("pay_item_code", "pay_item_code"),
    Column("pay_item_name", "pay_item_name", width=18),
    Column("direction", "direction", width=10),
    Column("amount", "amount", "money"),
    Column("currency", "currency", width=9),
    Column("tax_class", "tax_class"),
    Column("kind", "kind", width=6),
    Column("reason_code", "reason_code", width=16),
    Column("source_no", "source_no", width=30),
    Column("reverses_line", "reverses_line", width=18),
    Column("policy_version", "policy_version", width=18),
    Column("approval_no", "approval_no", width=30),
    Column("remark", "remark", width=30),
)
SUMMARY = (
    Column("pay_item_code", "pay_item_code"),
    Column("pay_item_name", "pay_item_name", width=18),
    Column("period", "period", width=10),
    Column("kind", "kind", width=6),
    Column("lines", "lines", "int", 8),
    Column("employees", "employees", "int", 10),
    Column("add", "add", "money"),
    Column("deduct", "deduct", "money"),
    Column("net", "net", "money"),
)
DETAIL = (
    Column("line_no", "line_no", "int", 8),
    Column("employee_no", "employee_no"),
    Column("entry_no", "entry_no", "int", 10),
    Column("entry_hash", "entry_hash", width=20),
    Column("source_type", "source_type", width=16),
    Column("source_no", "source_no", width=30),
    Column("performance_pay", "performance_pay", "money"),
    Column("coefficient", "coefficient", "number", 10),
    Column("present_days", "present_days", "number", 10),
    Column("working_days", "working_days", "number", 10),
    Column("appeal_no", "appeal_no"),
    Column("scorecard_version", "scorecard_version", "int", 10),
    Column("scorecard_hash", "scorecard_hash", width=20),
    Column("composite", "composite", "number", 10),
    Column("grade", "grade", width=8),
    Column("scheme", "scheme", width=20),
    Column("indicator", "indicator", width=18),
    Column("weight", "weight", "number", 8),
    Column("numerator", "numerator", "number"),
    Column("denominator", "denominator", "number"),
    Column("n", "n", "int", 8),
    Column("raw", "raw", "number"),
    Column("adjusted", "adjusted", "number"),
    Column("low", "low", "number"),
    Column("high", "high", "number"),
    Column("points", "points", "number"),
    Column("status", "status", width=14),
)
README = (Column("key", "key", width=26), Column("value", "value", width=80))
MEANINGS = (
    Column("sheet", "sheet", width=12),
    Column("column", "column", width=20),
    Column("value", "value", width=20),
    Column("meaning_zh", "meaning_zh", width=50),
    Column("meaning_en", "meaning_en", width=60),
)


@dataclass(frozen=True)
class Workbook:
    """The file's bytes and the SHA-256 of its Payroll rows as CSV."""

    content: bytes
    rows_sha256: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def workbook(batch: PayrollBatch) -> Workbook:
    """Make the workbook of a batch. Reads no clock: the batch alone decides every byte."""
    rows_sha256 = payroll_rows_sha256(batch)
    file = BytesIO()
    exports.write_xlsx(
        file,
        sheets=[
            Sheet("Payroll", PAYROLL, payroll_rows(batch)),
            Sheet("Summary", SUMMARY, summary_rows(batch)),
            Sheet("Detail", DETAIL, detail_rows(batch)),
            Sheet("Dictionary", MEANINGS, _meanings()),
            Sheet("ReadMe", README, readme_rows(batch, rows_sha256)),
        ],
    )
    return Workbook(file.getvalue(), rows_sha256)


def payroll_rows_sha256(batch: PayrollBatch) -> str:
    """SHA-256 of the Payroll sheet as CSV: UTF-8 with BOM, LF, header line, amounts 2 places."""
    file = BytesIO()
    exports.write_csv(file, [column.key for column in PAYROLL], payroll_rows(batch))
    return hashlib.sha256(file.getvalue()).hexdigest()


def payroll_rows(batch: PayrollBatch) -> Iterator[tuple[Any, ...]]:
    """One row per line, by line number, in the columns of PAYROLL."""
    lines = batch.lines.select_related("employee", "department", "reverses__batch")
    for line in lines.order_by("line_no").iterator(chunk_size=CHUNK):
        yield (
            batch.batch_no,
            line.line_no,
            line.employee.employee_no,
            line.employee.name,
            line.department.name_zh if line.department else "",
            line.legal_entity,
            line.period,
            line.pay_item_code,
            line.pay_item_name,
            line.direction,
            line.amount,
            "CNY",
            line.tax_class,
            line.kind,
            line.reason_code,
            line.source_no,
            line.reverses.no if line.reverses else "",
            line.policy_version,
            line.approval_no,
            line.remark,
        )


def summary_rows(batch: PayrollBatch) -> Iterator[dict[str, Any]]:
    """Control totals by pay item, period and kind; the last row is the whole batch."""
    whole = {"pay_item_code": "TOTAL", "pay_item_name": "合计 Total", "period": "", "kind": ""}
    for row in (*batch.totals["items"], {**whole, **batch.totals}):
        yield {column.key: row.get(column.key) for column in SUMMARY} | {
            key: Decimal(row[key]) for key in ("add", "deduct", "net")
        }


def detail_rows(batch: PayrollBatch) -> Iterator[dict[str, Any]]:
    """What each line rests on: one row per indicator result, or one where there is none."""
    lines = batch.lines.select_related(
        "employee",
        "entry__scorecard",
        "entry__performance_pay",
        "entry__appeal",
        "entry__reverses",
    ).order_by("line_no")
    chunk: list[PayrollLine] = []
    for line in lines.iterator(chunk_size=CHUNK):
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield from _details(chunk)
            chunk = []
    yield from _details(chunk)


def _details(lines: Sequence[PayrollLine]) -> Iterator[dict[str, Any]]:
    cards = {line.entry.scorecard_id for line in lines if line.entry.scorecard_id}
    results: dict[int, list[IndicatorResult]] = {}
    found = IndicatorResult.objects.filter(scorecard__in=cards).order_by("placement_no", "id")
    for result in found.select_related("scheme_version__scheme"):
        results.setdefault(result.scorecard_id, []).append(result)
    for line in lines:
        base = _line_facts(line)
        for result in results.get(line.entry.scorecard_id or 0, []):
            yield {**base, **_result_facts(result)}
        if line.entry.scorecard_id not in results:
            yield base


def _line_facts(line: PayrollLine) -> dict[str, Any]:
    entry: LedgerEntry = line.entry
    pay, card = entry.performance_pay, entry.scorecard
    return dict.fromkeys(column.key for column in DETAIL) | {
        "line_no": line.line_no,
        "employee_no": line.employee.employee_no,
        "entry_no": entry.entry_no,
        "entry_hash": entry.row_hash,
        "source_type": entry.source_type,
        "source_no": entry.source_no,
        "performance_pay": pay.performance_pay if pay else None,
        "coefficient": pay.coefficient if pay else None,
        "present_days": pay.present_days if pay else None,
        "working_days": pay.working_days if pay else None,
        "appeal_no": entry.appeal.appeal_no if entry.appeal else None,
        "scorecard_version": card.version if card else None,
        "scorecard_hash": card.content_hash if card else None,
        "composite": card.composite if card else None,
        "grade": card.grade if card else None,
    }


def _result_facts(result: IndicatorResult) -> dict[str, Any]:
    version = result.scheme_version
    names = (
        "indicator",
        "weight",
        "numerator",
        "denominator",
        "n",
        "raw",
        "adjusted",
        "low",
        "high",
        "points",
        "status",
    )
    scheme = f"{version.scheme.code} v{version.number}" if version else None
    facts = {"scheme": scheme} | {name: getattr(result, name) for name in names}
    for name in ("numerator", "denominator"):
        facts[name] = told(result.indicator, result.n, facts[name])
    return facts


@cache
def _meanings() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(DICTIONARY.read_text(encoding="utf-8"))
    return rows


def readme_rows(batch: PayrollBatch, rows_sha256: str) -> Iterator[tuple[str, str]]:
    """Which batch this is, by whom, by which versions of the rules, and its hash."""
    policies = PolicyVersion.objects.filter(
        pk__in=LedgerEntry.objects.filter(lines__batch=batch).values("policy_version")
    ).select_related("policy")
    yield "format", FORMAT
    yield "batch_no", batch.batch_no
    yield "payroll_month", batch.period
    yield "sequence", str(batch.sequence)
    yield "built_by", batch.built_by.username
    yield "approved_by", batch.approved_by.username if batch.approved_by else ""
    yield "lines", str(batch.totals["lines"])
    yield "employees", str(batch.totals["employees"])
    yield "net_total", batch.totals["net"]
    for version in policies.order_by("policy__code", "number"):
        yield f"policy {version}", version.content_hash
    yield "payroll_rows_sha256", rows_sha256
    yield "payroll_rows_as_csv", "UTF-8 with BOM, LF, header line, amounts with 2 places"
    yield "file_sha256", "stored with the batch in the system: a file cannot hold its own hash"
