"""Locking the data of a period: from then on it is read as of the cut-off."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, InvalidInput
from core.models import User
from surveys.models import DataLock
from surveys.services.clock import cutoff_moment


@transaction.atomic
def lock_data(
    key: str, first: date, last: date, *, actor: User | None, now: datetime | None = None
) -> DataLock:
    """Lock the days first..last (both inclusive) under a period's key.

    Waits until everybody who is judging has finished, so that nothing stamped before the cut-off
    can still appear. A released lock of the key is taken anew with a new cut-off; one that stands
    is a Conflict. The cut-off is the database's clock, or `now` where that is later.
    """
    if last < first:
        raise InvalidInput(_("The last day lies before the first."))
    cutoff = cutoff_moment(now)
    lock = DataLock.objects.select_for_update().filter(key=key).first()
    if lock is not None and lock.released_at is None:
        raise Conflict(_("The data of %(key)s are locked already.") % {"key": key})
    lock = lock or DataLock(key=key)
    lock.first_day, lock.last_day, lock.cutoff_at, lock.released_at = first, last, cutoff, None
    lock.save()
    audit.record(actor, "data.locked", lock, first=first, last=last, cutoff=cutoff)
    return lock


@transaction.atomic
def unlock_data(key: str, actor: User | None) -> DataLock:
    """Release a period's lock; its days are read as they are now, until they are locked again."""
    released = cutoff_moment(None)
    lock = DataLock.objects.select_for_update().filter(key=key, released_at=None).first()
    if lock is None:
        raise Conflict(_("The data of %(key)s are not locked.") % {"key": key})
    lock.released_at = released
    lock.save(update_fields=["released_at"])
    audit.record(actor, "data.unlocked", lock, cutoff=lock.cutoff_at)
    return lock
