from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"

    def ready(self) -> None:
        from assessments.queries.closing import keep_open
        from core import jobs, metrics
        from core.notifications import describe
        from incentives.queries.entries import VERIFY_KIND
        from incentives.queries.filing import appeals_run
        from incentives.services.checking import LedgerCheck

        jobs.register(VERIFY_KIND, LedgerCheck())
        keep_open("appeals", appeals_run)
        for verb, text in NOTICES.items():
            describe(verb, text)
        metrics.clock("appeals_overdue", "Appeals whose deadline has passed.", _overdue)


def _overdue() -> int:
    from django.utils import timezone

    from incentives.models import Appeal

    return Appeal.objects.filter(due_at__lte=timezone.now()).count()


NOTICES = {
    "award.approved": _("You have won the award %(award)s."),
    "appeal.submitted": _("Appeal %(no)s was submitted."),
    "appeal.answered": _("The question about appeal %(no)s was answered."),
    "appeal.accepted": _("Your appeal %(no)s is accepted and will be looked into."),
    "appeal.returned": _("Your appeal %(no)s lacks something; please complete it."),
    "appeal.inadmissible": _("Your appeal %(no)s is not admissible; the reason is with it."),
    "appeal.extended": _("Your appeal %(no)s takes longer to look into; the reason is with it."),
    "appeal.decided": _("Your appeal %(no)s is decided; the reasons are with it."),
    "appeal.executed": _("The decision on your appeal %(no)s has been carried out."),
    "appeal.escalated": _("Appeal %(no)s has missed its deadline and needs you."),
    "recovery.recorded": _("A recovery from your pay, %(no)s, was recorded."),
    "recovery.to_hr": _("Of %(no)s %(rest)s is left and the person has left: please decide."),
    "payroll.validated": _("Payroll batch %(batch_no)s waits for approval."),
    "payroll.approved": _("Payroll batch %(batch_no)s is approved."),
    "payroll.rejected": _("Payroll batch %(batch_no)s was rejected; the reason is with it."),
}
