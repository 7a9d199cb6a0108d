"""What the checks need to know of a questionnaire, worked out once for all its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from surveys.rules.questionnaires import Question, Questionnaire


@dataclass(frozen=True)
class Form:
    """A questionnaire seen by the checks. Positions are columns of `Batch.values`."""

    questions: tuple[Question, ...]
    stage: str | None = None  # the stage of service the questionnaire is meant for

    @classmethod
    def of(cls, questionnaire: Questionnaire, *, stage: str | None = None) -> "Form":
        return cls(questionnaire.questions, stage)

    @cached_property
    def numeric(self) -> tuple[Question, ...]:
        """Ratings and NPS in the order asked: the columns of `Batch.values`."""
        return tuple(q for q in self.questions if q.scale is not None)

    @cached_property
    def choices(self) -> tuple[Question, ...]:
        """Single choices whose chosen code a check compares: facts and instructed items."""
        return tuple(q for q in self.questions if q.type == "single" and (q.fact or q.attention))

    @cached_property
    def rated(self) -> tuple[int, ...]:
        """Columns of rating items that ask for an opinion (no NPS, no instructed item)."""
        return self._columns(lambda q: q.type == "rating" and not q.attention)

    @cached_property
    def blocks(self) -> tuple[tuple[int, ...], ...]:
        """Opinion items of one scale that follow each other; other questions part them."""
        asked = [q for q in self.questions if not q.attention and q.type != "text"]
        column = {q.code: i for i, q in enumerate(self.numeric)}
        runs = groupby(asked, key=lambda q: q.scale if q.type == "rating" else q.code)
        return tuple(
            tuple(column[q.code] for q in run) for scale, run in runs if isinstance(scale, tuple)
        )

    @cached_property
    def same_scale(self) -> tuple[int, ...]:
        """The opinion items on the scale most of them have (the first such scale on a tie)."""
        by_scale: dict[tuple[int, int] | None, list[int]] = {}
        for column in self.rated:
            by_scale.setdefault(self.numeric[column].scale, []).append(column)
        most = max((len(columns) for columns in by_scale.values()), default=0)
        return next((tuple(c) for c in by_scale.values() if len(c) == most), ())

    @cached_property
    def dimensions(self) -> dict[str, tuple[int, ...]]:
        """Columns of the scored items of each dimension."""
        codes = dict.fromkeys(q.dimension for q in self.numeric if q.scored and q.dimension)
        scored = [(i, q.dimension) for i, q in enumerate(self.numeric) if q.scored]
        return {code: tuple(i for i, dimension in scored if dimension == code) for code in codes}

    @cached_property
    def drivers(self) -> tuple[int, ...]:
        """Columns of the driver items; without any `construct`, every scored item is one."""
        if any(q.construct for q in self.numeric):
            return self._columns(lambda q: q.construct == "driver" and not q.attention)
        return self._columns(lambda q: q.scored)

    @cached_property
    def overall(self) -> int | None:
        """Column of the overall question outside the dimensions, if there is one."""
        found = self._columns(lambda q: q.type == "rating" and q.construct == "overall")
        found = found or self._columns(
            lambda q: q.type == "rating" and q.dimension is None and q.code == "overall"
        )
        return found[0] if found and self.numeric[found[0]].dimension is None else None

    @cached_property
    def nps(self) -> int | None:
        found = self._columns(lambda q: q.type == "nps")
        return found[0] if found else None

    @cached_property
    def instructed(self) -> tuple[Question, ...]:
        """Attention items whose right answer is known."""
        return tuple(q for q in self.questions if q.attention and q.instructed is not None)

    @cached_property
    def facts(self) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.fact)

    @cached_property
    def low(self) -> NDArray[np.float64]:
        return np.array([q.scale[0] for q in self.numeric if q.scale], dtype=np.float64)

    @cached_property
    def high(self) -> NDArray[np.float64]:
        return np.array([q.scale[1] for q in self.numeric if q.scale], dtype=np.float64)

    @cached_property
    def reverse(self) -> NDArray[np.bool_]:
        return np.array([q.reverse for q in self.numeric], dtype=bool)

    def _columns(self, wanted: Callable[[Question], bool]) -> tuple[int, ...]:
        return tuple(i for i, q in enumerate(self.numeric) if wanted(q))

    def points(self, values: NDArray[np.float64], columns: Sequence[int]) -> NDArray[np.float64]:
        """The columns on 0..100, reverse-keyed ones turned round; NaN stays NaN."""
        at = list(columns)
        low, high = self.low[at], self.high[at]
        share = 100.0 * (values[:, at] - low) / (high - low)
        return np.where(self.reverse[at], 100.0 - share, share)
