"""Who may do what with policies, proposals and decisions; every answer carries its reason."""

from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from incentives.models import (
    Appeal,
    Award,
    PayrollBatch,
    PayrollLine,
    PerformancePay,
    PolicyVersion,
)
from incentives.queries.appeals import Bars, barred
from organization.models import Employee, Role
from organization.permissions import (
    may_hold,
    may_hold_over,
    may_hold_somewhere,
    may_see_pay,
    may_see_pay_of,
)


def may_import_policy(user: User) -> Allowed | Denied:
    """A draft moves nothing: the management group, HR or an administrator may bring one in."""
    return may_hold(
        user,
        Role.GROUP,
        Role.HR,
        Role.ADMIN,
        otherwise=_("Only the management group, HR or an administrator may import policies."),
    )


def may_activate_policy(user: User) -> Allowed | Denied:
    return may_hold(
        user, Role.GROUP, otherwise=_("Only the management group may activate a policy.")
    )


def may_propose(user: User) -> Allowed | Denied:
    """A proposal pays nothing yet, so the operator may have the figures worked out."""
    return may_hold(
        user,
        Role.GROUP,
        Role.ADMIN,
        otherwise=_("Only the management group or an administrator may propose incentives."),
    )


def may_decide(user: User) -> Allowed | Denied:
    return may_hold(
        user, Role.GROUP, otherwise=_("Only the management group decides on awards and pay.")
    )


def may_decide_row(user: User, row: Award | PerformancePay) -> Allowed | Denied:
    """The management group, but nobody on an own award or own pay."""
    general = may_decide(user)
    if isinstance(general, Denied):
        return general
    if is_own(user, row):
        return Denied(_("You cannot decide on your own award or pay."))
    return Allowed()


def is_own(user: User, row: Award | PerformancePay) -> bool:
    """Whether the row pays the account's own person; `row.employee` is loaded."""
    return row.employee.user_id is not None and row.employee.user_id == user.pk


def may_see_payroll(user: User) -> Allowed | Denied:
    """Everybody's pay is seen by HR and by the management group, which approves it."""
    return may_see_pay(user)


def may_see_line(user: User, line: PayrollLine) -> Allowed | Denied:
    """Where one's own money comes from, everybody may see; others' only who sees pay anyway.

    The administrator is let in for the command line, whose reader has the database anyway.
    """
    return may_hold(user, Role.ADMIN) or may_open_line(user, line)


def may_open_line(user: User, line: PayrollLine) -> Allowed | Denied:
    """On a page, without the administrator: the person concerned, HR, the management group."""
    if user.pk == line.employee.user_id:
        return Allowed()
    return may_see_pay_of(user, line.employee)


def may_run_payroll(user: User) -> Allowed | Denied:
    """Building, validating, exporting, acknowledging, and the wage parts the guard reads."""
    return may_hold(user, Role.HR, otherwise=_("Only HR runs the payroll."))


def may_approve_batch(user: User, batch: PayrollBatch) -> Allowed | Denied:
    """The management group, and never the person who built the batch."""
    general = may_hold(
        user, Role.GROUP, otherwise=_("Only the management group approves a payroll batch.")
    )
    return general and apart_from_batch(user, batch)


def apart_from_batch(user: User, batch: PayrollBatch) -> Allowed | Denied:
    """Builder and approver are two people; who asks is of the management group."""
    if user.pk == batch.built_by_id:
        return Denied(_("You built this batch; somebody else has to approve it."))
    return Allowed()


def may_reject_batch(user: User, batch: PayrollBatch) -> Allowed | Denied:
    """HR may take back its own work; what was approved, only the management group."""
    if may_hold(user, Role.GROUP):
        return Allowed()
    reason = _("Only HR or the management group may reject a payroll batch.")
    general = may_hold(user, Role.HR, otherwise=reason)
    if isinstance(general, Denied):
        return general
    if batch.approved_by_id is not None:
        return Denied(_("The batch is approved; only the management group may reject it now."))
    return Allowed()


def may_decide_debt(user: User, employee: Employee) -> Allowed | Denied:
    return may_hold_over(
        user,
        Role.GROUP,
        people=[employee.pk],
        otherwise=_("A recovery or a fine is decided by the management group."),
    )


def may_file_appeal(user: User, employee: Employee) -> Allowed | Denied:
    """The person concerned; HR for somebody who hands in a paper, in that person's name."""
    if user.pk == employee.user_id:
        return Allowed()
    reason = _("Only the person concerned appeals, or HR in that person's name.")
    return may_hold_over(user, Role.HR, people=[employee.pk], otherwise=reason)


PANEL = (Role.ASSESSMENT, Role.GROUP)


def may_handle_appeal(user: User, appeal: Appeal) -> Allowed | Denied:
    """Steps that decide nothing: a member of the panel, not the appellant."""
    reason = _("Only the assessment or management group handles appeals.")
    general = may_hold_over(user, *PANEL, people=[appeal.employee_id], otherwise=reason)
    if isinstance(general, Denied):
        return general
    if user.pk == appeal.employee.user_id:
        return Denied(_("It is your own appeal."))
    return Allowed()


def may_judge_appeal(user: User, appeal: Appeal, bars: Bars | None = None) -> Allowed | Denied:
    """Looking into it and deciding: a member of the panel nothing stands against. Lists give
    `bars`, read once for all their appeals."""
    general = may_handle_appeal(user, appeal)
    if isinstance(general, Denied):
        return general
    reason = bars.reason(user, appeal) if bars is not None else barred(user, appeal)
    return Denied(reason) if reason else Allowed()


def may_see_appeals(user: User) -> Allowed | Denied:
    """The list of others' appeals, as far as a role reaches: who handles them, and HR, who may
    hand one in."""
    reason = _(
        "Appeals are seen by the person concerned, HR, the assessment and the management group."
    )
    return may_hold_somewhere(user, *PANEL, Role.HR, otherwise=reason)


def may_see_proposals(user: User) -> Allowed | Denied:
    """Proposed awards and pay: those who see pay, and the assessment group without amounts."""
    reason = _("Proposals are seen by HR, the assessment and the management group.")
    return may_hold(user, Role.HR, *PANEL, otherwise=reason)


def may_see_policy(user: User, version: PolicyVersion) -> Allowed | Denied:
    """What is in force everybody may read; drafts and simulations who prepares them."""
    if version.status == PolicyVersion.Status.ACTIVE:
        return Allowed()
    return may_see_drafts(user)


def may_see_drafts(user: User) -> Allowed | Denied:
    reason = _("Drafts of policies are seen by those who prepare them.")
    return may_hold(user, *PANEL, Role.HR, Role.ADMIN, otherwise=reason)
