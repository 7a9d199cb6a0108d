"""What customers wrote about the departments an account answers for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.models import User
from core.pages import paged
from core.permissions import require
from dashboards.permissions.manager import COMMENTS, departments_open_to, may_read_comments
from dashboards.queries.manager import comments as queries
from dashboards.services.reading import record_comments_read
from surveys.models import Survey
from surveys.queries.comments import MOST


@require_safe
def comments(request: HttpRequest) -> HttpResponse:
    """Comments by filter; whoever reads them is recorded."""
    user: User = request.user  # type: ignore[assignment]
    require(may_read_comments(user))
    departments = list(departments_open_to(user, COMMENTS))
    today = timezone.localdate()
    asked = queries.Asked(
        period=request.GET.get("period", ""),
        department=request.GET.get("department", ""),
        survey=request.GET.get("survey", ""),
        band=request.GET.get("band", ""),
        search=request.GET.get("q", "").strip()[:100],
    )
    found = queries.find(departments, asked, today)
    page = paged(request, found.comments)
    by_id = {one.pk: one for one in departments}
    surveys = {one.pk: one for one in Survey.objects.select_related("version__questionnaire").all()}
    context = {
        "page": page,
        "rows": [
            (one, by_id[one.department_id], surveys[one.survey_id], f"{one.month:%Y-%m}")
            for one in page
        ],
        "asked": asked,
        "filtered": any((asked.period, asked.department, asked.survey, asked.band, asked.search)),
        "closed": found.closed,
        "most": MOST,
        "full": len(found.comments) >= MOST,
        "departments": departments,
        "surveys": sorted(surveys.values(), key=lambda one: one.code),
        "bands": [(key, label) for key, (label, _edges) in queries.BANDS.items()],
        "months": queries.months_to_choose(today),
    }
    answer = render(request, "dashboards/manager/comments.html", context)
    record_comments_read(
        actor=user,
        period=asked.period,
        department=asked.department,
        responses=[comment.response_id for comment in page],
    )
    return answer
