"""The checks by name: what each may do to a response, and which thresholds it takes.

Kind and family belong to the product, not to a rule set: happy customers answer alike, so a
pattern alone must never exclude anybody, whatever thresholds somebody approves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveys.rules.faults import gettext_noop


class Kind(StrEnum):
    HARD = "hard"  # excludes by itself
    SOFT = "soft"  # marks; two of different families send to review
    REVIEW = "review"  # sends to review alone
    SUPPORT = "support"  # stands beside the others, moves nothing


class Family(StrEnum):
    TIME = "time"
    PATTERN = "pattern"
    CONSISTENCY = "consistency"
    IDENTITY = "identity"


@dataclass(frozen=True)
class Check:
    """`numbers`: threshold -> (lowest, highest) allowed; `lists`: names of lists of texts.

    `alone`: the answer itself and the answers to the same case decide, so that it can be judged
    the moment it arrives.
    """

    code: str
    title: str
    kind: Kind
    family: Family | None
    numbers: Mapping[str, tuple[float, float]]
    lists: tuple[str, ...] = ()
    alone: bool = False


_SHARE = (0.0, 100.0)  # percent points
_COUNT = (1.0, 1000.0)

_ALL = (
    Check("retry", gettext_noop("sent again"), Kind.HARD, None, {}, (), True),
    Check("duplicate", gettext_noop("second answer to a case"), Kind.HARD, None, {}, (), True),
    Check(
        "partial",
        gettext_noop("incomplete"),
        Kind.HARD,
        None,
        {"required_share": _SHARE, "dimension_share": _SHARE},
        (),
        True,
    ),
    Check(
        "out_of_window",
        gettext_noop("outside the days of the survey"),
        Kind.HARD,
        None,
        {"grace_hours": (0.0, 720.0)},
        ("grace_channels",),
        True,
    ),
    Check("preview", gettext_noop("preview"), Kind.HARD, None, {}, (), True),
    Check("not_eligible", gettext_noop("not asked for"), Kind.HARD, None, {}, (), True),
    Check(
        "attention",
        gettext_noop("instructed item missed"),
        Kind.SOFT,
        Family.CONSISTENCY,
        {"hard_from": _COUNT},
        ("not_channels",),
    ),
    Check(
        "too_fast",
        gettext_noop("answered too fast"),
        Kind.SOFT,
        Family.TIME,
        {
            "seconds_per_item": (0.0, 600.0),
            "median_share": _SHARE,
            "median_min_n": (2.0, 1e9),
            "hard_share": _SHARE,
        },
    ),
    Check(
        "straight_line",
        gettext_noop("one answer down the block"),
        Kind.SOFT,
        Family.PATTERN,
        {"min_run": (2.0, 1000.0), "block_share": _SHARE},
    ),
    Check(
        "irv", gettext_noop("no variation"), Kind.SOFT, Family.PATTERN, {"at_most": (0.0, 100.0)}
    ),
    Check(
        "even_odd",
        gettext_noop("halves disagree"),
        Kind.SOFT,
        Family.CONSISTENCY,
        {"below": (-1.0, 1.0), "min_dimensions": (3.0, 100.0), "min_items": (2.0, 100.0)},
    ),
    Check(
        "mahalanobis",
        gettext_noop("unusual combination"),
        Kind.SUPPORT,
        None,
        {"quantile": (50.0, 99.9999), "rows_per_item": (2.0, 1e6)},
    ),
    Check(
        "contradiction",
        gettext_noop("answers contradict"),
        Kind.SOFT,
        Family.CONSISTENCY,
        {"nps_from": (0.0, 10.0), "drivers_at_most": (1.0, 5.0), "apart": (0.0, 4.0)},
    ),
    Check(
        "same_device",
        gettext_noop("one device"),
        Kind.SOFT,
        Family.IDENTITY,
        {"more_than": _COUNT, "hours": (0.0, 8760.0)},
        ("channels",),
    ),
    Check(
        "store_network",
        gettext_noop("sent from a store's network"),
        Kind.REVIEW,
        None,
        {},
        ("channels", "networks"),
    ),
    Check("staff_contact", gettext_noop("contact of a staff member"), Kind.REVIEW, None, {}),
    Check(
        "same_text",
        gettext_noop("same comment"),
        Kind.SOFT,
        Family.IDENTITY,
        {"min_length": _COUNT},
    ),
    Check(
        "fact_mismatch",
        gettext_noop("facts differ from the order"),
        Kind.SOFT,
        Family.IDENTITY,
        {"facts": _COUNT},
    ),
)

CATALOGUE: Mapping[str, Check] = {check.code: check for check in _ALL}
