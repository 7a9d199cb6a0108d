"""The accounts of the demo company. Their password is no secret: the login page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.models import User
from organization.models import Role

PASSWORD = "qingsui-demo-2026"  # noqa: S105 - shown on the login page of the demo company


@dataclass(frozen=True)
class Account:
    """A login named after the employee number, and what a visitor sees with it."""

    employee_no: str
    roles: tuple[str, ...]
    title: object

    @property
    def username(self) -> str:
        return self.employee_no


ACCOUNTS = (
    Account("E0001", (Role.EMPLOYEE, Role.GROUP), _("General manager (management group)")),
    Account("E0002", (Role.EMPLOYEE, Role.GROUP), _("Head of sales (management group)")),
    Account("E0003", (Role.EMPLOYEE, Role.ASSESSMENT), _("Head of after-sales (assessment group)")),
    Account("E0113", (Role.EMPLOYEE, Role.ASSESSMENT), _("Head of HR (assessment group)")),
    Account("E0037", (Role.EMPLOYEE,), _("Shop manager, Bay shop")),
    Account("E0014", (Role.EMPLOYEE,), _("Service advisor, Riverside shop")),
    Account("E0081", (Role.EMPLOYEE,), _("Sales consultant, Lakeside shop")),
    Account("E0092", (Role.EMPLOYEE, Role.HANDLER), _("Customer service (complaints)")),
    Account("E0102", (Role.EMPLOYEE, Role.EXECUTOR), _("Survey executor")),
    Account("E0114", (Role.EMPLOYEE, Role.HR), _("HR (payroll)")),
    Account("E0116", (Role.EMPLOYEE, Role.SUPERVISION), _("Supervision")),
    Account("E0118", (Role.EMPLOYEE, Role.ANALYST), _("Data analyst")),
    Account("E0120", (Role.EMPLOYEE, Role.ADMIN), _("Administrator")),
)


def on_login_page() -> list[dict[str, object]]:
    """The accounts that exist, in the order of the list."""
    known = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    return [
        {"username": account.username, "password": PASSWORD, "title": account.title}
        for account in ACCOUNTS
        if account.username in known
    ]
