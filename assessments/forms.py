"""What people fill in about periods."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import Form


class ConfirmForm(Form):
    """The hash the page showed, and that its evidence was opened: both are kept with the step."""

    confirm = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seen = forms.BooleanField(
        label=_("I have opened the evidence above."),
        error_messages={"required": _("Open the evidence and tick this first.")},
    )


class SendBackForm(Form):
    reason = forms.CharField(
        label=_("Reason, kept with the period"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why the period is sent back.")},
    )


class ScoreForm(Form):
    key = forms.CharField(
        label=_("Period to score"),
        max_length=7,
        help_text=_("2026-03, 2026-Q1 or 2026"),
        widget=forms.TextInput(attrs={"size": 8}),
    )
