"""Reads of assessment, for this app and those to the left."""

from assessments.queries.evidence import Evidence, evidence, evidence_hash
from assessments.queries.lineage import lineage, responses_behind
from assessments.queries.scorecards import current_scorecards, group_of, results_of

__all__ = [
    "Evidence",
    "current_scorecards",
    "evidence",
    "evidence_hash",
    "group_of",
    "lineage",
    "responses_behind",
    "results_of",
]
