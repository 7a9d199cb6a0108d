"""What a page of figures says in words, with p in brackets, and its charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.rules.periods import Span
from core.charts import Chart, Point, Row, dotplot, quantdots, trend
from core.templatetags.ui import is_english, name, period_name, score, signed
from dashboards.queries.manager.department import DepartmentPage
from dashboards.queries.manager.frame import Figure
from dashboards.queries.manager.parts import FEW, Cell, Part
from surveys.analysis.rules.comparison import Change
from surveys.rules.suppression import MINIMUM


def p_text(p: float) -> str:
    """p as people print it: .30, .048, < .001."""
    if p < 0.001:
        return "< .001"
    digits = 3 if p < 0.01 or 0.045 <= p < 0.055 else 2
    return f"{min(p, 0.99 if digits == 2 else p):.{digits}f}".removeprefix("0")


def say(page: DepartmentPage) -> SafeString:
    """The sentence on top: how satisfied, what changed, which parts differ."""
    first = change_sentence(page.total, page.before, page.change, page.picker.span)
    second = _parts_sentence(page)
    if not second:
        return first
    return format_html(_("{first} {second}"), first=first, second=second)


def change_sentence(total: Figure, before: Figure, change: Change | None, span: Span) -> SafeString:
    """Satisfaction of a period against the one before, in words."""
    if not total.n_all:
        return format_html("{}", _("Nobody has answered yet."))
    if change is None or change.now.mean is None:
        words = _(
            "{n} answers so far: too few for a figure. It appears from {minimum}, and where no "
            "small group could be worked out from it."
        )
        return format_html(words, n=total.n_all, minimum=MINIMUM)
    values = {
        "now": format_html("<b>{}</b>", score(change.now.mean, 1)),
        "n": total.sums.n,
        "before": period_name(span.previous().key),
        "gap": signed(change.difference, 1) if change.difference is not None else "",
        "p": p_text(change.p) if change.p is not None else "",
    }
    return format_html(_change_words(total, before, change), **values)


def _change_words(total: Figure, before: Figure, change: Change) -> str:
    if total.sums.n < FEW:
        return _("Satisfaction is {now} from {n} answers: too few to compare.")
    if change.p is None and before.sums.n >= FEW:
        return _(
            "Satisfaction is {now}; {before} does not have answers in every month, so the two are "
            "not compared."
        )
    if not before.shown or before.sums.n < FEW or change.p is None:
        return _("Satisfaction is {now}; {before} has too few answers to compare it with.")
    if not change.shown:
        return _(
            "Satisfaction is {now}: the change on {before}, {gap}, is <b>no more than chance would "
            "give</b> (p {p})."
        )
    if (change.difference or 0) > 0:
        return _(
            "Satisfaction is {now} and has <b>risen</b>: the change on {before}, {gap}, is more "
            "than chance would give (p {p})."
        )
    return _(
        "Satisfaction is {now} and has <b>fallen</b>: the change on {before}, {gap}, is more than "
        "chance would give (p {p})."
    )


def _parts_sentence(page: DepartmentPage) -> SafeString | str:
    above = [part for part in page.real if (part.difference or 0) > 0]
    below = [part for part in page.real if (part.difference or 0) < 0]
    rest = len(page.tested) - len(above) - len(below)
    if not above and not below:
        if len(page.tested) < 2:
            return ""
        return format_html(
            _("The {count} departments with enough answers <b>cannot be told apart</b>."),
            count=rest,
        )
    if above and below:
        words = _("Above the others: {above}. Below them: {below}.")
    elif above:
        words = _("Above the others: {above}.")
    else:
        words = _("Below the others: {below}.")
    said = format_html(words, above=_linked(above, page), below=_linked(below, page))
    if not rest:
        return said
    return format_html(
        _("{first} {second}"), first=said, second=_("The rest cannot be told apart.")
    )


def _linked(parts: Sequence[Part], page: DepartmentPage) -> SafeString:
    links = [
        format_html(
            '<a href="{}?period={}">{}</a>',
            reverse("department", args=[part.department.code]),
            page.picker.span.key,
            name(part.department),
        )
        if part.department
        else format_html("{}", part_name(part))
        for part in parts
    ]
    return format_html_join(mark_safe(_(", ")), "{}", ((link,) for link in links))  # noqa: S308


def part_name(part: Part) -> str:
    """The department's name; what stands for answers about the department itself."""
    return name(part.department) if part.department else _("Its own people")


def dimension_name(page: DepartmentPage, code: str) -> str:
    return name(page.dimensions[code]) if code in page.dimensions else code


def trend_chart(page: DepartmentPage) -> Chart:
    """Thirteen months of satisfaction."""
    points = [
        Point(
            formats.date_format(month, "M y" if is_english() else "y 年 n 月"),
            mean.mean if mean else None,
            mean.low if mean else None,
            mean.high if mean else None,
            n,
        )
        for month, mean, n in page.trend
    ]
    shown = [point for point in points if point.value is not None]
    if not shown:
        return trend(points, summary=_("No month has enough answers."), unit=_("points"))
    summary = _("Satisfaction by month, from %(first)s in %(from)s to %(last)s in %(to)s.") % {
        "first": score(shown[0].value, 1),
        "from": shown[0].label,
        "last": score(shown[-1].value, 1),
        "to": shown[-1].label,
    }
    return trend(points, summary=summary, unit=_("points"))


def parts_chart(page: DepartmentPage) -> Chart | None:
    """The parts beside each other, the whole department as the line."""
    if len(page.parts) < 2:
        return None
    rows = [
        Row(
            part_name(part),
            part.mean.mean if part.mean else None,
            part.mean.low if part.mean else None,
            part.mean.high if part.mean else None,
            part.n,
            part.real,
        )
        for part in page.parts
    ]
    known = page.mean.mean if page.mean else None
    return dotplot(
        rows,
        summary=_("Satisfaction of %(count)d departments with 95 %% intervals.")
        % {"count": len(rows)},
        reference=known,
        reference_label=""
        if known is None
        else _("department %(mean)s") % {"mean": score(known, 1)},
        title=_("Department"),
    )


def spread_chart(page: DepartmentPage) -> Chart | None:
    """A hundred dots for the answers of the period."""
    if not page.bands or page.mean is None:
        return None
    return quantdots(
        page.bands,
        width=10,
        mean=page.mean.mean,
        summary=_("How the answers spread over the scores, low ones in orange."),
    )


def heat_cells(cells: Iterable[Cell]) -> SafeString:
    """The cells of a part's line in the heat table. There are hundreds on a page, and a template
    takes five times as long over each."""
    return format_html_join("", '<td class="h">{}</td>', ((_heat_cell(cell),) for cell in cells))


def _heat_cell(cell: Cell) -> SafeString | str:
    if cell.value is None:
        if not cell.n:
            return "–"
        few = f"n < {MINIMUM}" if cell.n < MINIMUM else _("hidden")
        return format_html('<span class="qx">{}</span>', few)
    gap: SafeString | str = ""
    if cell.difference is not None:
        gap = format_html("<small>{}</small>", signed(cell.difference, 1))
    return format_html('<span class="{}">{}{}</span>', cell.css, score(cell.value, 1), gap)
