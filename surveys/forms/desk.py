"""Filters of lists, and verdicts with their reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import Form
from surveys.cleaning.queries.words import check_title
from surveys.cleaning.rules.catalogue import CATALOGUE
from surveys.models import Judgement, Survey
from surveys.models.reasons import REASONS, coded
from surveys.models.responses import Channel
from surveys.queries.responses import Filters

_t = gettext_lazy

OTHER = "other"


class SurveyFilter(Form):
    q = forms.CharField(
        label=_t("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    status = forms.ChoiceField(
        label=_t("State"),
        required=False,
        choices=[
            ("", _t("All")),
            (Survey.Status.OPEN, _t("in the field")),
            (Survey.Status.CLOSED, _t("survey closed")),
        ],
    )


class ResponseFilter(Form):
    q = forms.CharField(
        label=_t("Response number"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    verdict = forms.ChoiceField(
        label=_t("Cleaning verdict"),
        required=False,
        choices=[
            ("", _t("All")),
            (Judgement.COUNTED, _t("counted")),
            (Judgement.REVIEW, _t("waiting for review")),
            (Judgement.EXCLUDED, _t("excluded")),
        ],
    )
    check = forms.ChoiceField(label=_t("Check"), required=False)
    department = forms.ChoiceField(label=_t("Department"), required=False)
    channel = forms.ChoiceField(
        label=_t("Channel"), required=False, choices=[("", _t("All")), *Channel.choices]
    )
    first = forms.DateField(
        label=_t("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=_t("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, departments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("All"))
        self.fields["check"].choices = [  # type: ignore[attr-defined]
            everything,
            *((code, check_title(code)) for code in CATALOGUE),
        ]
        self.fields["department"].choices = [everything, *departments]  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """What was asked for; a value that makes no sense narrows nothing."""
        self.is_valid()
        data = self.cleaned_data
        return Filters(
            words=data.get("q", ""),
            verdict=data.get("verdict", ""),
            check=data.get("check", ""),
            department=data.get("department", ""),
            channel=data.get("channel", ""),
            first=data.get("first"),
            last=data.get("last"),
        )


class VerdictForm(Form):
    """A verdict with the reason that is kept and shown to the person concerned."""

    verdict = forms.ChoiceField(
        label=_t("Cleaning verdict"), choices=Judgement.choices[:1] + Judgement.choices[2:]
    )
    whole = forms.BooleanField(label=_t("The whole group"), required=False)
    reason = forms.ChoiceField(label=_t("Reason"))
    note = forms.CharField(
        label=_t("Note (the person concerned will read it)"), required=False, max_length=500
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a reason")),
            (_("Count"), list(REASONS[Judgement.COUNTED].items())),
            (_("Exclude"), list(REASONS[Judgement.EXCLUDED].items())),
            (OTHER, _("Another reason, in the note")),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        reason, verdict = data.get("reason"), data.get("verdict")
        if reason == OTHER and not (data.get("note") or "").strip():
            self.add_error("note", _("Write the reason here."))
        if reason and verdict and reason != OTHER and reason not in REASONS[verdict]:
            self.add_error("reason", _("This reason does not belong to the verdict you chose."))
        return data

    def words(self) -> str:
        """The reason as it is kept."""
        reason, note = self.cleaned_data["reason"], self.cleaned_data["note"].strip()
        return str(note) if reason == OTHER else coded(reason, note)
