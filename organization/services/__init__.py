"""The verbs of the organization: each one transaction, audited."""

from organization.services.accounts import (
    assign_role,
    create_user,
    end_role,
    ensure_user,
    operator,
)
from organization.services.attendance import AttendanceReport, import_attendance
from organization.services.calendar import correct_calendar, set_working_hours
from organization.services.pay import set_pay_profile
from organization.services.roster import RosterReport, import_roster
from organization.services.roster_preview import Preview, preview_roster
from organization.services.tree import move_department

__all__ = [
    "AttendanceReport",
    "Preview",
    "RosterReport",
    "assign_role",
    "correct_calendar",
    "create_user",
    "end_role",
    "ensure_user",
    "import_attendance",
    "import_roster",
    "move_department",
    "operator",
    "preview_roster",
    "set_pay_profile",
    "set_working_hours",
]
