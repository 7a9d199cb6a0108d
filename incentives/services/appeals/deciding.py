"""The decision and what it does: a new scorecard version, a reversal and the full new amount."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import services as assessments
from core.errors import Conflict, InvalidInput
from core.models import User
from core.permissions import Denied, require
from incentives.models import Appeal, AppealDryRun
from incentives.permissions import may_handle_appeal, may_judge_appeal
from incentives.queries.appeals import Answer, answers_of
from incentives.services import corrections
from incentives.services.appeals.handling import tell
from incentives.services.appeals.recompute import Recomputed, recompute
from incentives.services.appeals.steps import State, days_of, locked, moved, need
from surveys.models import Response
from surveys.models.reasons import APPEAL, TAKEN_OVER, coded
from surveys.queries import find_response, response_detail
from surveys.services import carry_out_verdict, record_verdict

Outcome, Effect = Appeal.Outcome, Appeal.Effect


@transaction.atomic
def decide_appeal(
    appeal: Appeal,
    *,
    outcome: str,
    reason: str,
    confirm: str,
    actor: User,
    exclude: Sequence[str] | None = None,
    now: datetime | None = None,
) -> Appeal:
    """Decide with reasons, confirming the last dry run by its hash; the employee is told at once.

    `exclude`, where given, must be what that dry run left out. Raises Conflict when the dry run no
    longer gives the same figures.
    """
    now = now or timezone.now()
    if outcome not in Outcome.values:
        raise InvalidInput(_("The outcome is maintained, partly or upheld."))
    appeal = locked(appeal, State.DECIDED)
    require(may_judge_appeal(actor, appeal))
    run = _confirmed(appeal, confirm)
    if exclude is not None:
        wanted = {one.response_id for one in answers_of(appeal.scorecard, exclude)}
        if wanted != {row["id"] for row in run.excluded}:
            raise InvalidInput(_("The dry run left out other responses; run it again with these."))
    appeal.decision_reason = need(reason, _("A decision needs reasons."))
    _again(appeal, run, now)
    appeal.outcome, appeal.confirmed_hash = outcome, confirm
    appeal.decided_by, appeal.decided_at = actor, now
    granted = outcome != Outcome.MAINTAINED
    touched = {row["id"] for row in (*run.excluded, *run.included)} if granted else set()
    for claim in appeal.claims.all():
        claim.supported = claim.response_id in touched
        claim.save(update_fields=["supported"])
    moved(appeal, State.DECIDED, "decided", actor=actor, now=now, outcome=outcome, dry_run=confirm)
    days = days_of(appeal).execution_wd if granted else None
    moved(appeal, State.NOTIFIED, "notified", actor=actor, now=now, days=days)
    if not granted:
        assessments.settle_appeal(appeal.scorecard, actor=actor)
    tell(appeal, "appeal.decided")
    return appeal


def _confirmed(appeal: Appeal, confirm: str) -> AppealDryRun:
    run = appeal.dry_runs.order_by("-number").first()
    if run is None or run.content_hash != confirm:
        raise InvalidInput(_("The hash is not that of the last dry run; open it before deciding."))
    return run


def _again(
    appeal: Appeal, run: AppealDryRun, now: datetime, *, execution: bool = False
) -> Recomputed:
    """The dry run once more. Raises Conflict when it does not give the same any longer.

    What was decided is the score. Pay may be decided between decision and execution, and there is
    no dry run after the decision: carrying it out works pay out as it stands then."""
    out, back = _answers(run.excluded, counted=True), _answers(run.included, counted=False)
    result = recompute(appeal.scorecard, out, back, now=now)
    pairs = ((result.before, run.before), (result.after, run.after))
    if any(_compared(one, execution) != _compared(then, execution) for one, then in pairs):
        raise Conflict(_("The figures have changed since the dry run; run it again."))
    return result


def _compared(figures: dict[str, Any], execution: bool) -> dict[str, Any]:
    without = ("pay", "lower") if execution else ()
    return {name: value for name, value in figures.items() if name not in without}


def _answers(rows: Sequence[dict[str, str]], *, counted: bool) -> list[Answer]:
    return [
        Answer(int(row["id"]), date.fromisoformat(row["on"]), row["no"], counted) for row in rows
    ]


@transaction.atomic
def execute_appeal(appeal: Appeal, *, actor: User, now: datetime | None = None) -> Appeal:
    """Carry a decision out; done already, it stays as it is.

    Granted: the verdicts on the responses, a new scorecard version beside the old one, the reversal
    of what was paid and the full new amount, to ride in the next batch. Where the recomputed result
    is lower, the old one is kept: an appeal never turns against who made it.
    """
    now = now or timezone.now()
    require(may_handle_appeal(actor, appeal))
    found = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    if found.state in (State.EXECUTED, State.CLOSED):
        return found
    appeal = locked(found, State.EXECUTED)
    entries: list[int] = []
    if appeal.outcome == Outcome.MAINTAINED:
        appeal.effect = Effect.UNCHANGED
    else:
        entries = _carry_out(appeal, actor, now)
    moved(
        appeal,
        State.EXECUTED,
        "executed",
        actor=actor,
        now=now,
        effect=appeal.effect,
        entries=entries,
        scorecard=appeal.new_scorecard_id,
    )
    tell(appeal, "appeal.executed")
    return appeal


def _carry_out(appeal: Appeal, actor: User, now: datetime) -> list[int]:
    """Write the granted result; returns the numbers of the ledger entries posted."""
    # Two dry runs of the same have the same hash; either says what was confirmed.
    run = appeal.dry_runs.filter(content_hash=appeal.confirmed_hash).latest("number")
    result = _again(appeal, run, now, execution=True)
    if result.lower or result.same:
        appeal.effect = Effect.KEPT if result.lower else Effect.UNCHANGED
        assessments.settle_appeal(appeal.scorecard, actor=actor)
        return []
    _record_verdicts(appeal, run, actor)
    revised = assessments.revise_scorecard(
        appeal.scorecard, result.preview, actor=actor, cause=appeal.appeal_no
    )
    appeal.new_scorecard, appeal.effect = revised, Effect.REVISED
    entries = corrections.apply(
        appeal.scorecard,
        revised,
        actor=actor,
        approval_no=appeal.appeal_no,
        reason=appeal.appeal_no,
        appeal_id=appeal.pk,
        now=now,
    )
    return [entry.entry_no for entry in entries]


def _record_verdicts(appeal: Appeal, run: AppealDryRun, actor: User) -> None:
    """The decider's verdicts, from now on; the locked period reads them through this appeal."""
    decider = appeal.decided_by
    if decider is None:  # the database refuses a decision without a decider
        raise InvalidInput(_("%(appeal)s has no decider.") % {"appeal": appeal.appeal_no})
    for rows, verdict in ((run.excluded, "excluded"), (run.included, "counted")):
        for row in rows:
            response = find_response(response_id=row["id"])
            detail = response_detail(response_id=row["id"])
            if response is None or detail is None or detail["verdicts"][-1]["verdict"] == verdict:
                continue
            try:
                carry_out_verdict(
                    response,
                    verdict,
                    reason=coded(APPEAL),
                    decider=decider,
                    source=appeal.appeal_no,
                )
            except Denied:
                _take_over(appeal, response, verdict, actor)


def _take_over(appeal: Appeal, response: Response, verdict: str, actor: User) -> None:
    """The answer has come to count for the decider since: no verdict on it may be theirs. Whoever
    carries the decision out and could have made it answers for the verdict. Raises Denied."""
    require(may_judge_appeal(actor, appeal))
    reason = coded(TAKEN_OVER)
    record_verdict(response, verdict, reason=reason, actor=actor, source=appeal.appeal_no)


@transaction.atomic
def close_appeal(appeal: Appeal, *, actor: User, now: datetime | None = None) -> Appeal:
    """Nothing more happens to an executed appeal."""
    now = now or timezone.now()
    require(may_handle_appeal(actor, appeal))
    appeal = locked(appeal, State.CLOSED)
    moved(appeal, State.CLOSED, "closed", actor=actor, now=now)
    return appeal
