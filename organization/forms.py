"""What is typed and uploaded on the pages of the organization."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import Form
from core.uploads import TablesField

_t = gettext_lazy


class Upload(Form):
    """Files of the roster or of attendance, and from which day the roster's changes hold."""

    kind = forms.ChoiceField(
        label=_t("What the file holds"),
        choices=[
            ("roster", _t("roster: employees and departments")),
            ("attendance", _t("attendance: days of a month")),
        ],
    )
    effective = forms.DateField(
        label=_t("Changes hold from"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_t(
            "Transfers and pay begin on this day; new people begin on their day of hiring."
        ),
    )
    chosen = TablesField(
        label=_t("File"),
        help_text=_t("CSV or XLSX, up to 20 MB; a workbook may hold both tables."),
    )


class CalendarCorrection(Form):
    """Whether people work on a day, and who says so."""

    day = forms.DateField(label=_t("Day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    working = forms.ChoiceField(
        label=_t("The day is"),
        choices=[("yes", _t("a working day")), ("no", _t("a day off"))],
        widget=forms.RadioSelect,
    )
    official = forms.BooleanField(
        label=_t("Announced by the State Council"), required=False, initial=True
    )
    reason = forms.CharField(
        label=_t("Reason or paper"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class Hours(Form):
    """Working hours of a day from a date on."""

    effective_from = forms.DateField(
        label=_t("Hold from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    morning = forms.CharField(label=_t("Morning"), initial="09:00-12:00", max_length=11)
    afternoon = forms.CharField(label=_t("Afternoon"), initial="13:30-18:00", max_length=11)

    def segments(self) -> list[list[str]]:
        """[["09:00", "12:00"], …], the empty ones left out."""
        texts = (self.cleaned_data["morning"], self.cleaned_data["afternoon"])
        return [text.replace("–", "-").split("-") for text in texts]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("morning", "afternoon"):
            text = str(data.get(name, "")).replace("–", "-")
            if name in data and len(text.split("-")) != 2:
                self.add_error(name, _("Write it as 09:00-12:00."))
        return data
