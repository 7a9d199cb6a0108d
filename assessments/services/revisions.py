"""Correct one person's result with everything else frozen: first as a dry run, then as a version.

Responses are taken out or let in; n, mean, raw, fair, composite, grade and coefficient follow with
the ICC, tau2 and m of the run, so nobody else's result moves.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.permissions import may_revise
from assessments.queries.lineage import responses_behind
from assessments.queries.recompute import score_again
from assessments.queries.scorecards import group_of
from assessments.rules.content import card_of
from assessments.rules.engine import PersonScore
from assessments.rules.facts import PersonFacts
from assessments.services.storing import store_scores
from core import audit
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from surveys.models import Response

SHOWN = (
    "status",
    "reason",
    "quantitative",
    "qualitative",
    "composite",
    "grade",
    "coefficient",
    "satisfaction_raw",
    "satisfaction_n",
    "fair_status",
    "fair_score",
    "fair_low",
    "fair_high",
)


@dataclass(frozen=True)
class RevisionPreview:
    """What a correction would give. `before` and `after` hold the fields of SHOWN; `frozen` the
    peer group's figures; `excluded` and `included` are "survey/response number"."""

    scorecard_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    results: list[dict[str, Any]]
    frozen: dict[str, Any]
    excluded: list[str]
    included: list[str]
    score: PersonScore

    @property
    def changes(self) -> bool:
        """Whether anything the employee sees would differ."""
        return self.before != self.after


def preview_revision(
    scorecard: Scorecard,
    *,
    exclude: Sequence[int] = (),
    include: Sequence[int] = (),
    now: datetime | None = None,
) -> RevisionPreview:
    """Compute the scorecard without some counted responses and with some excluded ones (ids).

    Writes nothing. A response that is not of this person and period, or already stands as wished:
    InvalidInput. `now` is accepted for symmetry with other verbs; the result depends on the frozen
    run alone.
    """
    facts: PersonFacts = copy.deepcopy(scorecard.facts)
    rows = {row["id"]: row for row in responses_behind(scorecard)}
    channels = dict(
        Response.objects.filter(id__in=[*exclude, *include]).values_list("id", "channel")
    )
    keys: dict[bool, list[str]] = {False: [], True: []}
    for ids, counted in ((exclude, True), (include, False)):
        for response_id in dict.fromkeys(ids):
            row = _wished(rows, response_id, counted=counted)
            _shift(facts, row, channels[response_id], sign=-1 if counted else 1)
            keys[counted].append(row["key"])
    _note(facts, excluded=keys[True], included=keys[False])
    result = score_again(scorecard.run, facts)
    after = card_of(result)
    return RevisionPreview(
        scorecard_id=scorecard.pk,
        before={name: getattr(scorecard, name) for name in SHOWN},
        after={name: after[name] for name in SHOWN},
        results=[row._asdict() for row in result.results],
        frozen=group_of(scorecard).as_json(),
        excluded=keys[True],
        included=keys[False],
        score=result,
    )


@transaction.atomic
def revise_scorecard(
    scorecard: Scorecard, preview: RevisionPreview, *, actor: User, cause: str
) -> Scorecard:
    """Make the previewed result the person's current one; the old version stays, superseded.

    Refused when somebody else has corrected the scorecard since, or before its release.
    """
    if not cause.strip():
        raise InvalidInput(_("A correction names its cause."))
    take(Lock.SCORECARD, scorecard.pk)
    old = Scorecard.objects.select_for_update(of=("self",)).select_related(
        "employee", "run", "period"
    )
    card = old.get(pk=scorecard.pk)
    require(may_revise(actor, card))
    if not card.is_current or preview.scorecard_id != card.pk:
        raise Conflict(_("The scorecard has been corrected meanwhile: compute it again."))
    if card.state in (Scorecard.State.COMPUTED, Scorecard.State.REVIEWED, Scorecard.State.APPROVED):
        raise InvalidTransition(_("The result is not released yet: send the period back instead."))
    closed = card.period.status == card.period.Status.CLOSED
    state = Scorecard.State.FINAL if closed else Scorecard.State.RELEASED
    Scorecard.objects.filter(pk=card.pk).update(corrected=True, state=Scorecard.State.REVISED)
    (pk,) = store_scores(card.run, [preview.score], state=state, cause=cause.strip())
    new = Scorecard.objects.get(pk=pk)
    audit.record(
        actor,
        "scorecard.revised",
        new,
        supersedes=card.pk,
        cause=cause.strip(),
        excluded=preview.excluded,
        included=preview.included,
        composite_before=card.composite,
        composite_after=new.composite,
    )
    return new


def _wished(rows: dict[int, dict[str, Any]], response_id: int, *, counted: bool) -> dict[str, Any]:
    row = rows.get(response_id)
    if row is None:
        raise InvalidInput(
            _("Response %(id)s is not about this person in this period.") % {"id": response_id}
        )
    if row["counted"] != counted:
        text = _("%(key)s does not count already.") if counted else _("%(key)s counts already.")
        raise InvalidInput(text % {"key": row["key"]})
    return row


def _shift(facts: PersonFacts, row: dict[str, Any], mode: str, *, sign: int) -> None:
    """Add one response to the person's sums, or take it off. One without a score (too little was
    answered that the person is accountable for) moves nothing."""
    points = row["person_score"]
    if points is None:
        return
    place = [row["department"], row["position"], mode]
    sums = [list(known) for known in facts["responses"]]
    mine = next((known for known in sums if known[:3] == place), None)
    if mine is None:
        sums.append(mine := [*place, 0, 0, 0])
    for index, amount in enumerate((1, points, points * points), start=3):
        mine[index] = int(mine[index]) + sign * amount
    if int(mine[3]) < 0:
        raise Conflict(_("The stored sums do not hold this response."))
    facts["responses"] = [known for known in sorted(sums) if known[3]]


def _note(facts: PersonFacts, *, excluded: list[str], included: list[str]) -> None:
    """Keep what was changed, over all corrections; a response taken out and let in again is as it
    was judged."""
    before = facts.get("adjustments")
    was_out = set(before["excluded"]) if before else set()
    was_in = set(before["included"]) if before else set()
    out = (was_out | (set(excluded) - was_in)) - set(included)
    back = (was_in | (set(included) - was_out)) - set(excluded)
    facts["adjustments"] = {"excluded": sorted(out), "included": sorted(back)}
