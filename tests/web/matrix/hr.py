"""Payroll, ledger, employee files, pay settings, the calendar, the roster, figures from files."""

from collections.abc import Mapping
from typing import Any

from tests.web.matrix.rows import Row
from tests.web.site import CAST, Site

PAY = frozenset({"hr", "group"})
HR = frozenset({"hr"})
SETUP = frozenset({"hr", "admin"})
RUNNERS = frozenset({"executor", "analyst", "admin"})
MEASURERS = frozenset({"assessment", "group", "hr", "supervision", "admin"})
BROUGHT_IN_BY = {
    "events": frozenset({"executor", "handler", "admin"}),
    "responses": RUNNERS,
    "measurements": MEASURERS,
    "wage-parts": HR,
    "wage-rules": frozenset({"group", "hr", "admin"}),
}


def _batch(site: Site) -> Mapping[str, Any]:
    """The latest batch that was not taken back."""
    rows = site.sql(
        "SELECT batch_no FROM incentives_payrollbatch WHERE state <> 'rejected'"
        " ORDER BY month DESC, sequence DESC LIMIT 1"
    )
    return {"batch_no": rows[0][0]}


def _line_of(role: str) -> Any:
    def found(site: Site) -> Mapping[str, Any]:
        rows = site.sql(
            "SELECT b.batch_no, l.line_no FROM incentives_payrollline l"
            " JOIN incentives_payrollbatch b ON b.id = l.batch_id"
            " JOIN organization_employee e ON e.id = l.employee_id"
            " WHERE l.live AND e.employee_no = %s ORDER BY b.month DESC, l.line_no LIMIT 1",
            CAST[role],
        )
        return {"batch_no": rows[0][0], "line_no": rows[0][1]}

    return found


ROWS = (
    Row("month_close", PAY),
    Row("month_build", HR, method="post"),
    Row("payroll_batch", PAY, refused=404, kwargs=_batch),
    Row("payroll_line", PAY | {"employee"}, refused=404, kwargs=_line_of("employee"), case="own"),
    Row("payroll_line", PAY | {"manager"}, refused=404, kwargs=_line_of("manager"), case="manager"),
    Row("payroll_validate", PAY, refused=404, kwargs=_batch, method="post"),
    Row("payroll_approve", PAY, refused=404, kwargs=_batch, method="post"),
    Row("payroll_generate", PAY, refused=404, kwargs=_batch, method="post"),
    Row("payroll_close", PAY, refused=404, kwargs=_batch, method="post"),
    Row("payroll_reject", PAY, refused=404, kwargs=_batch, method="post"),
    Row("payroll_acknowledge", PAY, refused=404, kwargs=_batch, method="post"),
    Row("payroll_workbook", PAY, refused=404, kwargs=_batch, method="post"),
    Row("ledger", PAY),
    Row("ledger_export", HR, method="post"),
    Row("ledger_verify", PAY, method="post"),
    Row("corrections", PAY),
    Row("employees", PAY),
    Row("employee_file", PAY, kwargs={"employee_no": "E0014"}),
    Row("pay_settings", HR),
    Row("pay_profile_new", HR, method="post"),
    Row("calendar", SETUP),
    Row("calendar_correct", SETUP, method="post"),
    Row("calendar_hours", SETUP, method="post"),
    Row("roster_import", SETUP),
    Row("roster_preview", SETUP, method="post"),
    Row("roster_confirm", SETUP, method="post"),
    Row("roster_template", SETUP, kwargs={"name": "employees", "kind": "csv"}),
    Row("data_files", MEASURERS | RUNNERS | {"handler"}, status=302),
    *(
        row
        for code, roles in BROUGHT_IN_BY.items()
        for row in (
            Row("data_file", roles, kwargs={"code": code}, case=code),
            Row("data_files_preview", roles, kwargs={"code": code}, case=code, method="post"),
            Row("data_files_confirm", roles, kwargs={"code": code}, case=code, method="post"),
        )
    ),
    Row("data_files_empty", HR, kwargs={"code": "wage-parts", "form": "csv"}),
)
