"""Who may look at departments, export their figures, and read what customers wrote."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from organization.models import Department, Role
from organization.models.departments import DepartmentQuerySet
from organization.models.roles import Grant, grants_of

DASHBOARDS = frozenset(
    {
        Role.MANAGER,
        Role.GROUP,
        Role.ASSESSMENT,
        Role.ANALYST,
        Role.SUPERVISION,
        Role.HR,
        Role.ADMIN,
    }
)
COMMENTS = DASHBOARDS - {Role.HR, Role.ADMIN}


def departments_open_to(user: User, roles: frozenset[Role]) -> DepartmentQuerySet:
    """The departments whose figures these roles open: all of them, or what the account leads or is
    limited to, with everything below. Working in a department opens nothing here."""
    grants = [grant for grant in grants_of(user) if grant.role in roles]
    if any(not grant.path and grant.role != Role.MANAGER for grant in grants):
        return Department.objects.all()
    return Department.objects.below(*(grant.path for grant in grants if grant.path))


def _opens(grant: Grant, department: Department) -> bool:
    """The rule of `departments_open_to` for a department that is at hand."""
    if not grant.path:
        return grant.role != Role.MANAGER
    return department.path.startswith(grant.path)


def may_open_dashboards(user: User) -> Allowed | Denied:
    """Whether any department's figures are open to the account."""
    if departments_open_to(user, DASHBOARDS).exists():
        return Allowed()
    return Denied(
        _("Dashboards are for heads of departments and for the offices of the whole company.")
    )


def may_export_dashboard(user: User, department: Department) -> Allowed | Denied:
    """Whoever sees a department's figures may take along exactly what the page shows."""
    grants = [grant for grant in grants_of(user) if grant.role in DASHBOARDS]
    if any(_opens(grant, department) for grant in grants):
        return Allowed()
    return Denied(_("The figures of this department are not open to you."))


def may_read_comments(user: User) -> Allowed | Denied:
    """Who reads what customers wrote about departments."""
    if departments_open_to(user, COMMENTS).exists():
        return Allowed()
    return Denied(
        _(
            "What customers wrote is for heads of departments, supervision, analysts and the "
            "management and assessment groups."
        )
    )
