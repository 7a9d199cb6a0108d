"""Forms of the invitations page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.forms import Form
from core.models import User
from organization.models import Department
from organization.queries import departments_held, has_role
from surveys.collection.queries.plan import INVITERS, valid_days_of
from surveys.collection.services.inviting import LONGEST_VALID_DAYS
from surveys.models import Invitation, Survey

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class InviteForm(Form):
    """Which services are asked about, and how the link gets to the customer."""

    first = forms.DateField(label=_("Services from"), widget=_DAY)
    last = forms.DateField(label=_("to"), widget=_DAY)
    channel = forms.ChoiceField(label=_("Way"), choices=Invitation.Channel.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    valid_days = forms.IntegerField(
        label=_("Valid for (days)"), min_value=1, max_value=LONGEST_VALID_DAYS
    )

    def __init__(self, survey: Survey, today: date, data: Any = None) -> None:
        start = {
            "first": (today - timedelta(days=7)).isoformat(),
            "last": today.isoformat(),
            "channel": Invitation.Channel.EMAIL,
            "language": "zh-hans",
            "valid_days": valid_days_of(survey),
        }
        given = {key: data.get(key) for key in start if data and data.get(key)} if data else {}
        super().__init__({**start, **given})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day lies before the first."))
        elif first and last and (last - first).days > 366:
            self.add_error("last", _("Choose at most a year."))
        return cleaned


class PosterForm(Form):
    """A poster for a shop the user may invite for; one for the whole company by who may for all of
    it."""

    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.none(), required=False
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, anonymous: bool, user: User, data: Any = None) -> None:
        super().__init__(data)
        if anonymous:
            del self.fields["department"]
        else:
            field = self.fields["department"]
            held = departments_held(user, *INVITERS)
            field.queryset = held.filter(is_active=True).order_by("code")  # type: ignore[attr-defined]
            field.required = not has_role(user, *INVITERS)
            if not field.required:
                field.empty_label = _("Whole company")  # type: ignore[attr-defined]
            field.label_from_instance = _label  # type: ignore[attr-defined]


def _label(department: Department) -> str:
    from core.templatetags.ui import name

    return f"{department.code} {name(department)}"
