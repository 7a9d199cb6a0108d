"""The verbs of assessment: each one transaction, audited."""

from assessments.services.due import due_periods, start_due, system_account
from assessments.services.measurements import (
    MeasurementReport,
    import_measurements,
    record_measurements,
)
from assessments.services.periods import (
    approve_period,
    close_period,
    release_period,
    review_period,
    send_back_period,
)
from assessments.services.revisions import RevisionPreview, preview_revision, revise_scorecard
from assessments.services.schemes import import_scheme, unknown_positions
from assessments.services.scoring import Started, begin_scoring, score_period, span_of
from assessments.services.states import acknowledge, put_under_appeal, settle_appeal
from assessments.services.verifying import BrokenScorecard, verify_scorecards

__all__ = [
    "BrokenScorecard",
    "MeasurementReport",
    "RevisionPreview",
    "Started",
    "acknowledge",
    "approve_period",
    "begin_scoring",
    "close_period",
    "due_periods",
    "import_measurements",
    "import_scheme",
    "preview_revision",
    "put_under_appeal",
    "record_measurements",
    "release_period",
    "review_period",
    "revise_scorecard",
    "score_period",
    "send_back_period",
    "settle_appeal",
    "span_of",
    "start_due",
    "system_account",
    "unknown_positions",
    "verify_scorecards",
]
