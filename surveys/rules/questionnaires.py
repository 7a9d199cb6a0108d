"""What a questionnaire is once it has been read: weighted dimensions and questions."""

from dataclasses import dataclass
from decimal import Decimal

NA = "na"  # the answer "not applicable" of a question with allow_na, in files and in the API


@dataclass(frozen=True)
class Dimension:
    code: str
    name_zh: str
    name_en: str
    weight: Decimal


@dataclass(frozen=True)
class Question:
    """One item. `accountable`: position codes, None = every position, empty = nobody.

    `attention` marks an instructed item, `instructed` is the answer it asks for: the value of the
    key itself (`"attention": 4`), or with `"attention": true` the one number of the scale (or the
    one option code) that the item's wording names; None when the wording does not say it, and then
    a failed attention check cannot be seen.
    """

    code: str
    type: str
    dimension: str | None
    weight: Decimal
    scale: tuple[int, int] | None
    required: bool
    reverse: bool
    attention: bool
    instructed: int | str | None
    accountable: frozenset[str] | None
    text_zh: str
    text_en: str
    options: tuple[str, ...]
    allow_na: bool
    construct: str | None
    fact: str | None
    max_length: int | None

    @property
    def scored(self) -> bool:
        """Whether the item moves a dimension score (and so the overall one)."""
        return self.type == "rating" and self.dimension is not None and not self.attention

    @property
    def closed(self) -> bool:
        """Whether the item is answered by choosing, not by writing."""
        return self.type != "text"

    def counts_for(self, position: str | None) -> bool:
        """Whether a person of this position answers for the item."""
        return self.accountable is None or (position is not None and position in self.accountable)


@dataclass(frozen=True)
class Questionnaire:
    code: str
    name_zh: str
    name_en: str
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    anonymous: bool = False
    min_group: int | None = None

    @property
    def by_code(self) -> dict[str, Question]:
        return {question.code: question for question in self.questions}

    def scored_items(self, dimension: str) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.scored and q.dimension == dimension)
