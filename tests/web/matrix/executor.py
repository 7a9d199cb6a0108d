"""The survey desk: surveys, answers, cleaning review, analysis, questionnaires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.web.matrix.rows import Row
from tests.web.site import Site

DESK = frozenset({"executor", "analyst", "supervision", "assessment", "group", "admin"})
RUNNERS = frozenset({"executor", "analyst", "admin"})

SURVEY = {"code": "SALES-DELIVERY"}


def _response(site: Site) -> Mapping[str, Any]:
    """The first answer of the survey: it is about people of a shop, none of whom is of the desk."""
    ((number,),) = site.sql(
        "SELECT r.response_no FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id "
        "WHERE s.code = %s ORDER BY r.id LIMIT 1",
        SURVEY["code"],
    )
    return {"response_no": number}


ROWS = (
    Row("surveys", DESK),
    Row("survey", DESK, kwargs=SURVEY),
    Row("survey_responses", DESK, kwargs=SURVEY),
    Row("response", DESK, kwargs=_response),
    Row("review_queue", DESK),
    Row("survey_review", DESK, kwargs=SURVEY),
    Row("survey_review", DESK, kwargs=SURVEY, method="post"),
    Row("analysis", DESK),
    Row("survey_analysis", DESK, kwargs=SURVEY),
    Row("questionnaires", DESK),
    Row("questionnaire", DESK, kwargs={"code": "SALES-DELIVERY", "version": 1}),
    Row("survey_close", RUNNERS, kwargs=SURVEY, method="post"),
    Row("survey_clean", RUNNERS, kwargs=SURVEY, method="post"),
    Row("survey_verdicts", DESK, kwargs=SURVEY, method="post"),
    Row("survey_analysis_export", DESK, kwargs=SURVEY, method="post"),
)
