"""Ledger entries as CSV or XLSX, in the order asked for."""

from collections.abc import Iterator
from typing import IO, Any

from django.db.models import QuerySet

from core import exports
from core.exports import Column, Sheet
from incentives.models import LedgerEntry

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS = (
    Column("entry_no", "entry_no", "int", 10),
    Column("month", "month", width=10),
    Column("employee_no", "employee_no"),
    Column("name", "name"),
    Column("pay_item_code", "pay_item_code"),
    Column("amount", "amount", "money"),
    Column("currency", "currency", width=9),
    Column("kind", "kind", width=6),
    Column("source_type", "source_type", width=16),
    Column("source_no", "source_no", width=30),
    Column("reverses_entry", "reverses_entry", "int", 10),
    Column("batch_line", "batch_line", width=18),
    Column("row_hash", "row_hash", width=20),
)


def rows(entries: QuerySet[LedgerEntry]) -> Iterator[tuple[Any, ...]]:
    """One row per entry in the columns of COLUMNS; `entries` as queries.entries.filtered gives."""
    for entry in entries.iterator(chunk_size=1000):
        line = next(iter(getattr(entry, "live_lines", [])), None)
        yield (
            entry.entry_no,
            f"{entry.month:%Y-%m}",
            entry.employee.employee_no,
            entry.employee.name,
            entry.pay_item_code,
            entry.amount,
            "CNY",
            entry.kind,
            entry.source_type,
            entry.source_no,
            entry.reverses.entry_no if entry.reverses else None,
            line.no if line else "",
            entry.row_hash,
        )


def write(target: IO[bytes], entries: QuerySet[LedgerEntry], kind: str) -> int:
    """Write the entries as "csv" or "xlsx"; returns their number."""
    count = entries.order_by().count()
    if kind == "csv":
        exports.write_csv(target, [column.key for column in COLUMNS], rows(entries))
    else:
        exports.write_xlsx(target, sheets=[Sheet("Ledger", COLUMNS, rows(entries))])
    return count
