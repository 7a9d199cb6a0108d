"""The side bar: which pages a role works on, and how much waits there for this person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Notification, User
from dashboards.queries import counts
from organization.models import Department, Employee, Role
from organization.queries import employee_of, has_role, roles_of

TABS = 5


@dataclass(frozen=True)
class Page:
    """A page of the side bar. `short` is its name under the phone's icons; `count` says how much
    waits there for the account; `whole`: a role given for a department does not open it."""

    url_name: str
    label: object
    icon: str
    short: object = ""
    count: Callable[[User], int] | None = None
    whole: bool = False


@dataclass(frozen=True)
class Link:
    url: str
    label: str
    short: str
    icon: str
    count: int
    current: bool


@dataclass(frozen=True)
class Group:
    title: str
    links: list[Link]


_t = gettext_lazy
HOME = Page("home", _t("Home"), "home")
OWN = (
    Page("my_scores", _t("My scores"), "chart-dots-3", _t("Scores")),
    Page("my_awards", _t("Awards and pay"), "award", _t("Awards")),
    Page("my_appeals", _t("My appeals"), "scale", _t("Appeals"), counts.own_appeals),
    Page("my_comments", _t("What customers said"), "message-circle", _t("Comments")),
)
DATA_FILES = Page("data_files", _t("Import data"), "file-import", _t("Import"))
DEPARTMENT = (
    Page("dashboard", _t("Dashboard"), "layout-dashboard"),
    Page("people", _t("People"), "users"),
    Page("comments", _t("Customer comments"), "message-2", _t("Comments")),
)
SURVEYS = (
    Page("surveys", _t("Surveys"), "clipboard-list"),
    Page("review_queue", _t("Cleaning review"), "filter-check", _t("Review"), counts.to_judge),
    Page("questionnaires", _t("Questionnaires"), "list-details"),
    DATA_FILES,
)
ANALYSIS = (
    Page("surveys", _t("Surveys"), "clipboard-list"),
    Page("analysis", _t("Analysis"), "chart-histogram"),
    Page("review_queue", _t("Cleaning review"), "filter-check", _t("Review"), counts.to_judge),
    Page("questionnaires", _t("Questionnaires"), "list-details"),
    replace(DATA_FILES, whole=True),
)
DECISIONS = (
    Page("inbox", _t("Waiting for me"), "inbox", _t("Inbox"), counts.inbox),
    Page("periods", _t("Periods"), "calendar-stats", whole=True),
    Page("appeals", _t("Appeals"), "scale", count=counts.appeals),
    Page("proposals", _t("Awards and pay"), "award", _t("Awards"), whole=True),
)
RULES = (
    Page("schemes", _t("Schemes"), "adjustments"),
    Page("policies", _t("Policies"), "gavel"),
    DATA_FILES,
)
PAYROLL = (
    Page("month_close", _t("Month close"), "clipboard-check", _t("Payroll"), whole=True),
    Page("ledger", _t("Ledger"), "coin-yuan", whole=True),
    Page("employees", _t("Employee files"), "users", _t("Files")),
    Page("corrections", _t("Corrections"), "history", whole=True),
)
PAY_SETTINGS = (
    Page("pay_settings", _t("Pay profiles"), "adjustments-horizontal"),
    Page("calendar", _t("Working calendar"), "calendar", whole=True),
    Page("roster_import", _t("Import roster"), "download", whole=True),
    DATA_FILES,
)
ACCESS_LOG = Page("looks", _t("Access log"), "eye", whole=True)
ADMINISTRATION = (
    Page("users", _t("People and roles"), "users", whole=True),
    Page("settings", _t("Settings"), "settings", whole=True),
    Page("jobs", _t("Jobs"), "refresh", whole=True),
    Page("audit", _t("Audit trail"), "shield-check", whole=True),
    ACCESS_LOG,
    DATA_FILES,
    Page("customer_search", _t("Customer data"), "user-shield", _t("Data"), whole=True),
    Page("calendar", _t("Working calendar"), "calendar", whole=True),
)

# Roles from the one whose work comes first; each with the groups of its side bar.
WORK: tuple[tuple[str, tuple[tuple[object, tuple[Page, ...]], ...]], ...] = (
    (Role.GROUP, (("", DECISIONS), (_t("Whole company"), (*DEPARTMENT, *RULES)))),
    (Role.ASSESSMENT, (("", DECISIONS), (_t("Whole company"), (*DEPARTMENT, *RULES)))),
    (Role.HR, (("", PAYROLL), (_t("Settings"), PAY_SETTINGS))),
    (Role.ADMIN, (("", ADMINISTRATION),)),
    (Role.ANALYST, (("", ANALYSIS), (_t("Whole company"), DEPARTMENT))),
    (Role.EXECUTOR, (("", SURVEYS),)),
    (Role.SUPERVISION, (("", (*DEPARTMENT, SURVEYS[1], DATA_FILES, ACCESS_LOG)),)),
    (Role.MANAGER, (("", DEPARTMENT),)),
    (Role.HANDLER, (("", (DATA_FILES,)),)),
)


class Navigation:
    """The shell around a page, worked out when a template first asks for it."""

    def __init__(self, user: User, path: str) -> None:
        self.user, self.path = user, path

    @cached_property
    def roles(self) -> frozenset[str]:
        return roles_of(self.user)

    @cached_property
    def groups(self) -> list[Group]:
        """The home, then role by role; a page of two roles stands once, one's own come last."""
        seen = {HOME.url_name}
        groups = [Group("", self._links([HOME]))]
        for role, parts in WORK:
            if role not in self.roles:
                continue
            whole = has_role(self.user, role)
            for title, pages in parts:
                fresh = [p for p in pages if p.url_name not in seen and (whole or not p.whole)]
                seen.update(page.url_name for page in fresh)
                self._append(groups, str(title), fresh)
        if Role.EMPLOYEE in self.roles:
            self._append(groups, _("Mine") if len(groups[0].links) > 1 else "", list(OWN))
        return groups

    def _append(self, groups: list[Group], title: str, pages: list[Page]) -> None:
        links = self._links(pages)
        if not links:
            return
        if title:
            groups.append(Group(title, links))
        else:
            groups[0].links.extend(links)

    def _links(self, pages: Iterable[Page]) -> list[Link]:
        links = []
        for page in pages:
            try:
                url = reverse(page.url_name)
            except NoReverseMatch:
                continue  # a page of a later version
            current = self.path == url if url == "/" else self.path.startswith(url)
            count = page.count(self.user) if page.count else 0
            label = str(page.label)
            links.append(Link(url, label, str(page.short or label), page.icon, count, current))
        return links

    @cached_property
    def tabs(self) -> list[Link]:
        """What the phone shows at the bottom."""
        return [link for group in self.groups for link in group.links][:TABS]

    @cached_property
    def employee(self) -> Employee | None:
        return employee_of(self.user)

    @cached_property
    def person(self) -> str:
        return self.employee.name if self.employee else self.user.username

    @cached_property
    def initial(self) -> str:
        return self.person[:1].upper()

    @cached_property
    def role(self) -> str:
        """The role whose work comes first."""
        first = next((role for role, _groups in WORK if role in self.roles), None)
        if first is None:
            return str(Role.EMPLOYEE.label) if Role.EMPLOYEE in self.roles else ""
        return str(Role(first).label)

    @cached_property
    def company(self) -> str:
        """The root of the department tree."""
        from core.templatetags.ui import name

        root = Department.objects.filter(parent=None, is_active=True).order_by("code").first()
        return name(root) if root else settings.MFA_TOTP_ISSUER

    @cached_property
    def unread(self) -> int:
        return Notification.objects.filter(user=self.user, read_at=None).count()


def shell(user: Any, path: str) -> Navigation | None:
    """The navigation of a logged-in account."""
    return Navigation(user, path) if user.is_authenticated else None
