"""Whom the survey desk lets in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core.models import User
from core.permissions import require
from surveys.models import Survey
from surveys.permissions import may_open_desk

View = Callable[..., HttpResponse]


def desk(view: View) -> View:
    """Only for those who run, analyse, supervise or decide on surveys; others get the reason."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(may_open_desk(account(request)))
        return view(request, *args, **kwargs)

    return checked


def account(request: HttpRequest) -> User:
    """The account that is logged in: the middleware lets nobody else pass."""
    assert isinstance(request.user, User)
    return request.user


def survey_of(code: str) -> Survey:
    rows = Survey.objects.select_related("version__questionnaire", "rule_set")
    return get_object_or_404(rows, code=code)
