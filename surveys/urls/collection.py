"""Where customers answer, and the invitations that bring them there."""

from django.urls import URLPattern, path

from surveys.collection.views import answer, desk, rights
from surveys.urls import codes  # noqa: F401 - registers the converter

_SURVEY = "surveys/<survey:code>/invitations/"

urlpatterns: list[URLPattern] = [
    path("s/<str:token>/", answer.answer, name="answer"),
    path("s/<str:token>/stop/", rights.stop, name="answer_stop"),
    path("privacy/", rights.privacy, name="privacy"),
    path(_SURVEY, desk.invitations, name="invitations"),
    path(f"{_SURVEY}create/", desk.create, name="invitations_create"),
    path(f"{_SURVEY}remind/", desk.remind, name="invitations_remind"),
    path(f"{_SURVEY}poster/", desk.poster, name="invitation_poster"),
    path(f"{_SURVEY}<int:pk>/reissue/", desk.reissue, name="invitation_reissue"),
    path(f"{_SURVEY}<int:pk>/revoke/", desk.revoke, name="invitation_revoke"),
]
