"""A file of figures, and of which survey its answers are."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import Form
from core.uploads import TablesField


class DataFile(Form):
    """The files; with `surveys` (their codes) the survey they belong to as well."""

    survey = forms.ChoiceField(label=_("Survey"))
    chosen = TablesField(label=_("File"), help_text=_("CSV or XLSX, up to 20 MB."))

    def __init__(self, surveys: list[str] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.surveys = surveys or []
        if surveys is None:
            del self.fields["survey"]
        else:
            choices = [(code, code) for code in surveys]
            self.fields["survey"].choices = choices  # type: ignore[attr-defined]
