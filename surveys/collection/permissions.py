"""Who may invite customers, and who may not because they are evaluated by the answers."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from customers.models import ServiceEvent
from organization.permissions import may_hold_in, may_hold_somewhere
from surveys.collection.queries.plan import INVITERS, served_by


def may_invite(user: User) -> Allowed | Denied:
    """Survey executors and administration, for the departments their role was given for."""
    return may_hold_somewhere(user, *INVITERS)


def may_invite_for(user: User, departments: Iterable[int | None]) -> Allowed | Denied:
    """Whether the role reaches these departments (ids); None: the whole company."""
    return may_hold_in(user, *INVITERS, departments=departments)


def may_draw(user: User, events: Iterable[ServiceEvent]) -> Allowed | Denied:
    """Whoever is evaluated by the answers does not choose who is asked, and nobody invites for
    departments of others."""
    events = list(events)
    places = {event.department_id for event in events}
    allowed = may_invite_for(user, places) if places else may_invite(user)
    if not allowed:
        return allowed
    if served_by(user, events):
        return Denied(
            _("You served in one of these events. Somebody else must invite for these days.")
        )
    return allowed
