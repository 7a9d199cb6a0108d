"""The access log as people read it: who looked at whose pay and at which comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _t

from core.pages import Stretch, stretch_of
from core.templatetags.ui import period_name
from dashboards.queries.administration.audit import of_days
from organization.models import Look

SIZE = 50

PAGES: dict[str, object] = {
    "appeal": _t("pay in an appeal"),
    "audit": _t("amounts in the audit trail"),
    "audit_file": _t("amounts in the audit trail, as a file"),
    "comments": _t("comments of a department"),
    "corrections": _t("corrections of pay"),
    "customer_file": _t("data of a customer, as a file"),
    "employee_file": _t("employee file"),
    "ledger": _t("ledger"),
    "ledger_file": _t("ledger, as a file"),
    "pay_settings": _t("pay profiles"),
    "payroll_batch": _t("payroll batch"),
    "payroll_line": _t("where a payment comes from"),
    "payroll_workbook": _t("payroll batch, as a file"),
    "proposal": _t("awards and pay of a proposal"),
    "response": _t("an answer"),
    "roster_preview": _t("changes of pay in a roster"),
    "score": _t("what a result pays"),
    "score_pack": _t("what a result pays, as a file"),
    "survey_review": _t("cleaning review of a survey"),
}
"""What each page of the log was, in words."""

_BY_PERIOD = frozenset({"proposal", "score", "score_pack"})


@dataclass(frozen=True)
class Filter:
    """What of the log is shown: `reader` an account or a name, `person` a number or a name."""

    reader: str = ""
    person: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    def rows(self) -> QuerySet[Look]:
        """The looks, the newest first."""
        rows = Look.objects.order_by("-id")
        if self.reader:
            rows = rows.filter(
                Q(reader__username=self.reader) | Q(reader__employee__name=self.reader)
            )
        if self.person:
            rows = rows.filter(Q(person__employee_no=self.person) | Q(person__name=self.person))
        if self.kind:
            rows = rows.filter(kind=self.kind)
        return of_days(rows, self.since, self.until)

    def as_data(self) -> dict[str, Any]:
        """The conditions that are set."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Seen:
    """One look ready to be read."""

    row: Look
    what: str
    subject: str


def found(wanted: Filter, *, before: int | None, after: int | None) -> Stretch[Seen]:
    """SIZE looks by key; two tables beside the log, whatever their number."""
    rows = wanted.rows().select_related("reader__employee", "person")
    page = stretch_of(rows, SIZE, before=before, after=after)
    return Stretch([_seen(row) for row in page.entries], page.newer, page.older)


def _seen(row: Look) -> Seen:
    subject = period_name(row.subject) if row.page in _BY_PERIOD else row.subject
    return Seen(row, str(PAGES.get(row.page, row.page)), subject)


EXPORT_COLUMNS = ("id", "at", "reader", "kind", "page", "subject", "employee_no")


def export_rows(wanted: Filter, limit: int) -> Iterator[Sequence[Any]]:
    """The looks as cells, the oldest first, at most `limit` of the newest."""
    newest = wanted.rows().values_list("id", flat=True)[:limit]
    rows = Look.objects.filter(id__in=newest).order_by("id")
    yield from rows.values_list(
        "id", "at", "reader__username", "kind", "page", "subject", "person__employee_no"
    ).iterator(chunk_size=2000)
