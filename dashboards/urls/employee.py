"""What an employee sees of the own results; the same page for those who may see others'."""

from django.urls import URLPattern, path

from dashboards.views.employee import appeals, packs, record, scores

urlpatterns: list[URLPattern] = [
    path("my/scores/", scores.my_scores, name="my_scores"),
    path("my/scores/<str:key>/", scores.my_score, name="my_score"),
    path("my/scores/<str:key>/seen/", scores.acknowledge, name="my_score_seen"),
    path("my/scores/<str:key>/explanation.pdf", packs.my_score_pack, name="my_score_pack"),
    path("my/scores/<str:key>/appeal/", appeals.appeal_new, name="appeal_new"),
    path("my/awards/", record.my_awards, name="my_awards"),
    path("my/comments/", record.my_comments, name="my_comments"),
    path("my/appeals/", appeals.my_appeals, name="my_appeals"),
    path("my/appeals/<str:no>/", appeals.my_appeal, name="my_appeal"),
    path("my/appeals/<str:no>/answer/", appeals.answer, name="my_appeal_answer"),
    path("my/appeals/<str:no>/withdraw/", appeals.withdraw, name="my_appeal_withdraw"),
    path("appeal-files/<str:no>/<int:pk>/", appeals.appeal_file, name="appeal_file"),
    path("people/<path:employee_no>/scores/<str:key>/", scores.score, name="score"),
    path(
        "people/<path:employee_no>/scores/<str:key>/explanation.pdf",
        packs.score_pack,
        name="score_pack",
    ),
]
