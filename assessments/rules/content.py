"""The hash of a scorecard's content: of what was scored, never of state, actor, time or ids."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.rules.canonical import digest, dumps, number_text, text_digest
from assessments.rules.engine import TEN_PLACES, PersonScore

CARD_FIELDS = (
    "employee",
    "department",
    "position",
    "status",
    "reason",
    "quantitative",
    "qualitative",
    "composite",
    "grade",
    "coefficient",
    "satisfaction_raw",
    "satisfaction_n",
    "fair_status",
    "peer_group",
    "fair_score",
    "fair_low",
    "fair_high",
    "working_days",
    "present_days",
    "placements",
    "facts",
)


def card_of(score: PersonScore) -> dict[str, Any]:
    """The stored fields of a scorecard, codes instead of ids."""
    head, last = score.headline, score.facts["placements"][-1]
    return {
        "employee": score.facts["employee"],
        "department": last["department"],
        "position": last["position"],
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
        "placements": [placement.as_json() for placement in score.placements],
        "facts": score.facts,
    }


def content_hash(card: Mapping[str, Any], results: Iterable[Sequence[Any]]) -> str:
    """SHA-256 of a scorecard's fields (CARD_FIELDS) and its results in the field order of
    engine.Result; equal for the values computed and for the same values read back."""
    lines = [dumps([_plain(card[name]) for name in CARD_FIELDS])]
    lines.extend(sorted("|".join(map(_cell, row)) for row in results))
    return text_digest("\n".join(lines))


def evidence_hash(key: str, frozen: Mapping[str, Any], cards: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of a period's scored facts: its key, its frozen peer groups, and (employee number,
    content hash) of every scorecard, in the order of the numbers."""
    lines = [key, digest(frozen), *(f"{number} {text}" for number, text in sorted(cards))]
    return text_digest("\n".join(lines))


def _plain(value: Any) -> Any:
    return number_text(value) if isinstance(value, Decimal) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number_text(value.quantize(TEN_PLACES, ROUND_HALF_UP))
    return str(value)
