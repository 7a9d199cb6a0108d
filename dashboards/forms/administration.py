"""Forms of the administration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from core.forms import Form
from core.templatetags.ui import name
from organization.models import Department, Look, Role

SCOPES: tuple[tuple[str, object], ...] = (
    ("events", _t("send service events")),
    ("responses", _t("send answers")),
    ("measurements", _t("send measurements of indicators")),
)


class DepartmentChoice(forms.ModelChoiceField):
    """A department with its place in the tree."""

    def label_from_instance(self, department: Department) -> str:
        depth = department.path.strip("/").count("/")
        return f"{'　' * depth}{name(department)} ({department.code})"


class GrantForm(Form):
    """A role, for the whole company or one department and those below it."""

    role = forms.ChoiceField(label=_t("Role"), choices=Role.choices)
    department = DepartmentChoice(
        label=_t("For"),
        queryset=Department.objects.filter(is_active=True).order_by("path"),
        required=False,
        empty_label=_t("the whole company"),
    )


class ReasonForm(Form):
    """Why: kept with the account."""

    reason = forms.CharField(label=_t("Reason (kept in the history)"), max_length=300)


class AccountForm(Form):
    """A new account for an employee."""

    username = forms.CharField(
        label=_t("Account name"), max_length=150, help_text=_t("Used to log in.")
    )
    roles = forms.MultipleChoiceField(
        label=_t("Roles"),
        choices=[choice for choice in Role.choices if choice[0] != Role.EMPLOYEE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_t("Everybody employed is an employee; heads of departments manage them."),
    )


class AccountFilter(Form):
    """The search above the list of accounts."""

    q = forms.CharField(label=_t("Name or number"), required=False)
    role = forms.ChoiceField(label=_t("Role"), required=False)
    state = forms.ChoiceField(label=_t("State"), required=False)

    def __init__(self, *args: Any, states: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("all")), *Role.choices]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("all")), *states]  # type: ignore[attr-defined]


class AuditFilter(Form):
    """The filter above the audit trail."""

    actor = forms.CharField(label=_t("Who (account or name)"), required=False)
    verb = forms.ChoiceField(label=_t("What was done"), required=False)
    object_type = forms.ChoiceField(label=_t("To what"), required=False)
    object_id = forms.CharField(label=_t("Its id"), required=False, max_length=100)
    since = forms.DateField(
        label=_t("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_t("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    channel = forms.ChoiceField(label=_t("By way of"), required=False)
    looked = forms.BooleanField(label=_t("Only who looked at pay and comments"), required=False)

    def __init__(
        self,
        *args: Any,
        verbs: list[tuple[str, str]],
        types: list[tuple[str, str]],
        channels: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("all"))]
        self.fields["verb"].choices = everything + verbs  # type: ignore[attr-defined]
        self.fields["object_type"].choices = everything + types  # type: ignore[attr-defined]
        self.fields["channel"].choices = everything + channels  # type: ignore[attr-defined]


class LookFilter(Form):
    """The filter above the access log."""

    reader = forms.CharField(label=_t("Who looked (account or name)"), required=False)
    person = forms.CharField(label=_t("At whom (number or name)"), required=False)
    kind = forms.ChoiceField(label=_t("At what"), required=False)
    since = forms.DateField(
        label=_t("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_t("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("all")), *Look.Kind.choices]  # type: ignore[attr-defined]


class ClientForm(Form):
    """A system that may call the API."""

    name = forms.CharField(label=_t("Name of the system"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_t("What it may do"), choices=SCOPES, widget=forms.CheckboxSelectMultiple
    )


class ErasureForm(Form):
    """Why a customer is erased. The words stay in the audit trail, so they name nobody."""

    reason = forms.CharField(
        label=_t("Reason (kept in the audit trail)"),
        max_length=300,
        help_text=_t(
            "For example: asked for by letter of 3 March. No names, numbers or addresses."
        ),
    )


class HandOverForm(Form):
    """The file a customer gets."""

    format = forms.ChoiceField(
        label=_t("File"),
        choices=[("xlsx", _t("Workbook (Excel)")), ("json", _t("JSON, for other systems"))],
    )
    language = forms.ChoiceField(label=_t("Language"), choices=settings.LANGUAGES)
