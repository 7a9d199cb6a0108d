"""Reads of the survey app, for itself and for the apps that build on it."""

from surveys.queries.details import find_response, response_detail, responses_of
from surveys.queries.totals import department_totals, person_totals
from surveys.queries.verdicts import (
    data_lock,
    decided_since,
    late_responses,
    surveys_to_judge,
    undecided,
    undecided_for,
)

__all__ = [
    "data_lock",
    "decided_since",
    "department_totals",
    "find_response",
    "late_responses",
    "person_totals",
    "response_detail",
    "responses_of",
    "surveys_to_judge",
    "undecided",
    "undecided_for",
]
