"""What HR and the approver type about a payroll batch."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import Form


class Receipt(Form):
    """What the payroll system says it took over."""

    lines = forms.IntegerField(label=_("Lines taken over"), min_value=0)
    total = forms.DecimalField(
        label=_("Net total, CNY"),
        max_digits=14,
        decimal_places=2,
        help_text=_("Additions less deductions, as the payroll system shows it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class SendBack(Form):
    """Why a batch is taken back; kept with it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It is kept with the batch; its entries are free again."),
    )
