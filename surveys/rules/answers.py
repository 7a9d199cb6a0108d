"""Reading one answer, from a cell of a file or from JSON.

- rating, nps: a whole number on the scale (5, "5", "5.0")
- single: an option code; multiple: option codes parted by ";" in a file, a list in JSON
- text: any text up to max_length (default 4000)
- `na` (any case), where the question has allow_na: "not applicable". It counts as answered when
  completeness is judged, and never for a score.
- nothing (empty cell, null, empty list): not answered

Read answers: int, option code, list of option codes in the order of the questionnaire, text, "na".
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from surveys.rules.faults import Fault, gettext_noop
from surveys.rules.questionnaires import NA, Question

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL cannot hold in a text
Answer = int | str | list[str]
TEXT_LIMIT = 4000


class BadAnswer(ValueError):
    """The answer does not fit its question; `fault` says why."""

    def __init__(self, question: Question, message: str, **values: object) -> None:
        super().__init__(message % values)
        self.fault = Fault(f"q_{question.code}", message, values)


def read_answer(question: Question, raw: Any) -> Answer | None:
    """The answer in its stored form, None when not answered; BadAnswer when it does not fit."""
    if raw is None or raw == "" or raw == []:
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal | list):
        raise BadAnswer(question, gettext_noop("is not an answer"))
    if question.type == "multiple":
        return _multiple(question, raw)
    if isinstance(raw, list):
        raise BadAnswer(question, gettext_noop("must be one answer, not a list"))
    if question.type == "text":
        return _text(question, raw)
    word = str(raw).strip()
    if not word:
        return None
    if question.allow_na and word.lower() == NA:
        return NA
    return _choice(question, word) if question.type == "single" else _number(question, word)


def _number(question: Question, word: str) -> int:
    assert question.scale is not None
    low, high = question.scale
    try:
        number = Decimal(word) if len(word) <= 20 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number != number.to_integral_value():
        raise BadAnswer(question, gettext_noop("%(value)s is not a whole number"), value=_cut(word))
    if not low <= number <= high:
        raise BadAnswer(
            question,
            gettext_noop("%(value)s is not on the scale from %(low)d to %(high)d"),
            value=_cut(word),
            low=low,
            high=high,
        )
    return int(number)


def _choice(question: Question, word: str) -> str:
    if word not in question.options:
        raise BadAnswer(question, gettext_noop("%(value)s is not an option"), value=_cut(word))
    return word


def _multiple(question: Question, raw: Any) -> Answer | None:
    words = raw if isinstance(raw, list) else str(raw).split(";")
    chosen = {str(word).strip() for word in words} - {""}
    if question.allow_na and {word.lower() for word in chosen} == {NA}:
        return NA
    for word in sorted(chosen):
        _choice(question, word)
    return [code for code in question.options if code in chosen] or None


def _text(question: Question, raw: Any) -> str | None:
    text = UNSTORABLE.sub("", str(raw)).strip()
    limit = question.max_length or TEXT_LIMIT
    if len(text) > limit:
        raise BadAnswer(question, gettext_noop("is longer than %(n)s characters"), n=limit)
    return text or None


def _cut(word: str) -> str:
    return word if len(word) <= 40 else word[:40] + "…"
