"""Which figures of a group may be shown: enough answers, and none that a subtraction gives away."""

from collections.abc import Mapping
from typing import Any

from surveys.rules.suppression import hidden_groups

FLOOR = 5  # below so many counted answers a figure is hidden
FEW = 30  # below so many it is shown and marked "too few to compare"


def hidden(sizes: Mapping[str, int], *, floor: int = FLOOR) -> frozenset[str]:
    """The parts of a total whose figures stay hidden (part -> its n).

    A part under the floor, and the smallest others until the hidden ones hold `floor` answers: the
    total less the parts shown gives no smaller group away. A part without answers hides nothing.
    """
    return hidden_groups(sizes, minimum=floor)


_PARTS = ("by_department", "by_employee")  # of one total: what is left of it counts as well
_SINGLE = ("dimensions", "nps", "top2")  # figures that stand for themselves


def shown(figures: Mapping[str, Any], *, floor: int = FLOOR) -> dict[str, Any]:
    """The figures of an analysis without those that must stay hidden: their numbers are None and
    their n stays. Under the floor as a whole, all of them."""
    few = figures["n"] < floor
    safe: dict[str, Any] = dict(figures)
    if few:
        safe["overall"] = _blank(figures["overall"])
        safe["alpha"] = dict.fromkeys(figures["alpha"])
    for name in (*_PARTS, *_SINGLE):
        sizes = {key: each["n"] for key, each in figures[name].items()}
        away = hidden(sizes, floor=floor) if name in _PARTS else ()
        safe[name] = {
            key: _blank(each) if few or each["n"] < floor or key in away else each
            for key, each in figures[name].items()
        }
    return safe


def _blank(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name == "n" else None for name, value in figure.items()}
