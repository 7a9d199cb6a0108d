"""The text of a scorecard's content and its hash: of what was scored, never of state, actor, time.

The same text is what COPY stores, so it is made once; read back, the same values give it again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assessments.rules.canonical import digest, dumps, quoted, text_digest
from assessments.rules.engine import PersonScore, PlacementScore
from assessments.rules.headline import Headline

NULL = "\\N"
BREAK = "\\n"  # a line break within a text, as COPY reads it
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def escaped(text: str) -> str:
    """A text as COPY reads it."""
    return text.translate(_ESCAPES)


def escaped_json(text: str) -> str:
    """As `escaped`, for JSON, which has no line breaks and tabs of its own."""
    return text.replace("\\", "\\\\")


_word = lru_cache(maxsize=1000)(escaped)  # a status, a grade: few, of many people


def _fixed(places: int) -> Callable[[Decimal], str]:
    return lambda value: f"{value:.{places}f}"


# Field -> its text. Numbers have the places of their columns; a float its shortest exact text.
CARD: dict[str, Callable[[Any], str]] = {
    "status": _word,
    "reason": _word,
    "quantitative": _fixed(2),
    "qualitative": _fixed(2),
    "composite": _fixed(2),
    "grade": _word,
    "coefficient": _fixed(4),
    "satisfaction_raw": repr,
    "satisfaction_n": str,
    "fair_status": _word,
    "peer_group": _word,
    "fair_score": repr,
    "fair_low": repr,
    "fair_high": repr,
    "working_days": _fixed(2),
    "present_days": _fixed(2),
}


def card_of(score: PersonScore) -> dict[str, Any]:
    """The fields of CARD as values."""
    head = score.headline
    return {
        "status": score.status,
        "reason": score.reason,
        "quantitative": score.quantitative,
        "qualitative": score.qualitative,
        "composite": score.composite,
        "grade": score.grade,
        "coefficient": score.coefficient,
        "satisfaction_raw": head.raw,
        "satisfaction_n": head.n,
        "fair_status": head.status,
        "peer_group": head.peer_group,
        "fair_score": head.fair,
        "fair_low": head.low,
        "fair_high": head.high,
        "working_days": Decimal(score.facts["working_days"]),
        "present_days": Decimal(score.facts["present_days"]),
    }


def card_text(card: Mapping[str, Any]) -> str:
    """The fields of CARD, separated by tabs."""
    return "\t".join(
        [NULL if card[name] is None else text(card[name]) for name, text in CARD.items()]
    )


def score_text(score: PersonScore) -> str:
    """card_text of card_of, quicker: what many people have alike is a text already."""
    q, qualitative, value = score.quantitative, score.qualitative, score.composite
    facts, coefficient = score.facts, score.coefficient
    return (
        f"{_word(score.status)}\t{_word(score.reason)}"
        f"\t{NULL if q is None else f'{q:.2f}'}"
        f"\t{NULL if qualitative is None else f'{qualitative:.2f}'}"
        f"\t{NULL if value is None else f'{value:.2f}'}"
        f"\t{_word(score.grade)}\t{NULL if coefficient is None else _four_places(coefficient)}"
        f"\t{_head_text(score.headline)}"
        f"\t{_days_text(facts['working_days'])}\t{_days_text(facts['present_days'])}"
    )


@lru_cache(maxsize=100)
def _four_places(value: Decimal) -> str:
    return f"{value:.4f}"


@lru_cache(maxsize=100)
def _days_text(days: str) -> str:
    return f"{Decimal(days):.2f}"


def _head_text(head: Headline) -> str:
    raw, fair, low, high = [
        NULL if x is None else repr(x) for x in (head.raw, head.fair, head.low, head.high)
    ]
    group = _word(head.peer_group)
    return f"{raw}\t{head.n}\t{_word(head.status)}\t{group}\t{fair}\t{low}\t{high}"


def result_text(row: Sequence[Any]) -> str:
    """A result's fields from weight to inputs_hash (see engine.Result), separated by tabs."""
    weight, numerator, denominator, n, raw, adjusted, low, high, used, points, status, inputs = row
    return "\t".join(
        (
            f"{weight:.4f}",
            NULL if numerator is None else f"{numerator:.6f}",
            NULL if denominator is None else f"{denominator:.6f}",
            str(n),
            NULL if raw is None else f"{raw:.10f}",
            NULL if adjusted is None else f"{adjusted:.10f}",
            NULL if low is None else f"{low:.10f}",
            NULL if high is None else f"{high:.10f}",
            NULL if used is None else f"{used:.10f}",
            NULL if points is None else f"{points:.10f}",
            status,
            inputs,
        )
    )


def content_hash(who: str, card: str, placements: str, facts: str, results: Iterable[str]) -> str:
    """SHA-256 of a scorecard: `who` is who_text, `card` card_text, `placements` and `facts` their
    canonical JSON, `results` result_line of each."""
    return text_digest("\n".join([who, card, placements, facts, *sorted(results)]))


def who_text(employee: str, department: str, position: str) -> str:
    """Whose scorecard it is, by codes."""
    return f"[{quoted(employee)},{quoted(department)},{quoted(position)}]"


def placements_text(placements: Iterable[PlacementScore]) -> str:
    """What each placement gave, as it is stored: canonical JSON, numbers as text with 10 places."""
    return f"[{','.join(map(_placement_text, placements))}]"


def _placement_text(score: PlacementScore) -> str:
    facts = score.facts
    return (
        f'{{"composite":{_ten_places(score.composite)},"days":{facts["days"]}'
        f',"department":{quoted(facts["department"])},"first":{quoted(facts["first"])}'
        f',"last":{quoted(facts["last"])},"position":{quoted(facts["position"])}'
        f',"qualitative":{_ten_places(score.qualitative)}'
        f',"quantitative":{_ten_places(score.quantitative)},"reason":{quoted(score.reason)}'
        f',"scheme":{quoted(facts["scheme"])},"status":{quoted(score.status)}}}'
    )


def _ten_places(value: Decimal | None) -> str:
    return "null" if value is None else f'"{value:.10f}"'


def result_line(number: int, indicator: str, scheme: str, position: str, text: str) -> str:
    """A result with what it is about, by codes."""
    return f"{number}\t{indicator}\t{scheme}\t{position}\t{text}"


def score_hash(score: PersonScore) -> str:
    """The content hash of a computed score."""
    last = score.facts["placements"][-1]
    return content_hash(
        who_text(score.facts["employee"], last["department"], last["position"]),
        card_text(card_of(score)),
        placements_text(score.placements),
        dumps(score.facts),
        [result_line(r[0], r[1], r[2], r[3], result_text(r[4:])) for r in score.results],
    )


def evidence_hash(key: str, frozen: Mapping[str, Any], cards: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of a period's scored facts: its key, its frozen peer groups, and (employee number,
    content hash) of every scorecard, in the order of the numbers."""
    lines = [key, digest(frozen), *(f"{number} {text}" for number, text in sorted(cards))]
    return text_digest("\n".join(lines))
