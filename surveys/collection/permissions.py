"""Who may invite customers, and who may not because they are evaluated by the answers."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from customers.models import ServiceEvent
from organization.models import Role
from organization.permissions import may_hold
from surveys.collection.queries.plan import served_by


def may_invite(user: User) -> Allowed | Denied:
    """Survey executors and administration."""
    return may_hold(user, Role.EXECUTOR, Role.ADMIN)


def may_draw(user: User, events: Iterable[ServiceEvent]) -> Allowed | Denied:
    """Whoever is evaluated by the answers does not choose who is asked."""
    allowed = may_invite(user)
    if not allowed:
        return allowed
    if served_by(user, events):
        return Denied(
            _("You served in one of these events. Somebody else must invite for these days.")
        )
    return allowed
