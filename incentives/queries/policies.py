"""Which policy holds when, and which wage rules hold where."""

from datetime import date

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from incentives.models import Jurisdiction, PolicyVersion

Status = PolicyVersion.Status


def version_on(day: date) -> PolicyVersion | None:
    """The version in force on a day: the active one with the latest effective date up to it.

    A period asks with its first day, so one that began earlier keeps the old version.
    """
    return (
        PolicyVersion.objects.filter(status=Status.ACTIVE, effective_from__lte=day)
        .select_related("policy")
        .order_by("-effective_from")
        .first()
    )


def newest(code: str) -> PolicyVersion:
    """The latest version of a policy, draft or active. Raises InvalidInput for an unknown code."""
    found = (
        PolicyVersion.objects.filter(policy__code=code)
        .exclude(status=Status.RETIRED)
        .select_related("policy")
        .order_by("-number")
        .first()
    )
    if found is None:
        raise InvalidInput(_("There is no policy %(code)s.") % {"code": code})
    return found


def jurisdiction_on(city: str, day: date) -> Jurisdiction | None:
    """The current wage rules of a city on a day; None where nobody has entered any."""
    return (
        Jurisdiction.objects.filter(city=city, effective_from__lte=day, superseded_at__isnull=True)
        .order_by("-effective_from")
        .first()
    )
