"""Which figures of a group may be shown: enough answers. What a subtraction would give away is
decided where the cells are added up (surveys.analysis.queries.guarded)."""

from collections.abc import Mapping
from typing import Any

from surveys.rules.suppression import MINIMUM

FLOOR = MINIMUM  # below so many counted answers a figure is hidden
FEW = 30  # below so many it is shown and marked "too few to compare"


def floored(figures: Mapping[str, Any], *, floor: int = FLOOR) -> dict[str, Any]:
    """The figures of an analysis without those of fewer than `floor` answers: their numbers are
    None and their n stays. Where the whole is hidden, so is everything."""
    none = figures["overall"]["mean"] is None
    safe: dict[str, Any] = dict(figures)
    for name in ("dimensions", "nps", "top2", "by_department", "by_employee"):
        safe[name] = {
            key: _blank(each) if none or each["n"] < floor else each
            for key, each in figures[name].items()
        }
    few = {code for code, each in safe["dimensions"].items() if each["mean"] is None}
    safe["alpha"] = {
        code: None if none or code in few else value for code, value in figures["alpha"].items()
    }
    return safe


def _blank(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name == "n" else None for name, value in figure.items()}
