"""A pay profile from a day on."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.forms import Form
from organization.models import Employee


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class NewProfile(Form):
    """Monthly amounts in CNY that hold from a day on, and why, for one of these people."""

    employee = forms.ModelChoiceField(
        label=_("Employee number"),
        queryset=Employee.objects.none(),
        to_field_name="employee_no",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid_choice": _("There is no employee of this number.")},
    )
    starts_on = forms.DateField(
        label=_("Holds from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    base_wage = _amount(_("Base wage, CNY a month"))
    performance_pay = _amount(_("Full performance pay, CNY a month"))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, people: QuerySet[Employee], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = people  # type: ignore[attr-defined]
