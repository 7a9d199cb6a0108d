"""Three floors that are kept apart: what is shown, what counts, what may have consequences."""

from collections.abc import Sequence
from math import sqrt
from typing import TypeVar

from assessments.rules.scheme import SATISFACTION

_T = TypeVar("_T")

DISPLAY_N = 5  # below: raw and fair are blank everywhere, n is always shown
COMPARE_N = 30  # below: shown with its interval, "too few to compare", in no ranking
AWARD_N = 30
PENALTY_N = 45
PENALTY_Z = 3.0902  # one-sided 0.001 of the normal distribution


def may_show(n: int) -> bool:
    """Whether raw and fair may be shown to anybody."""
    return n >= DISPLAY_N


def told(indicator: str, n: int, value: _T) -> _T | None:
    """Numerator or denominator of an indicator as it may leave the scorecard: satisfaction's, over
    n, is the raw score that may not be shown."""
    return None if indicator == SATISFACTION and not may_show(n) else value


def may_compare(n: int) -> bool:
    """Whether the value may stand in a ranking or a public list."""
    return n >= COMPARE_N


def is_alarming(
    n: int,
    mean: float,
    *,
    m: float,
    tau2: float,
    msw: float,
    fair_high: float,
    threshold: float | None,
) -> bool:
    """Whether one period's score is low beyond chance and beyond differences between people.

    n >= 45, raw mean < m - 3.0902 * sqrt(tau2 + MSW / n), and the fair interval's upper end under
    the policy's threshold. Without a threshold a score is never a ground. Without tau2 the test
    would flag a quarter of ordinary people (124 of 455 in real ratings): sampling error alone is
    never a ground.
    """
    if threshold is None or n < PENALTY_N or tau2 <= 0:
        return False
    return mean < m - PENALTY_Z * sqrt(tau2 + msw / n) and fair_high < threshold


def may_propose_penalty(alarms: Sequence[bool]) -> bool:
    """A penalty may be proposed when the last two periods of one length both alarm."""
    return len(alarms) >= 2 and alarms[-1] and alarms[-2]
