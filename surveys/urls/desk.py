"""The survey desk: surveys, answers, cleaning review, analysis, questionnaires."""

from django.urls import URLPattern, path

from surveys.urls import codes  # noqa: F401 - registers the converter
from surveys.views import analysis, desk, questionnaires, responses, review

urlpatterns: list[URLPattern] = [
    path("surveys/", desk.surveys, name="surveys"),
    path("surveys/<survey:code>/", desk.survey, name="survey"),
    path("surveys/<survey:code>/close/", desk.survey_close, name="survey_close"),
    path("surveys/<survey:code>/clean/", desk.survey_clean, name="survey_clean"),
    path("surveys/<survey:code>/verdicts/", desk.survey_verdicts, name="survey_verdicts"),
    path("surveys/<survey:code>/review/", review.survey_review, name="survey_review"),
    path("surveys/<survey:code>/responses/", responses.survey_responses, name="survey_responses"),
    path("responses/<path:response_no>/", responses.response, name="response"),
    path("review/", review.review_queue, name="review_queue"),
    path("surveys/<survey:code>/analysis/", analysis.survey_analysis, name="survey_analysis"),
    path(
        "surveys/<survey:code>/analysis/export/",
        analysis.survey_analysis_export,
        name="survey_analysis_export",
    ),
    path("analysis/", analysis.analysis, name="analysis"),
    path("questionnaires/", questionnaires.questionnaires, name="questionnaires"),
    path(
        "questionnaires/<str:code>/<int:version>/",
        questionnaires.questionnaire,
        name="questionnaire",
    ),
]
