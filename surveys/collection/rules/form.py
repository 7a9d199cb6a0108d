"""A questionnaire as pages to answer, in one language: one page a dimension, then the rest."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.rules.questionnaires import NA, Question, Questionnaire

NOTICE_VERSION = "2026-11"  # of the privacy notice that the answer page points to
CONTACT_REQUEST = "contact_request"
YES = "yes"  # the option of a contact request that asks for contact
MOST_IN_A_ROW = 5
SECONDS_STEP = 5
_SOFT_HYPHEN = "\u00ad"
_LONG_WORD = re.compile(r"\b(dis|un|in)(\w{8,})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: `mark` stands big (a number), `words` below or beside it."""

    value: str
    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """A question on its page. `layout`: row (up to five points), long (more, each with words), ten
    (0..10), list (one of), many (several of), text. `na`: label of "did not experience it"."""

    number: int
    question: Question
    text: str
    layout: str
    choices: tuple[Choice, ...]
    na: str | None
    low: str
    high: str

    @property
    def code(self) -> str:
        return self.question.code

    @property
    def field(self) -> str:
        """The name of its input."""
        return f"q_{self.question.code}"

    @property
    def required(self) -> bool:
        return self.question.required

    @property
    def asks_contact(self) -> bool:
        return self.question.construct == CONTACT_REQUEST

    @property
    def max_length(self) -> int:
        return self.question.max_length or 4000


@dataclass(
    frozen=True, slots=True, eq=False
)  # known by itself: what is kept of it is found at once
class Page:
    """`title` empty: the last page, of what belongs to no dimension."""

    number: int
    title: str
    items: tuple[Item, ...]
    seconds_left: int

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items)


@dataclass(frozen=True, slots=True, eq=False)  # as a page
class Form:
    questionnaire: Questionnaire
    title: str
    intro: str
    thanks: str
    privacy: str
    pages: tuple[Page, ...]

    @property
    def anonymous(self) -> bool:
        return self.questionnaire.anonymous

    def items(self) -> tuple[Item, ...]:
        return tuple(item for page in self.pages for item in page.items)


def build(
    questionnaire: Questionnaire,
    spec: Mapping[str, Any],
    language: str,
    *,
    personal: bool,
    na_label: str,
) -> Form:
    """The pages in `language` ("zh" or "en"). Not `personal` (a poster, or anonymous): nobody could
    be called back, so that question is left out. `na_label`: where the content has none."""
    raw = {each["code"]: each for each in spec["questions"]}
    asked = [q for q in questionnaire.questions if personal or q.construct != CONTACT_REQUEST]
    groups = _groups(questionnaire, asked)
    total, done, pages = len(asked), 0, []
    seconds = spec.get("estimated_seconds") or 5 * total
    for number, (dimension, questions) in enumerate(groups):
        items = tuple(
            _item(done + place, question, raw[question.code], language, na_label)
            for place, question in enumerate(questions, 1)
        )
        left = SECONDS_STEP * math.ceil(seconds * (total - done) / total / SECONDS_STEP)
        pages.append(Page(number, _dimension_name(spec, dimension, language), items, left))
        done += len(items)
    return Form(
        questionnaire,
        _text(spec, "name", language),
        _text(spec, "intro", language),
        _text(spec, "thanks", language),
        _text(spec, "privacy", language),
        tuple(pages),
    )


def _groups(
    questionnaire: Questionnaire, asked: Sequence[Question]
) -> list[tuple[str | None, list[Question]]]:
    """Questions by page. An instructed item without a dimension stays behind the one before it:
    at the end of the questionnaire it would check nothing."""
    pages: dict[str | None, list[Question]] = {d.code: [] for d in questionnaire.dimensions}
    pages[None] = []
    before: str | None = None
    for question in asked:
        page = question.dimension
        if page is None and question.attention:
            page = before
        pages[page].append(question)
        before = page
    return [(code, questions) for code, questions in pages.items() if questions]


def _item(
    number: int, question: Question, raw: Mapping[str, Any], language: str, na_label: str
) -> Item:
    na = (_text(raw, "na_label", language) or na_label) if question.allow_na else None
    layout, low, high = "text", "", ""
    choices: tuple[Choice, ...] = ()
    if question.scale is not None:
        layout, choices, low, high = _scale(question.scale, raw, language)
    elif question.options:
        layout = "many" if question.type == "multiple" else "list"
        choices = tuple(
            Choice(each["code"], "", _text(each, "text", language)) for each in raw["options"]
        )
    text = _text(raw, "text", language)
    return Item(number, question, text, layout, choices, na, low, high)


def _scale(
    scale: tuple[int, int], raw: Mapping[str, Any], language: str
) -> tuple[str, tuple[Choice, ...], str, str]:
    """(layout, choices, words of the lowest point, of the highest): the ends are named apart where
    not every point has words of its own."""
    low, high = scale
    points = [str(point) for point in range(low, high + 1)]
    given = raw.get(f"scale_labels_{language}") or raw.get("scale_labels_zh") or {}
    labels = given if isinstance(given, dict) else dict(zip(points, given, strict=True))
    complete = all(labels.get(point) for point in points)
    choices = tuple(
        Choice(point, point, hyphenated(labels.get(point, "")) if complete else "")
        for point in points
    )
    if len(points) <= MOST_IN_A_ROW:
        layout = "row"
    elif complete:
        layout = "long"
    else:
        layout = "ten"
    ends = ("", "") if complete else (labels.get(points[0], ""), labels.get(points[-1], ""))
    return layout, choices, *ends


def hyphenated(words: str) -> str:
    """Long English words may break after their prefix, so that a label fits a narrow button."""
    return _LONG_WORD.sub(rf"\1{_SOFT_HYPHEN}\2", words)


def _dimension_name(spec: Mapping[str, Any], code: str | None, language: str) -> str:
    found = next((each for each in spec["dimensions"] if each["code"] == code), None)
    return _text(found, "name", language) if found else ""


def _text(data: Mapping[str, Any], key: str, language: str) -> str:
    """The text in the language; where that is missing, in the other one."""
    other = "en" if language == "zh" else "zh"
    return str(data.get(f"{key}_{language}") or data.get(f"{key}_{other}") or "")


__all__ = ["NA", "Choice", "Form", "Item", "Page", "build"]
