"""Why an award or a payment came out as it did: one sentence, in the reader's language."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.queries.words import cause_name
from incentives.models import Award, PerformancePay


def award_reason(award: Award) -> str:
    """The sentence for one considered person, made from the figures stored with the row."""
    data: dict[str, Any] = {"holds": "", "tied": 0, "factor": "", **award.reason_data}
    texts = {
        "won": _(
            "Rank %(rank)s of %(eligible)s eligible (places: %(places)s): lower bound of the fair"
            " score %(fair_low)s from %(n)s answers."
        ),
        "held": _(
            "Rank %(rank)s of %(eligible)s eligible (places: %(places)s): the place is kept until"
            " an open question is answered."
        ),
        "below_line": _(
            "Rank %(rank)s of %(eligible)s eligible, behind the last place (places: %(places)s):"
            " lower bound of the fair score %(fair_low)s from %(n)s answers."
        ),
        "tied_out": _(
            "One of %(tied)s people tied at the edge (places: %(places)s); with all of them there"
            " would be more winners than %(factor)s times the places, so none of them wins."
        ),
        "pool_exceeded": _(
            "Rank %(rank)s of %(eligible)s eligible, but all winners would cost %(total)s and the"
            " pool has %(room)s: decided one by one."
        ),
        "too_few_answers": _("%(n)s counted answers, %(needed)s are needed."),
        "no_fair_score": _("No fair score: too few people to compare with."),
        "no_difference": _("No ranking: the scores show no difference between people."),
        "too_few_days": _("Present on %(days)s working days, %(needed)s are needed."),
        "not_assessed": _("Not assessed in this period; grade %(needed)s or better is needed."),
        "grade_too_low": _("Grade %(grade)s; %(needed)s or better is needed."),
        "excluded": _("Excluded: %(what)s."),
        "fallback": _(
            "%(eligible)s eligible in this job, fewer than %(needed)s: decided by the longer"
            " period (%(period)s)."
        ),
        "group_too_small": _("%(eligible)s eligible in this job, fewer than %(needed)s."),
        "after_appeal": _(
            "Rank %(rank)s of %(eligible)s eligible after an appeal: paid from the appeal reserve."
        ),
    }
    if award.reason_code == "excluded":
        data["what"] = exclusion_name(data["what"])
    if award.reason_code == "fallback":
        data["period"] = _("quarter") if data["period"] == "quarter" else _("year")
    return texts[award.reason_code] % data


def exclusion_name(code: str) -> str:
    """An exclusion code of the policy in words."""
    names = {
        "complaint_upheld_in_period": _("an upheld complaint with own responsibility"),
        "gate_event_in_period": _("a confirmed gate event"),
        "gate_event_in_team": _("a confirmed gate event in the team"),
        "safety_deadline_missed_in_team": _("a missed safety deadline in the team"),
    }
    return names.get(code) or _("a penalty in effect")


def pay_reason(row: PerformancePay) -> str:
    """The sentence for one payment: coefficient, where it comes from, and days present."""
    data = {
        **row.reason_data,
        "cause": cause_name(row.reason_data.get("cause", "")),
        "coefficient": _trim(row.coefficient),
        "present": _trim(row.present_days),
        "working": _trim(row.working_days),
    }
    texts = {
        "by_grade": _(
            "Grade %(grade)s (%(composite)s points): coefficient %(coefficient)s; present on"
            " %(present)s of %(working)s working days."
        ),
        "by_composite": _(
            "%(composite)s points: coefficient %(coefficient)s; present on %(present)s of"
            " %(working)s working days."
        ),
        "not_assessed": _(
            "Not assessed (%(cause)s): coefficient %(coefficient)s; present on %(present)s of"
            " %(working)s working days."
        ),
    }
    return texts[row.reason_code] % data


def _trim(value: Decimal) -> str:
    """A number without needless zeros, "1.2" for 1.2000 and "20" for 20.00."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
