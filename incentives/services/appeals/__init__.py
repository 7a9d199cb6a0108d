"""Appeals: filed by the person concerned, looked into by others, recomputed before the decision."""

from incentives.services.appeals.combinations import dry_run_claims
from incentives.services.appeals.deciding import close_appeal, decide_appeal, execute_appeal
from incentives.services.appeals.escalation import escalate_overdue
from incentives.services.appeals.evidence import attach_file, remove_file
from incentives.services.appeals.filing import (
    Objection,
    answer_appeal,
    draft_appeal,
    file_appeal,
    save_draft,
    submit_appeal,
    withdraw_appeal,
)
from incentives.services.appeals.handling import (
    accept_appeal,
    extend_appeal,
    investigate_appeal,
    reject_appeal,
    return_appeal,
)
from incentives.services.appeals.recompute import dry_run_appeal

__all__ = [
    "Objection",
    "accept_appeal",
    "answer_appeal",
    "attach_file",
    "close_appeal",
    "decide_appeal",
    "draft_appeal",
    "dry_run_appeal",
    "dry_run_claims",
    "escalate_overdue",
    "execute_appeal",
    "extend_appeal",
    "file_appeal",
    "investigate_appeal",
    "reject_appeal",
    "remove_file",
    "return_appeal",
    "save_draft",
    "submit_appeal",
    "withdraw_appeal",
]
