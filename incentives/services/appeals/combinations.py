"""Dry runs of an appeal's claims: each alone, then the chosen ones together."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.models import User
from incentives.models import Appeal, AppealDryRun
from incentives.queries.appeals import answers_of
from incentives.services.appeals.recompute import claim_numbers, dry_run_appeal


@transaction.atomic
def dry_run_claims(
    appeal: Appeal, *, claims: Collection[int], actor: User, now: datetime | None = None
) -> AppealDryRun:
    """Recompute with these claims (ids) taken as supported; the last run is the one to decide on.

    With several, each of them is first recomputed alone, so that the decision sees what one claim
    does. Without any the figures are shown as they stand.
    """
    own = list(appeal.claims.order_by("pk").values_list("pk", flat=True))
    if set(claims) - set(own):
        raise InvalidInput(_("These claims are not of this appeal."))
    # Both are in the order of the claims.
    numbers = dict(zip(own, claim_numbers(appeal), strict=True))
    wanted = [numbers[pk] for pk in own if pk in claims]
    if len(wanted) > 1:
        for number in wanted:
            _run(appeal, [number], actor=actor, now=now)
    return _run(appeal, wanted, actor=actor, now=now)


def _run(appeal: Appeal, numbers: list[str], *, actor: User, now: datetime | None) -> AppealDryRun:
    answers = dict(zip(numbers, answers_of(appeal.scorecard, numbers), strict=True))
    return dry_run_appeal(
        appeal,
        actor=actor,
        exclude=[number for number, answer in answers.items() if answer.counted],
        include=[number for number, answer in answers.items() if not answer.counted],
        now=now,
    )
