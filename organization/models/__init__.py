"""Who works where, since when, for what pay, and with which role.

Everything that changes over time is dated: a placement or a pay profile is never overwritten, a
new one opens and the old one closes the day before (PostgreSQL refuses overlaps)."""

from organization.models.departments import Department, Position
from organization.models.employees import Attendance, Employee, PayProfile, Placement
from organization.models.looks import Look
from organization.models.roles import Role, RoleAssignment, grants_of

__all__ = [
    "Attendance",
    "Department",
    "Employee",
    "Look",
    "PayProfile",
    "Placement",
    "Position",
    "Role",
    "RoleAssignment",
    "grants_of",
]
