"""The verbs of the organization: each one transaction, audited."""

from organization.services.access import (
    deactivate_user,
    end_sessions,
    grant_role,
    reactivate_user,
    reset_second_factor,
)
from organization.services.accounts import (
    assign_role,
    create_user,
    end_role,
    ensure_user,
    operator,
)
from organization.services.attendance import AttendanceReport, import_attendance
from organization.services.calendar import correct_calendar, set_working_hours
from organization.services.looking import saw_comments, saw_pay
from organization.services.passwords import send_password_link
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
    "deactivate_user",
    "end_role",
    "end_sessions",
    "ensure_user",
    "grant_role",
    "import_attendance",
    "import_roster",
    "move_department",
    "operator",
    "preview_roster",
    "reactivate_user",
    "reset_second_factor",
    "saw_comments",
    "saw_pay",
    "send_password_link",
    "set_pay_profile",
    "set_working_hours",
]
