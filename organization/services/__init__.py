"""The verbs of the organization: each one transaction, audited."""

from organization.services.accounts import (
    assign_role,
    create_user,
    end_role,
    ensure_user,
    operator,
)
from organization.services.attendance import AttendanceReport, import_attendance
from organization.services.roster import RosterReport, import_roster
from organization.services.tree import move_department

__all__ = [
    "AttendanceReport",
    "RosterReport",
    "assign_role",
    "create_user",
    "end_role",
    "ensure_user",
    "import_attendance",
    "import_roster",
    "move_department",
    "operator",
]
