"""What a role given for one shop, S01, opens of what it opens for the whole company.

An address of the matrix that stands nowhere here is of the whole company: every role of a part is
refused there as somebody without the role is. The roles are those that the matrix allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.web.matrix.employee import latest
from tests.web.matrix.executor import DESK, SURVEY
from tests.web.matrix.group import MONEY
from tests.web.matrix.hr import PAY
from tests.web.matrix.rows import Row
from tests.web.site import Site

ROLES = (*("group", "assessment", "hr", "admin", "analyst", "executor", "supervision", "handler"),)
OWN, OTHER = "S01", "S03"
HEADS = frozenset({"group", "assessment", "hr", "admin", "analyst", "supervision"})
ABOUT = frozenset({"group", "assessment", "hr", "analyst", "supervision"})
INVITERS = frozenset({"executor", "admin"})

# Lists that show the part alone, and what belongs to nobody: addresses of the matrix.
SHARED = frozenset(
    {
        *("invitations", "invitations_create", "invitations_remind", "invitation_poster"),
        *("surveys", "survey", "survey_responses", "review_queue", "survey_review", "analysis"),
        *("survey_analysis", "questionnaires", "questionnaire", "survey_verdicts"),
        *("survey_analysis_export", "inbox", "appeals", "employees", "pay_settings"),
        *("pay_profile_new", "dashboard", "people"),
    }
)
# The same for files of some kinds: who may bring them in for a part finds its rows there.
SHARED_ROWS = frozenset(
    f"{name}-{kind}"
    for name in ("data_file-get", "data_files_preview-post", "data_files_confirm-post")
    for kind in ("events", "measurements")
)
# Here the matrix' administrator has a page as the head of a department, not by the role.
HEADED = {
    "comments": frozenset({"group", "assessment", "analyst", "supervision"}),
    # An analyst brings in answers, which are of the whole company, and nothing else.
    "data_files": frozenset(ROLES) - {"analyst"},
}
# Addresses of one thing, which may be of the part or of another: tried by the rows below.
THINGS = frozenset(
    {
        *("response", "department", "department_export", "score", "score_pack", "employee_file"),
        *("payroll_line", "appeal", "appeal_step", "appeal_dry_run", "appeal_decide"),
        *("invitation_reissue", "invitation_revoke"),
    }
)

_SHOP_OF = """(SELECT d.code FROM organization_placement p
    JOIN organization_department d ON d.id = p.department_id
    WHERE p.employee_id = e.id ORDER BY p.starts_on DESC LIMIT 1)"""


def _one(statement: str, *names: str) -> Callable[[str], Callable[[Site], Mapping[str, Any]]]:
    """shop -> the first row of the statement, as arguments of these names."""

    def of(shop: str) -> Callable[[Site], Mapping[str, Any]]:
        return lambda site: dict(zip(names, site.sql(statement, shop)[0], strict=True))

    return of


_response = _one(
    "SELECT r.response_no FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id "
    "JOIN organization_department d ON d.id = r.department_id "
    f"WHERE s.code = '{SURVEY['code']}' AND d.code = %s ORDER BY r.id LIMIT 1",
    "response_no",
)
_person = _one(
    f"SELECT e.employee_no FROM organization_employee e WHERE {_SHOP_OF} = %s"
    " ORDER BY e.employee_no LIMIT 1",
    "employee_no",
)
_line = _one(
    "SELECT b.batch_no, l.line_no FROM incentives_payrollline l"
    " JOIN incentives_payrollbatch b ON b.id = l.batch_id"
    f" JOIN organization_employee e ON e.id = l.employee_id WHERE l.live AND {_SHOP_OF} = %s"
    " ORDER BY b.month DESC, l.line_no LIMIT 1",
    "batch_no",
    "line_no",
)
_appeal = _one(
    "SELECT a.appeal_no FROM incentives_appeal a"
    " JOIN organization_employee e ON e.id = a.employee_id"
    f" WHERE a.state <> 'draft' AND ({_SHOP_OF} = '{OWN}') = (%s = '{OWN}')"
    " ORDER BY a.appeal_no LIMIT 1",
    "no",
)
_invitation = _one(
    "SELECT s.code, i.id FROM surveys_invitation i JOIN surveys_survey s ON s.id = i.survey_id"
    " JOIN customers_serviceevent v ON v.id = i.event_id"
    " JOIN organization_department d ON d.id = v.department_id"
    " WHERE d.code = %s ORDER BY i.id LIMIT 1",
    "code",
    "pk",
)


def _score(shop: str) -> Callable[[Site], Mapping[str, Any]]:
    return lambda site: {**_person(shop)(site), **latest(site)}


def _step(shop: str) -> Callable[[Site], Mapping[str, Any]]:
    return lambda site: {**_appeal(shop)(site), "verb": "accept"}


def _own_and_other(
    url_name: str,
    allowed: frozenset[str] | set[str],
    kwargs: Callable[[str], Any],
    method: str = "get",
    refused: int = 403,
) -> tuple[Row, Row]:
    """Of the part: as for the whole company. Of another: not there."""
    nobody: frozenset[str] = frozenset()
    return (
        Row(url_name, allowed, refused, kwargs=kwargs(OWN), case="own department", method=method),
        Row(url_name, nobody, 404, kwargs=kwargs(OTHER), case="other department", method=method,
            exceptions={role: refused for role in ROLES if role not in allowed}),
    )  # fmt: skip


ROWS_OF_PARTS: tuple[Row, ...] = (
    *_own_and_other("response", DESK, _response),
    *_own_and_other("response", DESK, _response, "post"),
    *_own_and_other("department", HEADS, lambda shop: {"code": shop}),
    *_own_and_other("department_export", HEADS, lambda shop: {"code": shop}),
    *_own_and_other("score", ABOUT, _score, refused=404),
    _own_and_other("score_pack", ABOUT, _score, refused=404)[1],  # the own one: slow, as "score"
    *_own_and_other("employee_file", PAY, _person),
    *_own_and_other("payroll_line", PAY, _line, refused=404),
    *_own_and_other("appeal", MONEY, _appeal),
    *_own_and_other("appeal_step", MONEY, _step, "post"),
    *_own_and_other("appeal_dry_run", MONEY, _appeal, "post"),
    *_own_and_other("appeal_decide", MONEY, _appeal, "post"),
    *_own_and_other("invitation_reissue", INVITERS, _invitation, "post"),
    *_own_and_other("invitation_revoke", INVITERS, _invitation, "post"),
)
