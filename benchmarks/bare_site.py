"""The yardstick of the answer page: a form view that checks twelve marks and inserts a row."""

from __future__ import annotations

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path
from django.utils import timezone

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
