"""Periods and schemes."""

from django.urls import URLPattern, path, re_path

from assessments.views import periods, schemes

_STEP = r"^periods/(?P<key>[0-9A-Z-]{4,7})/(?P<verb>review|approve|release|close)/$"

urlpatterns: list[URLPattern] = [
    path("periods/", periods.periods, name="periods"),
    path("periods/score/", periods.score, name="period_score"),
    path("periods/<str:key>/", periods.period, name="period"),
    path("periods/<str:key>/send-back/", periods.send_back, name="period_send_back"),
    re_path(_STEP, periods.step, name="period_step"),
    path("schemes/", schemes.schemes, name="schemes"),
    path("schemes/<str:code>/", schemes.scheme, name="scheme"),
]
