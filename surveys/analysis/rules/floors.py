"""Which figures of a group may be shown: enough answers, and none that a subtraction gives away."""

from collections.abc import Mapping

FLOOR = 5  # below so many counted answers a figure is hidden
FEW = 30  # below so many it is shown and marked "too few to compare"


def hidden(sizes: Mapping[str, int], *, floor: int = FLOOR) -> frozenset[str]:
    """The parts of a total whose figures stay hidden (part -> its n).

    A part under the floor, and where that is only one, the smallest other as well: the total less
    the parts shown would give the hidden one away. A part without answers hides nothing.
    """
    small = [part for part, n in sizes.items() if 0 < n < floor]
    if len(small) == 1:
        others = sorted((n, part) for part, n in sizes.items() if n >= floor)
        small += [part for _n, part in others[:1]]
    return frozenset(small)
