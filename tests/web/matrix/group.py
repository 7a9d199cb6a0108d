"""Pages of the management and the assessment group."""

from typing import Any

from tests.web.matrix.rows import LOGGED_IN, Row
from tests.web.site import Site

DECIDERS = {"group", "assessment"}
PERIODS = DECIDERS | {"hr", "admin"}
MONEY = DECIDERS | {"hr"}


def _month(site: Site) -> dict[str, Any]:
    """The last month that was scored."""
    ((key,),) = site.sql(
        "SELECT key FROM assessments_period WHERE kind = 'month' ORDER BY key DESC LIMIT 1"
    )
    return {"key": key}


def _step(site: Site) -> dict[str, Any]:
    return {**_month(site), "verb": "close"}


APPEAL = {"no": "AP-1999-001"}  # the demo company has no appeal: who may look finds none
POLICY = {"code": "POLICY-2026"}

ROWS = (
    Row("inbox", DECIDERS),
    Row("periods", PERIODS),
    Row("period", PERIODS, kwargs=_month),
    Row("period", PERIODS, kwargs={"key": "1999-01"}, case="unknown", status=404),
    Row("period_step", DECIDERS, kwargs=_step, method="post"),
    Row("period_send_back", DECIDERS, kwargs=_month, method="post"),
    Row("period_score", DECIDERS | {"admin"}, method="post"),
    Row("schemes", LOGGED_IN),
    Row("scheme", LOGGED_IN, kwargs={"code": "CS-2026"}),
    Row("appeals", MONEY),
    Row("appeal", MONEY, kwargs=APPEAL, status=404),
    Row("appeal_step", MONEY, kwargs={**APPEAL, "verb": "accept"}, method="post"),
    Row("appeal_dry_run", MONEY, kwargs=APPEAL, method="post"),
    Row("appeal_decide", MONEY, kwargs=APPEAL, method="post"),
    Row("proposals", MONEY),
    Row("proposal", MONEY, kwargs=_month),
    Row("proposal_propose", {"group", "admin"}, kwargs=_month, method="post"),
    Row("proposal_decide", {"group"}, kwargs=_month, method="post"),
    Row("proposal_award", {"group"}, kwargs=_month, method="post"),
    Row("policies", LOGGED_IN),
    Row("policy", LOGGED_IN, kwargs=POLICY),
    Row("policy_simulate", {"group", "admin"}, kwargs=POLICY, method="post"),
    Row("policy_activate", {"group"}, kwargs=POLICY, method="post"),
)
