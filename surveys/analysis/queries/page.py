"""The figures of a survey as its analysis page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core.charts import Chart, Point, Row, dotplot, quantdots, trend
from core.models import User
from core.stats import Estimate, Mean
from core.templatetags.ui import name, period_name, text
from organization.models import Department, Employee
from surveys.analysis.queries.figures import days_of
from surveys.analysis.queries.guarded import Ground
from surveys.analysis.queries.periods import answers_in, before
from surveys.analysis.queries.sentences import change_sentence, nps_sentence
from surveys.analysis.rules.comparison import change, changes
from surveys.analysis.rules.floors import FEW
from surveys.models import OVERALL, Survey
from surveys.queries.facts import questionnaire_of

GOOD_ALPHA = 0.7


def as_seen_by(user: User, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures with those persons and departments only whom the account may see; its pages and
    its files are made of these."""
    people = Employee.objects.visible_to(user).filter(employee_no__in=figures["by_employee"])
    places = Department.objects.visible_to(user).filter(code__in=figures["by_department"])
    seen = {
        "by_employee": set(people.values_list("employee_no", flat=True)),
        "by_department": set(places.values_list("code", flat=True)),
    }
    kept = {
        part: {key: one for key, one in figures[part].items() if key in keys}
        for part, keys in seen.items()
    }
    return {**figures, **kept}


def laid_out(
    survey: Survey,
    period: str | None,
    figures: Mapping[str, Any],
    months: Mapping[date, Mean],
    ground: Ground,
) -> dict[str, Any]:
    """Everything below the head of the page; charts are None where there is nothing to draw."""
    overall = Mean(figures["n"], **figures["overall"])
    names = {each.code: name(each) for each in questionnaire_of(survey).dimensions}
    return {
        "overall": overall,
        "sentences": sentences(period, figures, names, months, ground),
        "dimensions": _dimensions(figures, names),
        "dimension_chart": _dimension_chart(figures, names, overall),
        "nps": _nps(survey, figures),
        "top2": _top2(survey, figures),
        "alpha": figures["alpha"].get(OVERALL),
        "trend": _trend(ground),
        "spread": _spread(ground, period, overall),
        "left_out": figures["left_out"],
        "departments": _departments(figures, overall),
        "people": _people(figures),
    }


def sentences(
    period: str | None,
    figures: Mapping[str, Any],
    names: Mapping[str, str],
    months: Mapping[date, Mean],
    ground: Ground,
) -> list[str]:
    """What changed against the period before, in words; nothing for the survey as a whole."""
    if period is None:
        return []
    now = {code: Mean(**figures["dimensions"][code]) for code in names}
    now[OVERALL] = Mean(figures["n"], **figures["overall"])
    then = ground.means(before(period))
    whole = _("The score of %(period)s") % {"period": period_name(period)}
    if not answers_in(months, *days_of(before(period))):
        return [
            _("There are no answers of %(period)s to compare with.")
            % {"period": period_name(before(period))}
        ]
    if then[OVERALL].mean is None:
        return []  # the words would tell the mean of too few
    found = [change_sentence(whole, change(now[OVERALL], then[OVERALL]))]
    by_dimension = changes(
        {code: now[code] for code in names}, {code: then[code] for code in names}
    )
    moved = [code for code, each in by_dimension.items() if each.shown]
    found += [change_sentence(names[code], by_dimension[code]) for code in moved]
    if not moved and by_dimension:
        found.append(_("No single dimension shows a difference to the period before."))
    return found


def _dimensions(figures: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": label,
            **figures["dimensions"][code],
            "alpha": figures["alpha"].get(code),
            "weak": (figures["alpha"].get(code) or 1) < GOOD_ALPHA,
        }
        for code, label in names.items()
    ]


def _dimension_chart(
    figures: Mapping[str, Any], names: Mapping[str, str], overall: Mean
) -> Chart | None:
    if not overall.n:
        return None
    rows = [_row(label, figures["dimensions"][code]) for code, label in names.items()]
    rows.append(Row(_("Overall"), overall.mean, overall.low, overall.high, overall.n, subject=True))
    return dotplot(
        rows,
        summary=_("Dimensions with their 95 % intervals and the overall score."),
        reference=overall.mean,
    )


def _row(label: str, mean: Mapping[str, Any], *, subject: bool = False) -> Row:
    return Row(label, mean["mean"], mean["low"], mean["high"], mean["n"], subject=subject)


def _nps(survey: Survey, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    questions = questionnaire_of(survey).by_code
    return [
        {
            "question": questions[code],
            "estimate": Estimate(**estimate),
            "sentence": nps_sentence(Estimate(**estimate)),
        }
        for code, estimate in figures["nps"].items()
    ]


def _top2(survey: Survey, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Opinion items from the best to the worst share."""
    questions = questionnaire_of(survey).by_code
    lines = [
        {"text": text(questions[code]), "reverse": questions[code].reverse, **estimate}
        for code, estimate in figures["top2"].items()
    ]
    return sorted(lines, key=lambda line: -1 if line["value"] is None else -line["value"])


def _trend(ground: Ground) -> Chart | None:
    months = ground.months()
    if len(months) < 2:
        return None
    points = [
        Point(f"{month:%Y-%m}", mean.mean, mean.low, mean.high, n)
        for month, (mean, n) in months.items()
    ]
    return trend(points, summary=_("The overall score by month with its 95 % interval."))


def _spread(ground: Ground, period: str | None, overall: Mean) -> Chart | None:
    if overall.mean is None:
        return None
    return quantdots(
        ground.spread(period),
        width=10,
        mean=overall.mean,
        summary=_("A hundred dots, each for one per cent of the answers."),
    )


def _departments(figures: Mapping[str, Any], overall: Mean) -> dict[str, Any]:
    """Departments from the best to the worst; the hidden ones last."""
    found = figures["by_department"]
    away = {code for code, mean in found.items() if mean["mean"] is None}
    rows = {row.code: name(row) for row in Department.objects.filter(code__in=found)}
    shown = sorted(
        (code for code in found if code not in away), key=lambda code: -found[code]["mean"]
    )
    lines = [_row(rows[code], found[code]) for code in shown]
    lines += [Row(rows[code], None, None, None, found[code]["n"]) for code in sorted(away)]
    chart = None
    if shown:
        chart = dotplot(
            lines,
            summary=_("Departments with their 95 % intervals and the overall score."),
            reference=overall.mean,
        )
    return {"chart": chart, "hidden": len(away), "count": len(found)}


def _people(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Persons by name, never ranked: their own items; where that must be hidden n alone."""
    found = figures["by_employee"]
    rows = Employee.objects.filter(employee_no__in=found).order_by("sort_key", "employee_no")
    lines = [
        {
            "employee": row,
            **found[row.employee_no],
            "hidden": found[row.employee_no]["mean"] is None,
            "few": found[row.employee_no]["mean"] is not None and found[row.employee_no]["n"] < FEW,
        }
        for row in rows
    ]
    return {"lines": lines}
