"""A scheme as the engine uses it: exact, checked, immutable."""

from dataclasses import dataclass
from decimal import Decimal

from assessments.rules.curves import Curve

SATISFACTION = "satisfaction"  # the indicator that comes from survey responses
RAW, FAIR = "raw", "fair"
DEFAULT_MIN_N = {FAIR: 5, RAW: 30}
DEFAULT_MIN_ASSESSED_WEIGHT = Decimal(60)
DEFAULT_MIN_WORKING_DAYS = Decimal(10)
DEFAULT_MIN_RATERS = 3
SUPERIOR, SUPERIOR_MIN_RATERS = "superior", 1


@dataclass(frozen=True)
class Item:
    """An indicator in a scheme. `weight` in percent points, all items together 100."""

    indicator: str
    weight: Decimal
    value: str
    curve: Curve
    min_n: int


@dataclass(frozen=True)
class Grade:
    """The grade of a composite of at least `start` (and below the next better grade's)."""

    grade: str
    start: Decimal
    coefficient: Decimal


@dataclass(frozen=True)
class OpinionGroup:
    """A group of people who rate (customer, peer, superior …), weights together 100."""

    group: str
    weight: Decimal
    min_raters: int


@dataclass(frozen=True)
class Gate:
    """A confirmed event caps an item's points, the composite, or the grade."""

    event: str
    cap: str  # item | composite | grade
    value: str  # points, or a grade
    indicator: str = ""  # of an item gate


@dataclass(frozen=True)
class SchemeSpec:
    """A checked scheme. Weights, caps and thresholds in percent points 0..100."""

    code: str
    applies_to: str
    position_codes: tuple[str, ...]
    effective_from: str  # ISO date
    quantitative_weight: Decimal
    qualitative_weight: Decimal
    min_assessed_weight: Decimal
    min_working_days_present: Decimal
    items: tuple[Item, ...]
    grades: tuple[Grade, ...]
    opinions: tuple[OpinionGroup, ...] = ()
    gates: tuple[Gate, ...] = ()
    deduction_cap: Decimal | None = None
