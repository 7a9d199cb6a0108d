"""What an appellant fills in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from core.forms import Form
from incentives.models.appeals import EVIDENCE_FILES, EVIDENCE_LIMIT
from incentives.services.appeals import Objection

ACCEPT = ".pdf,.jpg,.jpeg,.png,.txt,.docx,.xlsx,.mp3,.wav"


class Files(forms.ClearableFileInput):
    """An input that takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; the value is a list."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        listed = data if isinstance(data, list | tuple) else [data] if data else []
        found = [super(FilesField, self).clean(one, initial) for one in listed]
        if len(found) > EVIDENCE_FILES:
            raise forms.ValidationError(
                _("An appeal has at most %(n)d files."), params={"n": EVIDENCE_FILES}
            )
        for one in found:
            if one.size > EVIDENCE_LIMIT:
                raise forms.ValidationError(
                    _("%(name)s is larger than 10 MB."), params={"name": one.name}
                )
        return found


def _files() -> FilesField:
    return FilesField(
        label=_("Evidence"),
        required=False,
        help_text=_(
            "JPG, PNG, PDF, text, Word, Excel or sound; up to 5 files of 10 MB each. Only you and"
            " the appeals panel can open them."
        ),
        widget=Files(attrs={"accept": ACCEPT}),
    )


class AppealForm(Form):
    """An appeal; nothing is required before it is submitted, so that a draft can be saved."""

    responses = forms.MultipleChoiceField(
        label=_("Responses you object to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: the appeal is against the whole result."),
    )
    reason = forms.CharField(
        label=_("What is wrong, and how you know"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    request = forms.CharField(
        label=_("What you ask for"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For instance: leave the response out; attribute it to a colleague."),
    )
    late_reason = forms.CharField(
        label=_("Why the appeal comes late"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    files = _files()  # type: ignore[assignment]  # BaseForm.files is what was uploaded

    def __init__(
        self, *args: Any, choices: Sequence[tuple[str, str]], late: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responses"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["responses"]
        if not late:
            del self.fields["late_reason"]

    def objection(self) -> Objection:
        """What was written, complete or not."""
        values = self.cleaned_data
        return Objection(
            reason=values.get("reason", ""),
            request=values.get("request", ""),
            responses=values.get("responses", ()),
            late_reason=values.get("late_reason", ""),
        )


class AnswerForm(Form):
    """What the panel asked for."""

    text = forms.CharField(
        label=_("Your answer"), max_length=8000, widget=forms.Textarea(attrs={"rows": 5})
    )
    files = _files()  # type: ignore[assignment]  # BaseForm.files is what was uploaded


class WithdrawForm(Form):
    """Taking an appeal back."""

    reason = forms.CharField(
        label=_("Why (not required)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
