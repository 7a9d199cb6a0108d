"""Forms whose inputs look and speak like the style sheet."""

from __future__ import annotations

from typing import Any

from django import forms


class Styled:
    """Mixin of every form of a staff page: the class of inputs, and errors named for readers."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            plain = not isinstance(
                widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple
            )
            if plain and not widget.is_hidden:
                widget.attrs.setdefault("class", "inp")


class Form(Styled, forms.Form):
    """A plain form in the product's look."""


class ModelForm(Styled, forms.ModelForm):
    """A form of a model in the product's look."""
