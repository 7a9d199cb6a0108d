"""Results, appeals, awards: one's own for everybody who is an employee, others' by right."""

from tests.web.matrix.rows import LOGGED_IN, Row
from tests.web.site import Site

EVERYONE = LOGGED_IN  # every account of the demo company is a person's
OFFICES = {"group", "assessment", "hr", "analyst", "supervision"}


def latest(site: Site) -> dict[str, str]:
    """The newest month released to its people."""
    rows = site.sql(
        "SELECT key FROM assessments_period WHERE kind = 'month'"
        " AND status IN ('released', 'closed') ORDER BY last_day DESC LIMIT 1"
    )
    return {"key": rows[0][0]}


def of(employee_no: str):
    return lambda site: {"employee_no": employee_no, **latest(site)}


def appeal_of_nobody(site: Site) -> dict[str, str]:
    return {"no": "AP-1900-001"}


ROWS = (
    Row("my_scores", EVERYONE),
    Row("my_score", EVERYONE, kwargs=latest, refused=404),
    Row("my_score_seen", EVERYONE, kwargs=latest, method="post"),
    Row("my_awards", EVERYONE),
    Row("my_comments", EVERYONE),
    Row("my_appeals", EVERYONE),
    Row("my_appeal", frozenset(), kwargs=appeal_of_nobody, refused=404),
    # A person of the shop S01; the manager in the cast leads S03.
    Row("score", OFFICES | {"employee"}, kwargs=of("E0014"), refused=404, case="shop S01"),
    # The manager of S03 looking at the own result through the same address.
    Row("score", OFFICES | {"manager"}, kwargs=of("E0037"), refused=404, case="manager of S03"),
    Row("score_pack", OFFICES | {"employee"}, kwargs=of("E0014"), refused=404),
)

EXEMPT = {
    "my_score_pack": "as my_score, slow: tests/dashboards/test_employee_scores_pages.py",
    "appeal_new": "own results only: tests/dashboards/test_employee_appeals_pages.py",
    "my_appeal_answer": "own appeals only: tests/dashboards/test_employee_appeals_pages.py",
    "my_appeal_withdraw": "own appeals only: tests/dashboards/test_employee_appeals_pages.py",
    "appeal_file": "the appellant and the panel: tests/dashboards/test_employee_appeals_pages.py",
}
