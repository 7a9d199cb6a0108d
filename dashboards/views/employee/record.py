"""Own awards and pay, and what customers said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.queries.employee import record
from dashboards.views.employee.scores import own_sight


@require_safe
def my_awards(request: HttpRequest) -> HttpResponse:
    """Awards decided about the person, and every amount by month."""
    context = record.awards_of(own_sight(request))
    return render(request, "dashboards/employee/awards.html", context)


@require_safe
def my_comments(request: HttpRequest) -> HttpResponse:
    """What customers wrote, without names."""
    context = record.comments_of(own_sight(request))
    return render(request, "dashboards/employee/comments.html", context)
