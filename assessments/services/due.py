"""Which periods the schedule has to score: those that ended while their scheme stood."""

import datetime
import logging

from assessments.models import Period, SchemeVersion
from assessments.rules.periods import Span, parse, span_of
from assessments.services.scoring import Started, begin
from core import audit
from core.errors import DomainError
from core.models import User
from core.workdays import SHANGHAI

logger = logging.getLogger(__name__)

SYSTEM = "system"
_S = Period.Status
_OPEN = (_S.DRAFT, _S.PLANNED, _S.COLLECTING, _S.DATA_LOCKED)
_KINDS = ("month", "quarter", "year")


def system_account() -> User:
    """The account the schedule acts as: no password, no role, so it can approve nothing."""
    user, created = User.objects.get_or_create(username=SYSTEM, defaults={"password": "!system"})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def due_periods(now: datetime.datetime) -> list[Span]:
    """Finished periods that nobody has scored, the earliest first.

    Due are periods somebody has opened, and every month, quarter and year that ended when a scheme
    for it had been approved (so missed ones are caught up, however long the schedule stood still).
    Years of data loaded afterwards are scored by hand: locking them unasked would refuse the rest
    of the load.
    """
    spans = {
        key: parse(key)
        for key in Period.objects.filter(status__in=_OPEN).values_list("key", flat=True)
    }
    known = set(Period.objects.values_list("key", flat=True))
    for span in _since_approval(now):
        if span.key not in known:
            spans[span.key] = span
    finished = [span for span in spans.values() if span.due_at(SHANGHAI) <= now]
    return sorted(finished, key=lambda span: (span.last, span.first, span.key))


def _since_approval(now: datetime.datetime) -> list[Span]:
    schemes = SchemeVersion.objects.filter(applies_to=SchemeVersion.AppliesTo.EMPLOYEE).values_list(
        "effective_from", "approved_at"
    )
    spans: dict[str, Span] = {}
    for effective, approved in schemes:
        for kind in _KINDS:
            span = span_of(kind, effective)
            if span.first < effective:
                span = span.next()
            approved_on = approved.astimezone(SHANGHAI).date()
            span = max(span, span_of(kind, approved_on).previous(), key=lambda s: s.first)
            while span.due_at(SHANGHAI) <= now:
                if approved <= span.due_at(SHANGHAI):
                    spans[span.key] = span
                span = span.next()
    return list(spans.values())


def start_due(now: datetime.datetime) -> list[Started]:
    """Begin scoring every due period; the caller enqueues the jobs.

    Two schedules at once begin each period once: the second finds the first one's job or run. One
    period that cannot be scored does not hold up the others.
    """
    started = []
    actor = system_account()
    with audit.via("beat"):
        for span in due_periods(now):
            try:
                started.append(begin(span, actor=actor, now=now))
            except DomainError as error:
                logger.warning("%s was not scored: %s", span.key, error)
    return started
