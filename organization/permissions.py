"""Who may do what, with the reason when not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from core.commands import OPERATOR
from core.permissions import Allowed, Denied
from organization.models import Role, RoleAssignment
from organization.queries import has_role, other_administrators

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.models import User


# Two roles one person should not hold: what is decided by the second rests on the work of the
# first. Allowed where a company is small; the page says what it means.
SEPARATED: tuple[tuple[str, str, object], ...] = (
    (Role.HR, Role.GROUP, _t("prepares the payroll and approves it")),
    (Role.EXECUTOR, Role.ASSESSMENT, _t("runs the survey and scores the people in it")),
    (Role.EXECUTOR, Role.GROUP, _t("runs the survey and decides awards that rest on it")),
    (Role.HANDLER, Role.SUPERVISION, _t("handles complaints and supervises their handling")),
    (Role.ADMIN, Role.GROUP, _t("gives roles and decides awards and pay")),
    (Role.ADMIN, Role.HR, _t("gives roles and prepares the payroll")),
    (Role.ADMIN, Role.ASSESSMENT, _t("gives roles and approves scores")),
)


def duties_in_conflict(roles: Iterable[str]) -> list[str]:
    """One sentence for every pair of these roles that breaks the separation of duties."""
    held = set(roles)
    return [
        _("%(first)s and %(second)s: the same person %(deed)s.")
        % {"first": Role(first).label, "second": Role(second).label, "deed": deed}
        for first, second, deed in SEPARATED
        if {first, second} <= held
    ]


def may_hold(user: User | AnonymousUser, *roles: str) -> Allowed | Denied:
    """Whether the account acts in one of the roles."""
    if has_role(user, *roles):
        return Allowed()
    names = ", ".join(str(Role(role).label) for role in roles)
    return Denied(_("This needs one of these roles: %(roles)s.") % {"roles": names})


def may_import_roster(user: User) -> Allowed | Denied:
    return may_hold(user, Role.HR, Role.ADMIN)


def may_grant_roles(user: User) -> Allowed | Denied:
    return may_hold(user, Role.ADMIN)


def may_end_role(user: User, assignment: RoleAssignment) -> Allowed | Denied:
    """Nobody leaves the company without an administrator, nor takes it from themselves."""
    answer = may_grant_roles(user)
    if not answer or assignment.role != Role.ADMIN:
        return answer
    if assignment.user_id == user.pk:
        return Denied(_("You cannot end your own administrator role; another administrator can."))
    return _leaves_an_administrator(assignment.user)


def may_manage_account(user: User, account: User) -> Allowed | Denied:
    """Passwords, second factor, sessions of accounts of people; not of machines."""
    answer = may_grant_roles(user)
    if not answer:
        return answer
    if account.username == OPERATOR:
        return Denied(_("This account stands for commands run on the server; nobody logs in."))
    if account.username.startswith("api:"):
        return Denied(_("This account belongs to an API client; see the settings."))
    return Allowed()


def may_close_account(user: User, account: User) -> Allowed | Denied:
    answer = may_manage_account(user, account)
    if not answer:
        return answer
    if account.pk == user.pk:
        return Denied(_("You cannot close your own account; another administrator can."))
    if has_role(account, Role.ADMIN):
        return _leaves_an_administrator(account)
    return answer


def _leaves_an_administrator(account: User) -> Allowed | Denied:
    if other_administrators(account).exists():
        return Allowed()
    return Denied(_("This is the last administrator; give somebody else the role first."))


def may_administer(user: User) -> Allowed | Denied:
    """Accounts, settings, jobs, the audit trail."""
    return may_hold(user, Role.ADMIN)


def may_read_looks(user: User) -> Allowed | Denied:
    """Who looked at pay and comments: who administers, and who supervises those who look."""
    return may_hold(user, Role.ADMIN, Role.SUPERVISION)


def may_set_pay(user: User) -> Allowed | Denied:
    """Pay profiles and everything else pay is worked out from."""
    if has_role(user, Role.HR):
        return Allowed()
    return Denied(_("Only HR changes what people are paid."))


def may_see_pay(user: User) -> Allowed | Denied:
    """Somebody else's pay; the own one stands on one's own pages."""
    if has_role(user, Role.HR, Role.GROUP):
        return Allowed()
    return Denied(_("Pay is seen by HR and the management group only."))


def may_correct_calendar(user: User) -> Allowed | Denied:
    return may_hold(user, Role.HR, Role.ADMIN)


def may_open_files(user: User) -> Allowed | Denied:
    """The personnel file of everybody: placements, pay, results in one place."""
    if has_role(user, Role.HR, Role.GROUP):
        return Allowed()
    return Denied(_("Employee files are for HR and the management group."))
