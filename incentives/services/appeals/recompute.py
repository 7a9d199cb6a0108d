"""The dry run: what the result would be without (or with) the responses in question.

It recomputes the appellant's figures with the frozen variances and mean of the peer group, shows
what pay would do, and lists what else would move. That list is information: nobody else's released
score, award or pay is ever lowered by an appeal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import services as assessments
from assessments.models import Period, Scorecard
from assessments.queries import responses_behind
from core.errors import InvalidInput
from core.models import User
from core.permissions import require
from incentives.models import Appeal, AppealDryRun
from incentives.permissions import may_judge_appeal
from incentives.queries.appeals import Answer, affected_colleagues, answers_of
from incentives.queries.policies import version_on
from incentives.rules.chain import digest
from incentives.rules.payments import coefficient_of
from incentives.services import corrections
from incentives.services.appeals.steps import State, days_of, locked, moved
from organization.models import Department
from surveys.queries import department_totals, responses_of
from surveys.queries.facts import Answered, answered
from surveys.rules.suppression import MINIMUM

MICRO = 1_000_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Recomputed:
    """One recomputation: figures as text before and after, and what else would move."""

    preview: assessments.RevisionPreview
    before: Row
    after: Row
    knock_on: list[Row]

    @property
    def lower(self) -> bool:
        """The recomputed result is to the employee's disadvantage, so the old one stays."""
        return bool(self.after["lower"])

    @property
    def same(self) -> bool:
        """Nothing would change at all."""
        return {**self.before, "lower": False} == self.after


def recompute(
    card: Scorecard, excluded: Sequence[Answer], included: Sequence[Answer], *, now: datetime
) -> Recomputed:
    """Recompute one scorecard; writes nothing. What earlier appeals decided stays decided."""
    preview = _preview(card, excluded, included, now)
    figures = _that_move_pay(preview.after)
    effects = corrections.preview(card, figures)
    paid, pays = (effects.pay.before, effects.pay.after) if effects.pay else (None, None)
    before = _figures(preview.before, paid)
    after = _figures(preview.after, pays)
    worth = (paid, pays) if effects.pay else _coefficients(card, figures)
    after["lower"] = _is_lower(preview.before, preview.after, *worth)
    knock_on = [
        *_awards(effects.gains),
        *_colleagues(card, excluded, included, now),
        *_departments(card, excluded, included),
    ]
    return Recomputed(preview, before, after, knock_on)


def _preview(
    card: Scorecard, excluded: Sequence[Answer], included: Sequence[Answer], now: datetime
) -> assessments.RevisionPreview:
    return assessments.preview_revision(
        card,
        exclude=[one.response_id for one in excluded],
        include=[one.response_id for one in included],
        now=now,
    )


def _that_move_pay(after: Row) -> corrections.Figures:
    return corrections.Figures(
        status=after["status"],
        grade=after["grade"],
        composite=after["composite"],
        coefficient=after["coefficient"],
        cause=after["reason"],
        n=after["satisfaction_n"],
        fair_low=after["fair_low"],
        fair_status=after["fair_status"],
    )


SHOWN_AS = {"satisfaction_n": "n", "satisfaction_raw": "mean", "fair_score": "fair"}


def _figures(values: Row, pay: Decimal | None) -> Row:
    """Figures of a scorecard as text; None is missing, never zero."""
    named = {SHOWN_AS.get(name, name): _text(value) for name, value in values.items()}
    return {**named, "pay": _text(pay)}


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal):
        # The same figure has the same text, whether a database or a scheme wrote its zeros.
        exponent = value.normalize().as_tuple().exponent
        return f"{value:.{max(2, -int(exponent))}f}"
    return str(value)


def _coefficients(
    card: Scorecard, figures: corrections.Figures
) -> tuple[Decimal | None, Decimal | None]:
    """Where pay is not decided yet, what will decide it: the coefficients before and after."""
    version = version_on(card.period.first_day)
    if version is None or card.period.kind != Period.Kind.MONTH:
        return None, None
    rule = version.spec["performance_pay"]
    before, _reason, _data = coefficient_of(rule, corrections.Figures.of(card))
    after, _reason, _data = coefficient_of(rule, figures)
    return before, after


def _is_lower(before: Row, after: Row, paid: Decimal | None, pays: Decimal | None) -> bool:
    """Whether the employee would be worse off: less pay, or the same pay and a worse result."""
    if paid is not None and pays is not None and paid != pays:
        return pays < paid
    if before["composite"] is None:
        return False
    return after["composite"] is None or bool(after["composite"] < before["composite"])


def _awards(gains: Sequence[corrections.AwardGain]) -> list[Row]:
    return [
        {
            "what": "award",
            "code": gain.award.award_code,
            "rank": str(gain.rank),
            "places": str(gain.places),
            "fair_low": str(gain.fair_low),
            "from_reserve": gain.fits_reserve,
        }
        for gain in gains
    ]


def _colleagues(
    card: Scorecard, excluded: Sequence[Answer], included: Sequence[Answer], now: datetime
) -> list[Row]:
    """Others the responses count for: what their score would be, for information only."""
    rows = []
    moving = [*excluded, *included]
    fake = Appeal(employee_id=card.employee_id, scorecard=card)
    ids = affected_colleagues(fake, [one.response_id for one in moving])
    others = (
        Scorecard.objects.current()
        .filter(period=card.period_id, employee__in=ids)
        .select_related("employee", "period", "run", "position")
    )
    people = answered({(one.answered_on, one.response_id) for one in moving})
    for other in others.order_by("employee__employee_no"):
        # Each response counts for its own people: another claim may be about other colleagues. By
        # an appeal of theirs it may stand as wished for them already.
        counts = {row["id"]: row["counted"] for row in responses_behind(other)}
        out, back = (
            [
                one
                for one in answers
                if _is_about(people[one.response_id], other.employee_id)
                and counts.get(one.response_id) is counted
            ]
            for answers, counted in ((excluded, True), (included, False))
        )
        if not out and not back:
            continue
        preview = _preview(other, out, back, now)
        rows.append(
            {
                "what": "colleague",
                "employee_no": other.employee.employee_no,
                "before": _figures(preview.before, None),
                "after": _figures(preview.after, None),
            }
        )
    return rows


def _is_about(facts: Answered, employee_id: int) -> bool:
    return any(person[0] == employee_id for person in facts.people)


def _departments(
    card: Scorecard, excluded: Sequence[Answer], included: Sequence[Answer]
) -> list[Row]:
    """n and mean of the departments the responses belong to, before and after."""
    period = card.period
    as_of = period.cutoff_at
    rows = {
        row["id"]: row
        for row in responses_of(card.employee_id, period.first_day, period.last_day, as_of)
    }
    change: dict[int, list[int]] = {}
    for sign, answers in ((-1, excluded), (1, included)):
        for answer in answers:
            row = rows[answer.response_id]
            if row["score"] is not None and row["department_id"] is not None:
                n_total = change.setdefault(row["department_id"], [0, 0])
                n_total[0] += sign
                n_total[1] += sign * row["score"]
    if not change:
        return []
    totals = department_totals(period.first_day, period.last_day, as_of=as_of)
    codes = dict(Department.objects.filter(pk__in=change).values_list("pk", "code"))
    found = []
    sums = totals.loc[totals["department_id"].isin(list(change))].to_dict("records")
    for department, n, total in ((r["department_id"], r["n"], r["total"]) for r in sums):
        dn, dtotal = change[department]
        found.append(
            {
                "what": "department",
                "code": codes[department],
                "before": _mean(int(n), int(total)),
                "after": _mean(int(n) + dn, int(total) + dtotal),
            }
        )
    return found


def _mean(n: int, total: int) -> Row:
    """n and mean in points with two places, as text; no mean under the minimum of answers."""
    mean = f"{Decimal(total) / (n * MICRO):.2f}" if n >= MINIMUM else None
    return {"n": str(n), "mean": mean}


@transaction.atomic
def dry_run_appeal(
    appeal: Appeal,
    *,
    actor: User,
    exclude: Sequence[str] | None = None,
    include: Sequence[str] = (),
    now: datetime | None = None,
) -> AppealDryRun:
    """Recompute and keep the result; may be repeated with other responses until the decision.

    Without `exclude` every claim is taken as supported: a counted response is left out, an excluded
    one taken in.
    """
    now = now or timezone.now()
    appeal = locked(appeal, State.RECOMPUTED)
    require(may_judge_appeal(actor, appeal))
    out, back = _sets(appeal, exclude, include)
    result = recompute(appeal.scorecard, out, back, now=now)
    run = AppealDryRun(
        appeal=appeal,
        number=appeal.dry_runs.count() + 1,
        excluded=_named(out),
        included=_named(back),
        before=result.before,
        after=result.after,
        knock_on=result.knock_on,
        created_by=actor,
        created_at=now,
    )
    run.content_hash = content_hash(run)
    run.save()
    due = (appeal.due_from, appeal.due_days, appeal.due_at, appeal.escalated_at)
    first = appeal.state == State.INVESTIGATING
    days = days_of(appeal).decision_wd if first and appeal.first_appeal_id is None else None
    moved(
        appeal,
        State.RECOMPUTED,
        "recomputed",
        actor=actor,
        now=now,
        days=days,
        number=run.number,
        dry_run=run.content_hash,
    )
    if days is None:  # another dry run wins no time
        appeal.due_from, appeal.due_days, appeal.due_at, appeal.escalated_at = due
        appeal.save(update_fields=["due_from", "due_days", "due_at", "escalated_at"])
    return run


def _sets(
    appeal: Appeal, exclude: Sequence[str] | None, include: Sequence[str]
) -> tuple[list[Answer], list[Answer]]:
    """(left out, taken in), checked against how the responses stand."""
    if exclude is None and not include:
        claimed = answers_of(appeal.scorecard, claim_numbers(appeal))
        return [one for one in claimed if one.counted], [one for one in claimed if not one.counted]
    out = answers_of(appeal.scorecard, exclude or ())
    back = answers_of(appeal.scorecard, include)
    for one in out:
        if not one.counted:
            raise InvalidInput(_("%(no)s was not counted.") % {"no": one.response_no})
    for one in back:
        if one.counted:
            raise InvalidInput(_("%(no)s is counted already.") % {"no": one.response_no})
    return out, back


def claim_numbers(appeal: Appeal) -> list[str]:
    """The claimed responses as SURVEY/NUMBER, which is always clear."""
    claims = appeal.claims.select_related("response__survey")
    return [f"{claim.response.survey.code}/{claim.response_no}" for claim in claims]


def _named(answers: Sequence[Answer]) -> list[Row]:
    return [
        {"id": one.response_id, "on": one.answered_on.isoformat(), "no": one.response_no}
        for one in answers
    ]


def content_hash(run: AppealDryRun) -> str:
    """What the decider confirms: everything the dry run shows, and which version it was made of."""
    return digest(
        {
            "appeal": run.appeal.appeal_no,
            "scorecard": run.appeal.scorecard.content_hash,
            "excluded": run.excluded,
            "included": run.included,
            "before": run.before,
            "after": run.after,
            "knock_on": run.knock_on,
        }
    )
