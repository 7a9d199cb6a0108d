"""Charts of a survey's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from core.charts import Chart, Row, bars, dotplot
from core.months import apart, first_of, shift
from core.stats import Mean
from core.templatetags.ui import day

DAYS = 45  # up to so many days a bar is a day, then a month


def arrivals(days: Sequence[tuple[date, int]]) -> Chart | None:
    """How many answers were given, by day or by month; days without any stand as 0."""
    if not days:
        return None
    first, last = days[0][0], days[-1][0]
    if (last - first).days < DAYS:
        given = dict(days)
        span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        counts = [(f"{one.month}-{one.day}", given.get(one, 0)) for one in span]
        title = _("Day")
    else:
        counts, title = _by_month(days), _("Month")
    summary = _("%(count)s answers from %(first)s to %(last)s.") % {
        "count": f"{sum(n for _one, n in days):,}",
        "first": day(first),
        "last": day(last),
    }
    return bars(counts, summary=summary, title=title, unit=_("Answers"))


def _by_month(days: Sequence[tuple[date, int]]) -> list[tuple[str, int]]:
    first, last = days[0][0], days[-1][0]
    sums = {shift(first, number): 0 for number in range(apart(first, last) + 1)}
    for one, n in days:
        sums[first_of(one)] += n
    return [(f"{month.year}-{month.month:02d}", n) for month, n in sums.items()]


def cleaned(figures: Mapping[str, Mean]) -> Chart:
    """The score of all answers, without what hard rules exclude, without what any rule doubts, and
    as it counts."""
    rows = [
        _row(_("Raw"), figures["raw"]),
        _row(_("Hard rules only"), figures["hard"]),
        _row(_("All rules"), figures["all"]),
        _row(_("Counts"), figures["counted"], subject=True),
    ]
    return dotplot(
        rows,
        summary=_("The survey's score in four readings of the same answers."),
        reference=figures["counted"].mean,
        digits=2,
    )


def _row(label: str, mean: Mean, *, subject: bool = False) -> Row:
    return Row(label, mean.mean, mean.low, mean.high, mean.n, subject=subject)
