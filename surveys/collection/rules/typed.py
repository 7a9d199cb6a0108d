"""What was typed on a page: made storable, then held against the questions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from surveys.collection.rules.form import YES, Item
from surveys.rules.answers import UNSTORABLE, BadAnswer, read_answer

LONGEST = 10_000  # characters kept of one field, so that a text too long can still be shortened
MOST_CHOICES = 60
CONSENT = "consent_contact"

Typed = str | list[str] | None

MISSING, TOO_LONG, NOT_OFFERED, CONSENT_NEEDED = "missing", "too_long", "not_offered", "consent"


def typed(item: Item, values: Sequence[str]) -> Typed:
    """The values of one field as they are kept; None: nothing was given."""
    kept = [UNSTORABLE.sub("", value)[:LONGEST] for value in values[:MOST_CHOICES]]
    kept = [value for value in kept if value.strip()]
    if not kept:
        return None
    return kept if item.layout == "many" else kept[-1]


def faults(
    items: Iterable[Item], answers: Mapping[str, Any], *, ask_consent: bool = True
) -> dict[str, str]:
    """Question code -> what is to be changed about its answer."""
    found: dict[str, str] = {}
    for item in items:
        value = answers.get(item.code)
        try:
            read = read_answer(item.question, value)
        except BadAnswer:
            found[item.code] = TOO_LONG if item.layout == "text" else NOT_OFFERED
            continue
        if read is None and item.required:
            found[item.code] = MISSING
        elif item.asks_contact and read == YES and ask_consent and not answers.get(CONSENT):
            found[item.code] = CONSENT_NEEDED
    return found


def given(items: Iterable[Item], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to send in: what was asked and answered, nothing else."""
    return {item.code: answers[item.code] for item in items if answers.get(item.code)}
