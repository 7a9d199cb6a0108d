"""What the printed explanation holds: the page, with every response and the charts as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assessments.models import Scorecard
from core.charts import Chart
from core.models import User
from dashboards.queries.employee import card as cards
from dashboards.queries.employee.access import Sight
from dashboards.queries.employee.answers import answers_of
from dashboards.queries.employee.history import names_of, short

HALF_PAGE = 300  # points: two charts side by side


def context_of(
    sight: Sight, versions: Sequence[Scorecard], card: Scorecard, *, user: User, now: datetime
) -> dict[str, Any]:
    """Context of the document about one version of a result."""
    context = cards.page_of(sight, versions, card)
    answers = answers_of(card)
    place = context["place"]
    context |= {
        "key": card.period.key,
        "answers": answers,
        "lines": answers.lines,
        "trend_picture": _picture(context["trend"]),
        "place_picture": _picture(place.chart if place else None),
        "printed_by": names_of({user})[user.pk],
        "printed_at": now,
        "fingerprint": short(card.content_hash),
    }
    return context


def _picture(chart: Chart | None) -> str:
    """The chart as an SVG element, "" without one."""
    return chart.svg(HALF_PAGE) if chart is not None else ""
