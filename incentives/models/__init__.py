"""Nouns of incentives: policies, proposals, the ledger, appeals, payroll."""

from incentives.models.appeals import (
    Appeal,
    AppealClaim,
    AppealDryRun,
    AppealEvent,
    AppealFile,
    AppealNote,
)
from incentives.models.awards import Award, PerformancePay, Proposal
from incentives.models.ledger import LedgerEntry
from incentives.models.payroll import (
    PayrollBatch,
    PayrollEvent,
    PayrollFile,
    PayrollLine,
    Recovery,
    WageComponent,
)
from incentives.models.policies import Jurisdiction, Policy, PolicyVersion, Simulation

__all__ = [
    "Appeal",
    "AppealClaim",
    "AppealDryRun",
    "AppealEvent",
    "AppealFile",
    "AppealNote",
    "Award",
    "Jurisdiction",
    "LedgerEntry",
    "PayrollBatch",
    "PayrollEvent",
    "PayrollFile",
    "PayrollLine",
    "PerformancePay",
    "Policy",
    "PolicyVersion",
    "Proposal",
    "Recovery",
    "Simulation",
    "WageComponent",
]
