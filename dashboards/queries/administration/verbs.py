"""What the verbs of the audit trail read like."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _t

VERBS: dict[str, object] = {
    "api_client.created": _t("created an API client"),
    "api_client.revoked": _t("revoked an API client"),
    "appeal.submitted": _t("submitted an appeal"),
    "attendance.imported": _t("imported attendance"),
    "audit.check_started": _t("started a check of the audit chain"),
    "audit.exported": _t("exported the audit trail"),
    "award.added": _t("added an award"),
    "award.approved": _t("approved an award"),
    "award.rejected": _t("rejected an award"),
    "calendar.corrected": _t("corrected the working calendar"),
    "consent.given": _t("noted a consent"),
    "consent.withdrawn": _t("noted a withdrawn consent"),
    "customer.refused_contact": _t("noted that a customer refuses contact"),
    "customer.took_back_refusal": _t("noted that a customer allows contact again"),
    "data.locked": _t("locked the data of a period"),
    "data.unlocked": _t("unlocked the data of a period"),
    "department.moved": _t("moved a department"),
    "event.reattributed": _t("attributed a service event to somebody else"),
    "events.imported": _t("imported service events"),
    "incentives.decided": _t("decided awards and pay"),
    "incentives.proposed": _t("proposed awards and pay"),
    "indicator.defined": _t("defined an indicator"),
    "job.retried": _t("started a failed job again"),
    "jurisdiction.imported": _t("imported legal parameters"),
    "ledger.posted": _t("posted to the ledger"),
    "login.failed": _t("failed to log in"),
    "login.succeeded": _t("logged in"),
    "measurements.taken": _t("took in measurements"),
    "payroll.handed_out": _t("handed out a payroll file"),
    "payroll.lineage_seen": _t("looked at where a payment comes from"),
    "performance_pay.corrected": _t("corrected performance pay"),
    "policy.activated": _t("put a policy into force"),
    "policy.imported": _t("imported a policy"),
    "policy.simulated": _t("simulated a policy"),
    "questionnaire.imported": _t("imported a questionnaire"),
    "questionnaire.published": _t("published a questionnaire"),
    "recovery.recorded": _t("recorded a recovery of loss"),
    "response.reattributed": _t("attributed an answer to somebody else"),
    "responses.stored": _t("stored answers"),
    "role.ended": _t("ended a role"),
    "role.given": _t("gave a role"),
    "rollups.rebuilt": _t("rebuilt the sums"),
    "roster.imported": _t("imported the roster"),
    "rule_set.approved": _t("approved cleaning rules"),
    "scheme.approved": _t("approved a scheme"),
    "scorecard.revised": _t("revised a scorecard"),
    "scoring.discarded": _t("discarded a scoring"),
    "survey.cleaned": _t("cleaned the answers of a survey"),
    "survey.closed": _t("closed a survey"),
    "survey.opened": _t("opened a survey"),
    "user.created": _t("created an account"),
    "user.deactivated": _t("closed an account"),
    "user.linked": _t("linked a company login"),
    "user.password_changed": _t("changed a password"),
    "user.password_link_sent": _t("sent a link to set a password"),
    "user.reactivated": _t("opened an account again"),
    "user.second_factor_reset": _t("removed a second factor"),
    "user.sessions_ended": _t("ended all sessions of an account"),
    "user.unlocked": _t("allowed logins again"),
    "wage_components.imported": _t("imported parts of pay"),
    "working_hours.set": _t("set the working hours"),
}

LOOKED = (
    "payroll.lineage_seen",
    "payroll.handed_out",
    "pay.seen",
    "comments.seen",
    "comment.seen",
    "employee_file.seen",
)
"""Verbs that say who looked at pay and comments; those no page writes yet find nothing."""

FIELDS: dict[str, object] = {
    "role": _t("role"),
    "department": _t("department"),
    "reason": _t("reason"),
    "scopes": _t("scopes"),
    "employee_id": _t("employee"),
    "links": _t("links"),
    "rows": _t("rows"),
    "filter": _t("filter"),
    "kinds": _t("parts"),
    "kind": _t("kind"),
    "key": _t("period"),
    "amount": _t("amount"),
    "count": _t("number"),
    "before": _t("before"),
    "after": _t("after"),
}


def reads(verb: str) -> str:
    """The verb as part of a sentence after the actor's name; unknown ones as they are written."""
    return str(VERBS.get(verb, verb.replace(".", ": ").replace("_", " ")))
