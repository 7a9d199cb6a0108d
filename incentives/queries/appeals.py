"""What an appeal is about, and who has to keep out of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.queries import responses_behind
from core.errors import InvalidInput
from core.models import User
from incentives.models import Appeal
from organization.models import Employee
from organization.queries import heads_above
from surveys.queries import response_detail


@dataclass(frozen=True)
class Answer:
    """A response of the appellant as it stands in a version of the scorecard."""

    response_id: int
    answered_on: date
    response_no: str
    counted: bool


def answers_of(card: Scorecard, numbers: Sequence[str]) -> list[Answer]:
    """The named responses of a scorecard, in the order named.

    A number may be written SURVEY/NUMBER where two surveys use the same. Raises InvalidInput for
    one that is not the person's, not of the period, unclear, or named twice.
    """
    if len(set(numbers)) < len(numbers):
        raise InvalidInput(_("A response is named twice."))
    if not numbers:
        return []
    rows = responses_behind(card)
    found = []
    for number in numbers:
        fits = [row for row in rows if number in (row["response_no"], row["key"])]
        if len(fits) != 1:
            why = (
                _("%(no)s stands in several surveys; write it as SURVEY/NUMBER.")
                if fits
                else _("%(no)s is no response of this person in %(period)s.")
            )
            raise InvalidInput(why % {"no": number, "period": card.period.key})
        row = fits[0]
        found.append(Answer(row["id"], row["answered_on"], row["response_no"], row["counted"]))
    return found


def get_appeal(appeal_no: str) -> Appeal:
    """The appeal of a number. Raises InvalidInput."""
    appeal = (
        Appeal.objects.filter(appeal_no=appeal_no)
        .select_related("scorecard__period", "employee__user", "first_appeal")
        .first()
    )
    if appeal is None:
        raise InvalidInput(_("There is no appeal %(no)s.") % {"no": appeal_no})
    return appeal


def barred(user: User, appeal: Appeal) -> str:
    """Why this person may not look into or decide this appeal; "" where nothing stands against it.

    Not the appellant, not who scored or approved, not a superior, not a colleague the responses
    also count for; a second review is not for those who handled the first appeal.
    """
    period = appeal.scorecard.period
    if user.pk == appeal.employee.user_id:
        return _("It is your own appeal.")
    if user.pk == period.scored_by_id:
        return _("You scored %(period)s.") % {"period": period.key}
    if user.pk == period.approved_by_id:
        return _("You approved %(period)s.") % {"period": period.key}
    if heads_above(appeal.scorecard.department).filter(user=user).exists():
        return _("You are a superior of the appellant.")
    if Employee.objects.filter(pk__in=affected_colleagues(appeal), user=user).exists():
        return _("A response of the appeal counts for you too.")
    first = appeal.first_appeal
    if first is not None and user.pk in (first.decided_by_id, first.investigator_id):
        return _("You handled the first appeal.")
    return ""


def affected_colleagues(
    appeal: Appeal, response_ids: Collection[int] | None = None
) -> frozenset[int]:
    """Employee ids, but the appellant's, that the responses in question count for."""
    if response_ids is None:
        response_ids = [claim.response_id for claim in appeal.claims.all()]
    found: set[int] = set()
    for response_id in response_ids:
        detail = response_detail(response_id=response_id)
        if detail is not None:
            found |= {person[0] for person in detail["people"] if person[0] is not None}
    return frozenset(found - {appeal.employee_id})
