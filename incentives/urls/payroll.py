"""Month close, batches, lines and their lineage, ledger, corrections, pay settings."""

from django.urls import URLPattern, path

from incentives.views import ledger, pay_settings, payroll

_BATCH = "payroll/batches/<str:batch_no>"

urlpatterns: list[URLPattern] = [
    path("payroll/", payroll.month_close, name="month_close"),
    path("payroll/build/", payroll.month_build, name="month_build"),
    path(f"{_BATCH}/", payroll.payroll_batch, name="payroll_batch"),
    path(f"{_BATCH}/lines/<int:line_no>/", payroll.payroll_line, name="payroll_line"),
    path(f"{_BATCH}/validate/", payroll.batch_step, {"step": "validate"}, name="payroll_validate"),
    path(f"{_BATCH}/approve/", payroll.batch_step, {"step": "approve"}, name="payroll_approve"),
    path(f"{_BATCH}/generate/", payroll.batch_step, {"step": "generate"}, name="payroll_generate"),
    path(f"{_BATCH}/close/", payroll.batch_step, {"step": "close"}, name="payroll_close"),
    path(f"{_BATCH}/reject/", payroll.batch_reject, name="payroll_reject"),
    path(f"{_BATCH}/acknowledge/", payroll.batch_acknowledge, name="payroll_acknowledge"),
    path(f"{_BATCH}/workbook/", payroll.batch_workbook, name="payroll_workbook"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.ledger_export, name="ledger_export"),
    path("ledger/verify/", ledger.ledger_verify, name="ledger_verify"),
    path("corrections/", ledger.corrections, name="corrections"),
    path("pay-settings/", pay_settings.pay_settings, name="pay_settings"),
    path("pay-settings/profile/", pay_settings.new_profile, name="pay_profile_new"),
]
