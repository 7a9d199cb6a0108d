"""Nouns of incentives: policies, proposals, the ledger."""

from incentives.models.awards import Award, PerformancePay, Proposal
from incentives.models.ledger import LedgerEntry
from incentives.models.policies import Jurisdiction, Policy, PolicyVersion, Simulation

__all__ = [
    "Award",
    "Jurisdiction",
    "LedgerEntry",
    "PerformancePay",
    "Policy",
    "PolicyVersion",
    "Proposal",
    "Simulation",
]
