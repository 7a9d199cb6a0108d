"""Schemes as people read them; they are no secret inside the company."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments.models import SchemeVersion
from assessments.queries import schemes_shown as queries
from core.templatetags.ui import name


@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """Every scheme with its latest version."""
    rows = [
        {"version": version, "name": name(version.spec), "items": len(version.spec["items"])}
        for version in queries.latest_versions().values()
    ]
    return render(request, "assessments/schemes.html", {"rows": rows})


@require_safe
def scheme(request: HttpRequest, code: str) -> HttpResponse:
    """One version of a scheme: weights, curves, grades; `?version=` names an older one."""
    versions = list(
        SchemeVersion.objects.filter(scheme__code=code)
        .select_related("scheme", "approved_by__employee")
        .order_by("-number")
    )
    wanted = request.GET.get("version", "")
    found = next((one for one in versions if not wanted or str(one.number) == wanted), None)
    if found is None:
        raise Http404
    context = {"version": found, "versions": versions, **queries.shown(found)}
    return render(request, "assessments/scheme.html", context)
