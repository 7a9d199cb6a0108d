"""The yardstick of the answer page: a Django form view that checks twelve marks and inserts a row.

A site by itself, with its own settings; gunicorn runs `benchmarks.bare_site:application`.
"""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from django import forms
from django.conf import settings

_PLACE = urlsplit(os.environ["DATABASE_URL"])

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    USE_TZ=True,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(_PLACE.path.lstrip("/")),
            "USER": unquote(_PLACE.username or ""),
            "PASSWORD": unquote(_PLACE.password or ""),
            "HOST": unquote(_PLACE.hostname or ""),
            "PORT": _PLACE.port or "",
            "CONN_MAX_AGE": 60,
        }
    },
)

import django  # noqa: E402 - the settings come first

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

QUESTIONS = 12
_PAGE = engines["django"].from_string(
    "<!doctype html><title>Survey</title><form method=post>{% csrf_token %}{{ form.as_p }}"
    "<button>Send</button></form>"
)


class BareAnswer(models.Model):
    """One row an answer, as the product stores it."""

    token = models.TextField(unique=True)
    answered_at = models.DateTimeField()
    marks = models.JSONField()

    class Meta:
        app_label = "bare"
        managed = False
        db_table = "bare_answers"

    def __str__(self) -> str:
        return self.token


_MARK = [(str(mark), str(mark)) for mark in range(1, 6)]
BareForm = type(
    "BareForm",
    (forms.Form,),
    {
        f"q_a{i:02d}": forms.ChoiceField(choices=_MARK, widget=forms.RadioSelect)
        for i in range(QUESTIONS)
    },
)


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The form; sent and sound, a row."""
    form = BareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        BareAnswer._default_manager.create(
            token=token, answered_at=timezone.now(), marks=form.cleaned_data
        )
        return HttpResponseRedirect("/done/")
    return HttpResponse(_PAGE.render({"form": form}, request))


urlpatterns = [path("s/<str:token>/", answer)]
application = WSGIHandler()
