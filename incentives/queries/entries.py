"""The ledger for its page: entries by filter, their sums, and corrections as pairs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from core.models import Job
from incentives.models import LedgerEntry, PayrollLine
from incentives.rules.months import first_of_month

ZERO = Decimal("0.00")
VERIFY_KIND = "incentives.verify_ledger"


@dataclass(frozen=True)
class Filter:
    """What the page was asked for; empty: everything."""

    month: str = ""
    search: str = ""
    kind: str = ""
    source: str = ""

    @property
    def first(self) -> date | None:
        return first_of_month(self.month) if self.month else None

    def as_query(self) -> dict[str, str]:
        """The filter as query parameters, the empty ones left out."""
        pairs = {"month": self.month, "q": self.search, "kind": self.kind, "source": self.source}
        return {key: value for key, value in pairs.items() if value}


def filtered(asked: Filter) -> QuerySet[LedgerEntry]:
    """Entries by number, newest first, with what a row shows."""
    live = PayrollLine.objects.filter(live=True).select_related("batch")
    rows = (
        LedgerEntry.objects.select_related("employee", "reverses", "reversed_by")
        .prefetch_related(Prefetch("lines", queryset=live, to_attr="live_lines"))
        .order_by("-entry_no")
    )
    if asked.month:
        rows = rows.filter(month=asked.first) if asked.first else rows.none()
    for word in asked.search.split():
        found = (
            Q(employee__employee_no__icontains=word)
            | Q(employee__name__icontains=word)
            | Q(employee__sort_key__icontains=word)
            | Q(source_no__icontains=word)
        )
        if word.isascii() and word.isdigit() and len(word) < 15:
            found |= Q(entry_no=int(word))
        rows = rows.filter(found)
    if asked.kind:
        rows = rows.filter(kind="" if asked.kind == "none" else asked.kind)
    if asked.source:
        rows = rows.filter(source_type=asked.source)
    return rows


def sums(rows: QuerySet[LedgerEntry]) -> dict[str, Any]:
    """Count, additions, deductions and net of the filter, whole and per kind."""
    plain = rows.order_by().select_related(None).prefetch_related(None)
    groups = plain.values("kind").annotate(
        entries=Count("pk"),
        add=Sum("amount", filter=Q(amount__gt=0), default=ZERO),
        deduct=Sum("amount", filter=Q(amount__lt=0), default=ZERO),
    )
    kinds = [
        {
            "kind": row["kind"],
            "label": LedgerEntry.Kind(row["kind"]).label,
            "lines": row["entries"],
            "add": row["add"],
            "deduct": -row["deduct"],
            "net": row["add"] + row["deduct"],
        }
        for row in sorted(groups, key=lambda row: row["kind"])
    ]
    whole = {
        key: sum((row[key] for row in kinds), 0 if key == "lines" else ZERO)
        for key in ("lines", "add", "deduct", "net")
    }
    return {"kinds": kinds, **whole}


def months() -> list[str]:
    """The months that have entries, the newest first, as 2025-11."""
    found = LedgerEntry.objects.order_by("-month").values_list("month", flat=True).distinct()
    return [f"{month:%Y-%m}" for month in found]


def last_check() -> Job | None:
    """The latest check of the ledger, running or over."""
    return (
        Job.objects.filter(kind=VERIFY_KIND)
        .select_related("actor__employee")
        .order_by("-pk")
        .first()
    )


@dataclass
class Correction:
    """One correction: the entry that takes back, the one that replaces it, and where both ride."""

    reversal: LedgerEntry
    replacement: LedgerEntry | None
    original_line: PayrollLine | None
    line: PayrollLine | None

    @property
    def change(self) -> Decimal:
        return self.reversal.amount + (self.replacement.amount if self.replacement else ZERO)


def reversals() -> QuerySet[LedgerEntry]:
    """Entries that take another back, without what a rejected batch gave back; newest first."""
    return (
        LedgerEntry.objects.filter(reverses__isnull=False)
        .exclude(reverses__source_type=LedgerEntry.Source.RECOVERY)
        .select_related("employee", "reverses", "appeal", "created_by")
        .order_by("-entry_no")
    )


def waiting_reversals() -> QuerySet[LedgerEntry]:
    """Corrections that ride in the next batch: in no live line yet."""
    return reversals().exclude(pk__in=PayrollLine.objects.filter(live=True).values("entry"))


def corrections(rows: list[LedgerEntry]) -> list[Correction]:
    """The reversals with what belongs to them; two queries for any number."""
    appeals = {row.appeal_id for row in rows if row.appeal_id}
    replacing: dict[tuple[Any, ...], LedgerEntry] = {
        _item(row): row
        for row in LedgerEntry.objects.filter(appeal__in=appeals, reverses__isnull=True)
    }
    found = {row.pk: replacing.get(_item(row)) if row.appeal_id else None for row in rows}
    needed = [row.pk for row in rows] + [row.reverses_id for row in rows]
    lines = {
        line.entry_id: line
        for line in PayrollLine.objects.filter(live=True, entry__in=needed).select_related("batch")
    }
    return [
        Correction(row, found[row.pk], lines.get(row.reverses_id or 0), lines.get(row.pk))
        for row in rows
    ]


def _item(entry: LedgerEntry) -> tuple[Any, ...]:
    return entry.appeal_id, entry.employee_id, entry.month, entry.pay_item_code
