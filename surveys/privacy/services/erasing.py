"""What surveys erase when a customer asks for it."""

from __future__ import annotations

from datetime import datetime

from customers.models import Customer
from customers.queries import Part
from surveys.models import AnswerDraft, Invitation, Response
from surveys.privacy import queries
from surveys.privacy.services.blanking import blank, by_survey, hold, keep


class Surveys:
    """Registered with customers.services.privacy."""

    def held(self, customer: Customer) -> list[Part]:
        """Invitations, answers with the questions' texts, devices, notices, drafts."""
        return queries.parts_of(customer)

    def to_erase(self, customer: Customer) -> dict[str, int]:
        """As `erase` would count now."""
        return queries.to_erase(customer)

    def erase(self, customer: Customer, *, now: datetime) -> dict[str, int]:
        """Blank the words, devices and contacts beside the answers, delete drafts, revoke waiting
        invitations. Answers, verdicts, ratings and sums are not touched."""
        # Invitations first: an answer being sent holds its invitation before it takes the rest.
        own = Invitation.objects.filter(customer=customer)
        list(own.select_for_update().order_by("pk").values_list("pk", flat=True))
        revoked = own.filter(used_at=None, revoked_at=None).update(revoked_at=now, mail_due=False)
        own.filter(mail_due=True).update(mail_due=False)
        drafts = AnswerDraft.objects.filter(invitation__customer=customer).delete()[0]
        answers = by_survey(
            Response.objects.filter(customer=customer)
            .order_by("answered_on", "id")
            .values_list("survey_id", "answered_on", "id")
        )
        hold(answers)
        # Of every answer, not of those with personal data alone: whether the customer's contact is
        # a member of staff's is known for all of them, and the contact goes as well.
        keep(answers, now=now)
        refs = [ref for listed in answers.values() for ref in listed]
        return {"answers": blank(refs, now=now), "drafts": drafts, "invitations": revoked}
