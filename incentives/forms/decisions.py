"""What deciders fill in: every reason is kept and shown to the person concerned."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import Form
from incentives.models import Appeal

_SEEN = {"required": _("Open the evidence and tick this first.")}


def _text(label: Any, *, required: bool = True, missing: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing} if missing else None,
    )


class ReasonForm(Form):
    """A step of an appeal with what is written to the appellant."""

    reason = _text(_("Reason, sent to the employee"), missing=_("Write the reason."))


class NoteForm(Form):
    """A step with words that may stay empty."""

    reason = _text(_("Note, kept in the file"), required=False)


class DryRunForm(Form):
    """Which claims are taken as supported."""

    claims = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, appeal: Appeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["claims"].choices = [  # type: ignore[attr-defined]
            (str(claim.pk), claim.label) for claim in appeal.claims.all()
        ]

    @property
    def ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["claims"]]


class DecideForm(Form):
    """The decision on an appeal, confirming the dry run the page showed."""

    confirm = forms.CharField(max_length=64, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        choices=Appeal.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the decision.")},
    )
    reason = _text(_("Reason, sent to the employee"), missing=_("A decision needs reasons."))
    seen = forms.BooleanField(
        label=_("I have opened the claims and the dry run."), error_messages=_SEEN
    )


class ApproveForm(Form):
    """Approve a proposal, confirming the hash the page showed."""

    confirm = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seen = forms.BooleanField(label=_("I have opened the evidence above."), error_messages=_SEEN)


class AwardForm(Form):
    """One award: approve or refuse, always with a reason."""

    award = forms.CharField(widget=forms.HiddenInput)
    verb = forms.ChoiceField(choices=[("approve", ""), ("reject", "")])
    reason = _text(
        _("Reason, kept and shown to the person"),
        missing=_("A decision on one award needs a reason."),
    )


class SimulateForm(Form):
    """Which past periods a policy is tried on."""

    periods = forms.MultipleChoiceField(
        label=_("Periods"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Name at least one period to simulate.")},
    )

    def __init__(self, *args: Any, keys: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["periods"].choices = list(keys)  # type: ignore[attr-defined]


class ActivateForm(Form):
    """The evidence an activation asks for, one field a key of the policy's checklist."""

    def __init__(
        self,
        *args: Any,
        required: Iterable[str],
        simulations: Iterable[tuple[str, str]],
        account: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._account = account
        self._lists = {"acknowledgements_or_exceptions"}
        for key in required:
            self.fields[key] = _evidence_field(key, list(simulations))
            if "class" not in self.fields[key].widget.attrs and key != "management_group_approval":
                self.fields[key].widget.attrs["class"] = "inp"

    def evidence(self) -> dict[str, Any]:
        """What the service takes: texts, a day as text, the account that approves."""
        found: dict[str, Any] = {}
        for key, value in self.cleaned_data.items():
            if key == "management_group_approval":
                found[key] = self._account if value else ""
            elif key in self._lists:
                found[key] = [line.strip() for line in value.splitlines() if line.strip()]
            elif key == "publication_date":
                found[key] = value.isoformat()
            else:
                found[key] = value
        return found


def _evidence_field(key: str, simulations: list[tuple[str, str]]) -> forms.Field:
    labels = {
        "consultation_record": _("Record of the consultation of staff"),
        "publication_date": _("Published on"),
        "acknowledgements_or_exceptions": _("Acknowledgements, or who is excepted (one a line)"),
        "impact_assessment_id": _("Number of the impact assessment"),
        "simulation": _("Simulation"),
        "management_group_approval": _("I approve for the management group"),
    }
    label = labels.get(key, key)
    if key == "publication_date":
        return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))
    if key == "acknowledgements_or_exceptions":
        return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 2}))
    if key == "simulation":
        return forms.ChoiceField(label=label, choices=simulations)
    if key == "management_group_approval":
        return forms.BooleanField(label=label)
    return forms.CharField(label=label, max_length=500)
