"""Who works at the survey desk and who may judge an answer, and why not."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from organization.models import Role
from organization.permissions import may_hold, may_hold_in, may_hold_somewhere
from organization.queries import own_id

JUDGES = (
    Role.EXECUTOR,
    Role.ANALYST,
    Role.SUPERVISION,
    Role.ASSESSMENT,
    Role.GROUP,
    Role.ADMIN,
)


def may_judge(
    user: User, evaluated: Iterable[int | None], departments: Iterable[int | None]
) -> Allowed | Denied:
    """Whether a user may judge or re-attribute answers of these departments that evaluate these
    employees (ids)."""
    concerned = may_have_judged(user, evaluated, departments)
    return concerned and may_hold_in(
        user,
        *JUDGES,
        departments=departments,
        otherwise=_("Your role does not decide about answers."),
    )


def may_have_judged(
    user: User, evaluated: Iterable[int | None], departments: Iterable[int | None]
) -> Allowed | Denied:
    """Whether a decision of a user, who held the role then, stands for an answer that evaluates
    these employees (ids), whatever its department."""
    own = own_id(user)
    if own is not None and own in set(evaluated):
        return Denied(_("You cannot decide about an answer that evaluates you."))
    return Allowed()


RUNNERS = (Role.EXECUTOR, Role.ANALYST, Role.ADMIN)


def may_open_desk(user: User) -> Allowed | Denied:
    """Whether a user reads surveys, answers, cleaning and analysis: those who judge answers, in
    the departments their role was given for."""
    reason = _(
        "Surveys and answers are read by those who run, analyse, supervise or decide on them."
    )
    return may_hold_somewhere(user, *JUDGES, otherwise=reason)


def may_run_surveys(user: User) -> Allowed | Denied:
    """Whether a user closes surveys, runs cleaning again and brings in questionnaires: all of
    this is of the whole company."""
    reason = _("Survey executors, analysts and the administration may do this.")
    return may_hold(user, *RUNNERS, otherwise=reason)
