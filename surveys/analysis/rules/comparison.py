"""Whether two figures differ: Welch for means, adjusted Wald for NPS, Holm over dimensions."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.stats import Interval, Mean, holm, welch

SURE_BELOW = 0.05


@dataclass(frozen=True)
class Change:
    """A mean now against before. `p` is adjusted where several were compared; None and no interval
    where no test can be made (under two answers on a side, or no spread at all)."""

    now: Mean
    before: Mean
    p: float | None
    interval: Interval | None

    @property
    def difference(self) -> float | None:
        if self.now.mean is None or self.before.mean is None:
            return None
        return self.now.mean - self.before.mean

    @property
    def shown(self) -> bool:
        """Whether the data show a difference; if not, that is no proof that there is none."""
        return self.p is not None and self.p < SURE_BELOW


def change(now: Mean, before: Mean) -> Change:
    """One comparison by Welch's t test."""
    result = None
    if now.mean is not None and before.mean is not None:
        result = welch(now.mean, now.sd or 0.0, now.n, before.mean, before.sd or 0.0, before.n)
    if result is None:
        return Change(now, before, None, None)
    test, interval = result
    return Change(now, before, test.p, interval)


def changes(now: Mapping[str, Mean], before: Mapping[str, Mean]) -> dict[str, Change]:
    """Comparisons of several dimensions at once: p adjusted by Holm, intervals as they are."""
    found = {code: change(now[code], before[code]) for code in now if code in before}
    adjusted = holm({code: each.p for code, each in found.items() if each.p is not None})
    return {
        code: Change(each.now, each.before, adjusted.get(code), each.interval)
        for code, each in found.items()
    }
