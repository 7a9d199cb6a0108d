"""Why a place in an award waits: the result of an open question is not known yet."""

from collections.abc import Iterable

from assessments.models import Period, Scorecard
from incentives.models import Appeal


def of_period(period: Period, cards: Iterable[Scorecard]) -> dict[int, frozenset[str]]:
    """Employee id -> the policy's hold codes that apply to the person in the period."""
    found: dict[int, set[str]] = {
        card.employee_id: {"score_held"}
        for card in cards
        if card.state == Scorecard.State.UNDER_APPEAL
    }
    appeals = Appeal.objects.open().filter(scorecard__period=period)
    for employee_id in appeals.exclude(state=Appeal.State.DRAFT).values_list("employee", flat=True):
        found.setdefault(employee_id, set()).add("appeal_open")
    return {employee_id: frozenset(codes) for employee_id, codes in found.items()}
