"""Who works at the survey desk and who may judge an answer, and why not."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from organization.models import Role
from organization.queries import has_role, own_id

JUDGES = (
    Role.EXECUTOR,
    Role.ANALYST,
    Role.SUPERVISION,
    Role.ASSESSMENT,
    Role.GROUP,
    Role.ADMIN,
)


def may_judge(user: User, evaluated: Iterable[int | None]) -> Allowed | Denied:
    """Whether a user may judge or re-attribute an answer that evaluates these employees (ids)."""
    concerned = may_have_judged(user, evaluated)
    if isinstance(concerned, Denied) or has_role(user, *JUDGES):
        return concerned
    return Denied(_("Your role does not decide about answers."))


def may_have_judged(user: User, evaluated: Iterable[int | None]) -> Allowed | Denied:
    """Whether a decision of a user, who held the role then, stands for an answer that evaluates
    these employees (ids)."""
    own = own_id(user)
    if own is not None and own in set(evaluated):
        return Denied(_("You cannot decide about an answer that evaluates you."))
    return Allowed()


RUNNERS = (Role.EXECUTOR, Role.ANALYST, Role.ADMIN)


def may_open_desk(user: User) -> Allowed | Denied:
    """Whether a user reads surveys, answers, cleaning and analysis: those who judge answers."""
    if has_role(user, *JUDGES):
        return Allowed()
    return Denied(
        _("Surveys and answers are read by those who run, analyse, supervise or decide on them.")
    )


def may_run_surveys(user: User) -> Allowed | Denied:
    """Whether a user closes surveys, runs cleaning again and brings in questionnaires."""
    if has_role(user, *RUNNERS):
        return Allowed()
    return Denied(_("Survey executors, analysts and the administration may do this."))
