"""What an appeal is about, and who has to keep out of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.queries import responses_behind
from core.errors import InvalidInput
from core.models import User
from incentives.models import Appeal, AppealClaim
from organization.models import Department
from organization.queries import own_id
from surveys.queries import response_detail
from surveys.queries.facts import answered


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


class Bars:
    """What stands against people judging some appeals, read once for all of them.

    The appeals are loaded with scorecard__period, scorecard__department, employee, first_appeal.
    """

    def __init__(self, appeals: Iterable[Appeal]) -> None:
        self._appeals = list(appeals)
        codes = {code for one in self._appeals for code in _steps(one)}
        heads = Department.objects.filter(code__in=codes, head__user__isnull=False)
        self._heads = dict(heads.values_list("code", "head__user_id"))
        self._affected = self._read_affected()

    def _read_affected(self) -> dict[int, set[int]]:
        """Appeal id -> ids of the colleagues its responses also count for."""
        claims = AppealClaim.objects.filter(appeal__in=[one.pk for one in self._appeals])
        rows = list(
            claims.values_list("appeal_id", "appeal__employee_id", "response_id", "answered_on")
        )
        found = answered({(day, number) for _appeal, _own, number, day in rows})
        affected: dict[int, set[int]] = defaultdict(set)
        for appeal, own, number, _day in rows:
            if number in found:
                people = {one for one, *_where in found[number].people if one is not None}
                affected[appeal] |= people - {own}
        return affected

    def reason(self, user: User, appeal: Appeal) -> str:
        """Why this person keeps out, told to that person; "" where nothing stands against it."""
        key = {"period": appeal.scorecard.period.key}
        return {
            "": "",
            "own": _("It is your own appeal."),
            "scored": _("You scored %(period)s.") % key,
            "approved": _("You approved %(period)s.") % key,
            "superior": _("You are a superior of the appellant."),
            "affected": _("A response of the appeal counts for you too."),
            "first": _("You handled the first appeal."),
        }[self._bar(user, appeal)]

    def reason_for_others(self, user: User, appeal: Appeal) -> str:
        """The same, told to others of this person."""
        return {
            "": "",
            "own": _("barred: it is their own appeal"),
            "scored": _("barred: scored the period"),
            "approved": _("barred: approved the period"),
            "superior": _("barred: superior of the appellant"),
            "affected": _("barred: a response of the appeal counts for them too"),
            "first": _("barred: handled the first appeal"),
        }[self._bar(user, appeal)]

    def _bar(self, user: User, appeal: Appeal) -> str:
        period, first = appeal.scorecard.period, appeal.first_appeal
        if user.pk == appeal.employee.user_id:
            return "own"
        if user.pk == period.scored_by_id:
            return "scored"
        if user.pk == period.approved_by_id:
            return "approved"
        if user.pk in {self._heads.get(code) for code in _steps(appeal)}:
            return "superior"
        if self._affected[appeal.pk] and own_id(user) in self._affected[appeal.pk]:
            return "affected"
        if first is not None and user.pk in (first.decided_by_id, first.investigator_id):
            return "first"
        return ""


def _steps(appeal: Appeal) -> list[str]:
    """Codes of the appellant's department and of every one over it."""
    return appeal.scorecard.department.path.strip("/").split("/")


def barred(user: User, appeal: Appeal) -> str:
    """Why this person may not look into or decide this appeal; "" where nothing stands against it.

    Not the appellant, not who scored or approved, not a superior, not a colleague the responses
    also count for; a second review is not for those who handled the first appeal.
    """
    return Bars([appeal]).reason(user, appeal)


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
