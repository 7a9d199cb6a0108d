"""Departments, people, comments. The account "manager" leads the shop S03."""

from tests.web.matrix.rows import Row

_OFFICES = {"group", "assessment", "hr", "admin", "analyst", "supervision"}
_ALL = _OFFICES | {"manager"}

ROWS = (
    Row("dashboard", _ALL, status=302),
    Row("department", _ALL, kwargs={"code": "S03"}, case="own department"),
    Row("department", _OFFICES, kwargs={"code": "S01"}, case="other", exceptions={"manager": 404}),
    Row("department_export", _ALL, kwargs={"code": "S03"}, case="own department"),
    Row(
        "department_export",
        _OFFICES,
        kwargs={"code": "S01"},
        case="other",
        exceptions={"manager": 404},
    ),
    Row("people", _ALL),
    # The administrator of the demo company leads the department IT and reads what is about it.
    Row("comments", _ALL - {"hr"}),
)
