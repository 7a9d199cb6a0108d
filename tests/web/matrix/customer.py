"""Where customers answer, and where they are invited."""

from tests.web.matrix.rows import EVERYBODY, Row

_SURVEY = {"code": "AFTER-SALES"}
_NONE = {**_SURVEY, "pk": 1}
_WHO = {"executor", "admin"}

ROWS = (
    Row("privacy", EVERYBODY),
    Row("invitations", _WHO, kwargs=_SURVEY),
    Row("invitations_create", _WHO, kwargs=_SURVEY, method="post"),
    Row("invitations_remind", _WHO, kwargs=_SURVEY, method="post"),
    Row("invitation_poster", _WHO, kwargs=_SURVEY, method="post"),
    Row("invitation_reissue", _WHO, kwargs=_NONE, method="post"),
    Row("invitation_revoke", _WHO, kwargs=_NONE, method="post"),
)

EXEMPT = {
    "answer": "the token is the key: tests/surveys/test_answer_pages.py",
    "answer_stop": "the token is the key: tests/surveys/test_answer_pages.py",
}
