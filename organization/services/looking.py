"""The access log: who was shown somebody else's pay, or what customers wrote.

A GET stores no answer and changes no state; a look is neither. It is a fact about the reader that
the law asks for, so the GET that shows pay records it (the page of comments always did). A view
calls this after it has made its answer and before it returns it: a refused or missing page, or one
that failed while it was made, records nothing, and where the record cannot be kept the error
replaces the answer, so nothing is shown unrecorded.

It is a table of its own and not the audit trail: the same look within an hour (a reload, the next
page of a list, a piece fetched by htmx) is one row, for which a unique key and ON CONFLICT are
needed, and both also settle two requests of one moment. The trail would gain a row, and the sealer
a link, with every click. The rows are as append-only as the trail's, by the same trigger and the
same missing rights of the application's role, and kept as long; they are not chained.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from core.models import User
from organization.models.looks import Look
from organization.queries import own_id


def saw_pay(
    reader: User,
    page: str,
    *,
    people: Iterable[int] | None,
    subject: str = "",
    now: datetime | None = None,
) -> None:
    """The answer shows the pay of these employees (ids), apart from the reader's own; of one, the
    row names the person, of several only the list. None: everybody in it, not counted here."""
    others = None if people is None else set(people) - {own_id(reader)}
    if others is not None and not others:
        return
    person = next(iter(others)) if others is not None and len(others) == 1 else None
    _keep(Look.Kind.PAY, reader, page, subject, person, now)


def saw_comments(
    reader: User, page: str, *, subject: str = "", now: datetime | None = None
) -> None:
    """The answer shows words of customers."""
    _keep(Look.Kind.COMMENTS, reader, page, subject, None, now)


def _keep(
    kind: str, reader: User, page: str, subject: str, person: int | None, now: datetime | None
) -> None:
    hour = (now or timezone.now()).replace(minute=0, second=0, microsecond=0)
    row = Look(
        reader=reader, kind=kind, page=page, subject=subject[:100], person_id=person, hour=hour
    )
    Look.objects.bulk_create([row], ignore_conflicts=True)
