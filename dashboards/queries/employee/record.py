"""Awards, payments and corrections of a person, and what customers said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.models.scorecards import UNRELEASED
from assessments.rules.floors import may_show
from core.templatetags.ui import name, period_name
from dashboards.queries.employee.access import Sight
from incentives.models import Award, LedgerEntry, PayrollLine, Proposal
from incentives.queries.reasons import award_reason, pay_reason
from surveys.models import Rating, ResponsePersonal

AWARD_TONES: dict[str, tuple[str, str]] = {
    Award.State.APPROVED: ("g", "check"),
    Award.State.ANNOUNCED: ("g", "speakerphone"),
    Award.State.POSTED: ("g", "check"),
    Award.State.PAID: ("g", "coin-yuan"),
    Award.State.HELD: ("w", "hourglass"),
    Award.State.REJECTED: ("", "x"),
    Award.State.REVERSED: ("", "history"),
}


_WON = (Award.State.APPROVED, Award.State.ANNOUNCED, Award.State.POSTED, Award.State.PAID)


@dataclass(frozen=True)
class AwardRow:
    name: str
    key: str
    amount: Decimal
    won: bool
    tone: str
    glyph: str
    state: str
    reason: str


@dataclass(frozen=True)
class PayRow:
    """One amount: of performance pay, an award, a recovery or a reversal; `batch` and `line` where
    it is in the payroll."""

    month: date
    name: str
    amount: Decimal
    reason: str
    batch: str
    line: int | None
    state: str


def awards_of(sight: Sight) -> dict[str, Any]:
    """Context of the page of awards and pay: what was decided about the person."""
    return {"sight": sight, "awards": _awards(sight), "payments": _payments(sight)}


def _awards(sight: Sight) -> list[AwardRow]:
    found = (
        Award.objects.filter(employee=sight.employee, proposal__status=Proposal.Status.DECIDED)
        .select_related("proposal__period", "proposal__policy_version")
        .order_by("-proposal__period__last_day", "award_code", "-version")
    )
    rows = []
    for award in found:
        tone, glyph = AWARD_TONES.get(Award.State(award.state), ("", "circle-dot"))
        won = award.state in _WON
        rows.append(
            AwardRow(
                award_name(award),
                award.proposal.period.key,
                award.amount,
                won,
                tone,
                glyph,
                _state(award),
                award.decision_reason or award_reason(award),
            )
        )
    return rows


def _state(award: Award) -> str:
    """Written to the person: who did not win was not refused anything."""
    if award.state == Award.State.REJECTED and not award.decision_reason:
        return _("not this time")
    if award.state == Award.State.ELIGIBLE:
        return _("considered")
    return str(award.get_state_display())


def award_name(award: Award) -> str:
    """As the policy names it; its code where the policy does not."""
    for one in award.proposal.policy_version.spec.get("awards", ()):
        if one.get("code") == award.award_code:
            return name(one)
    return award.award_code


def _payments(sight: Sight) -> list[PayRow]:
    """Ledger entries, the newest month first, with the line that pays each."""
    entries = list(
        LedgerEntry.objects.filter(employee=sight.employee)
        .select_related("performance_pay", "award__proposal__policy_version", "reverses", "appeal")
        .order_by("-month", "-entry_no")
    )
    lines = {
        line.entry_id: line
        for line in PayrollLine.objects.filter(
            entry__in=[entry.pk for entry in entries], live=True
        ).select_related("batch")
    }
    return [_payment(entry, lines.get(entry.pk)) for entry in entries]


def _payment(entry: LedgerEntry, line: PayrollLine | None) -> PayRow:
    title, reason = _named(entry)
    if entry.appeal is not None:
        reason = _("After appeal %(no)s. %(text)s") % {"no": entry.appeal.appeal_no, "text": reason}
    return PayRow(
        entry.month,
        title,
        entry.amount,
        reason.strip(),
        line.batch.batch_no if line else "",
        line.line_no if line else None,
        str(line.batch.get_state_display()) if line else _("waits for the next payroll batch"),
    )


def _named(entry: LedgerEntry) -> tuple[str, str]:
    if entry.source_type == LedgerEntry.Source.REVERSAL:
        taken = entry.reverses
        no = taken.entry_no if taken else 0
        return _("Reversal"), _("takes back ledger entry %(no)d") % {"no": no}
    if entry.award is not None:
        return award_name(entry.award), ""
    if entry.performance_pay is not None:
        return _("Performance pay"), pay_reason(entry.performance_pay)
    return str(LedgerEntry.Source(entry.source_type).label), entry.remark


# -- what customers said ---------------------------------------------------------------------------


@dataclass(frozen=True)
class CommentMonth:
    """What customers wrote, by month only: day, number and name would point to a customer."""

    name: str
    n: int
    comments: list[str]


def comments_of(sight: Sight) -> dict[str, Any]:
    """Context of the page of comments: months released to the person with at least 5 counted
    responses, in an order that says nothing about the days."""
    cards = list(
        sight.cards()
        .current()
        .exclude(state__in=UNRELEASED)
        .filter(period__kind="month")
        .select_related("period")
        .only("satisfaction_n", "period__key", "period__first_day", "period__last_day", "period")
        .order_by("-period__first_day")[:12]
    )
    open_cards = [card for card in cards if may_show(card.satisfaction_n)]
    found = _texts(sight, open_cards)
    months = [
        CommentMonth(period_name(card.period.key), card.satisfaction_n, found[card.period.key])
        for card in open_cards
        if found.get(card.period.key)
    ]
    return {
        "sight": sight,
        "months": months,
        "hidden": [period_name(card.period.key) for card in cards if card not in open_cards],
    }


def _texts(sight: Sight, cards: list[Scorecard]) -> dict[str, list[str]]:
    """Period key -> the texts of counted responses the person led, sorted by the text itself."""
    if not cards:
        return {}
    days = (
        min(card.period.first_day for card in cards),
        max(card.period.last_day for card in cards),
    )
    counted = Rating.objects.filter(
        employee=sight.employee,
        person_score__isnull=False,
        counted_to=None,
        answered_on__range=days,
    )
    rows = (
        ResponsePersonal.objects.filter(
            answered_on__range=days,
            response_id__in=counted.values("response_id"),
            erased_at=None,
        )
        .exclude(texts={})
        .values_list("answered_on", "texts")
    )
    keys = {
        (one.period.first_day.year, one.period.first_day.month): one.period.key for one in cards
    }
    found: dict[str, list[str]] = {}
    for day, texts in rows:
        key = keys.get((day.year, day.month))
        if key is None:
            continue
        known = (text.strip() for text in texts.values() if isinstance(text, str))
        found.setdefault(key, []).extend(text for text in known if text)
    return {key: sorted(texts) for key, texts in found.items()}
