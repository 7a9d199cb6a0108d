"""Who may do what, with the reason when not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from core.commands import OPERATOR
from core.permissions import Allowed, Denied
from organization.models import Employee, Role, RoleAssignment
from organization.queries import (
    departments_held,
    has_role,
    other_administrators,
    paths_held,
    people_held,
)

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


def may_hold(user: User | AnonymousUser, *roles: str, otherwise: object = "") -> Allowed | Denied:
    """Whether the account acts in one of the roles for the whole company: for what concerns
    everybody. `otherwise` is the reason for who holds none of them at all."""
    if has_role(user, *roles):
        return Allowed()
    part = _("Your role is limited to a part of the company; this concerns the whole company.")
    return _refused(user, roles, otherwise, part)


def may_hold_somewhere(
    user: User | AnonymousUser, *roles: str, otherwise: object = ""
) -> Allowed | Denied:
    """Whether the account acts in one of the roles at all: for pages that show only the part it
    was given for."""
    return Allowed() if paths_held(user, *roles) else _refused(user, roles, otherwise, "")


def may_hold_in(
    user: User | AnonymousUser,
    *roles: str,
    departments: Iterable[int | None],
    otherwise: object = "",
) -> Allowed | Denied:
    """Whether the account acts in one of the roles for all of these departments (ids); what is of
    no department is for the whole company."""
    if has_role(user, *roles):
        return Allowed()
    wanted = set(departments)
    held = departments_held(user, *roles).filter(pk__in=[pk for pk in wanted if pk is not None])
    if wanted and held.count() == len(wanted):
        return Allowed()
    part = _("Your role is limited to other departments than this.")
    return _refused(user, roles, otherwise, part)


def may_hold_over(
    user: User | AnonymousUser, *roles: str, people: Iterable[int], otherwise: object = ""
) -> Allowed | Denied:
    """The same for the departments where these people (employee ids) work today."""
    if has_role(user, *roles):
        return Allowed()
    wanted = set(people)
    held = people_held(user, *roles).filter(pk__in=wanted)
    if wanted and held.count() == len(wanted):
        return Allowed()
    part = _("Your role is limited to departments where this person does not work.")
    return _refused(user, roles, otherwise, part)


def _refused(
    user: User | AnonymousUser, roles: Sequence[str], otherwise: object, part: str
) -> Denied:
    """Why not: none of the roles, or (`part`) one of them that does not reach as far."""
    if part and paths_held(user, *roles):
        return Denied(part)
    names = ", ".join(str(Role(role).label) for role in roles)
    return Denied(otherwise or _("This needs one of these roles: %(roles)s.") % {"roles": names})


def may_import_roster(user: User) -> Allowed | Denied:
    return may_hold(user, Role.HR, Role.ADMIN)


def may_grant_roles(user: User) -> Allowed | Denied:
    return may_hold(user, Role.ADMIN)


def may_end_role(user: User, assignment: RoleAssignment) -> Allowed | Denied:
    """Nobody leaves the company without an administrator, nor takes it from themselves."""
    answer = may_grant_roles(user)
    if not answer or assignment.role != Role.ADMIN or assignment.department_id is not None:
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


def may_open_pay_settings(user: User) -> Allowed | Denied:
    """The page of pay profiles, of the people HR is responsible for."""
    return may_hold_somewhere(user, Role.HR, otherwise=_ONLY_HR)


def may_set_pay(user: User, employee: Employee) -> Allowed | Denied:
    """This person's pay profile."""
    return may_hold_over(user, Role.HR, people=[employee.pk], otherwise=_ONLY_HR)


_ONLY_HR = _t("Only HR changes what people are paid.")


def may_see_pay(user: User) -> Allowed | Denied:
    """Everybody's pay; the own one stands on one's own pages."""
    return may_hold(user, *PAY_SEEN_BY, otherwise=_PAY_IS_SEEN)


def may_see_pay_of(user: User, employee: Employee) -> Allowed | Denied:
    """This person's pay, who is somebody else."""
    return may_hold_over(user, *PAY_SEEN_BY, people=[employee.pk], otherwise=_PAY_IS_SEEN)


PAY_SEEN_BY = (Role.HR, Role.GROUP)
_PAY_IS_SEEN = _t("Pay is seen by HR and the management group only.")


def may_correct_calendar(user: User) -> Allowed | Denied:
    return may_hold(user, Role.HR, Role.ADMIN)


def may_open_files(user: User) -> Allowed | Denied:
    """Personnel files of the people one is responsible for: placements, pay, results in one
    place."""
    return may_hold_somewhere(
        user, *PAY_SEEN_BY, otherwise=_("Employee files are for HR and the management group.")
    )
