"""One answer, from a cell or from JSON."""

from decimal import Decimal

import pytest

from surveys.rules.answers import BadAnswer, read_answer
from surveys.rules.reading import parse
from tests.surveys.conftest import spec_of

QUESTIONS = parse(spec_of()).by_code


@pytest.mark.parametrize(
    ("code", "raw", "expected"),
    [
        ("clear", "4", 4),
        ("clear", " 4.0 ", 4),
        ("clear", 4, 4),
        ("clear", Decimal("4.0"), 4),
        ("clear", "", None),
        ("clear", None, None),
        ("fixed", "NA", "na"),
        ("fixed", "7", 7),
        ("nps", "0", 0),
        ("nps", 10, 10),
        ("why", "place; price", ["price", "place"]),
        ("why", ["place", "place"], ["place"]),
        ("why", " ; ", None),
        ("why", [], None),
        ("words", " good ", "good"),
        ("words", "5", "5"),
        ("words", "a\x00\ud800b", "ab"),
    ],
)
def test_an_answer_is_read(code, raw, expected):
    assert read_answer(QUESTIONS[code], raw) == expected


@pytest.mark.parametrize(
    ("code", "raw", "message"),
    [
        ("clear", "6", "6 is not on the scale from 1 to 5"),
        ("clear", 0, "0 is not on the scale from 1 to 5"),
        ("clear", "4.5", "4.5 is not a whole number"),
        ("clear", "good", "good is not a whole number"),
        ("clear", "NaN", "NaN is not a whole number"),
        ("clear", "na", "na is not a whole number"),
        ("clear", "9" * 50, "9" * 40 + "… is not a whole number"),
        ("clear", True, "is not an answer"),
        ("clear", {"a": 1}, "is not an answer"),
        ("clear", ["4"], "must be one answer, not a list"),
        ("why", "price;rain", "rain is not an option"),
        ("words", "x" * 21, "is longer than 20 characters"),
    ],
)
def test_a_wrong_answer_is_refused_with_the_reason(code, raw, message):
    with pytest.raises(BadAnswer, match="^" + message.replace("(", r"\(")) as caught:
        read_answer(QUESTIONS[code], raw)
    assert caught.value.fault.where == f"q_{code}"
