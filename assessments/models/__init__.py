"""Nouns of assessment: what is measured, by which scheme, for which period, with which result."""

from assessments.models.indicators import Indicator, IndicatorVersion
from assessments.models.measurements import Measurement
from assessments.models.periods import Period, PeriodAction, ScoringRun
from assessments.models.schemes import Scheme, SchemeVersion
from assessments.models.scorecards import IndicatorResult, ResultSheet, Scorecard

__all__ = [
    "Indicator",
    "IndicatorResult",
    "IndicatorVersion",
    "Measurement",
    "Period",
    "PeriodAction",
    "ResultSheet",
    "Scheme",
    "SchemeVersion",
    "Scorecard",
    "ScoringRun",
]
