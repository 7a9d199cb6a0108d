"""Long work: what runs, what failed, and another try."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core import jobs as services
from core.models import Job
from core.models.jobs import JobStatus
from core.pages import paged
from dashboards.queries.administration import jobs as queries
from dashboards.queries.home import jobs_visible_to
from dashboards.views.administration.users import actor_of
from organization.permissions import may_administer


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """All jobs, and what keeps them going."""
    actor_of(request)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    page = paged(request, queries.found(state, kind))
    context = {
        "page": page,
        "rows": [(job, queries.kind_name(job.kind)) for job in page],
        "state": state,
        "kind": kind,
        "kinds": queries.kinds(),
        "statuses": JobStatus.choices,
        "parts": queries.parts(),
        "queue": queries.queue(),
    }
    return render(request, "dashboards/administration/jobs.html", context)


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: whoever started it sees it, administrators see all."""
    user = request.user
    found = get_object_or_404(
        jobs_visible_to(user).select_related("actor__employee"),  # type: ignore[arg-type]
        pk=pk,
    )
    context = {
        "job": found,
        "kind": queries.kind_name(found.kind),
        "page": paged(request, queries.chunks(found)),
        "administers": bool(may_administer(user)),  # type: ignore[arg-type]
        "may_retry": queries.may_retry(user, found),  # type: ignore[arg-type]
        "facts": queries.facts(found),
    }
    return render(request, "dashboards/administration/job.html", context)


@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a failed job again: steps that are done stay done."""
    actor = actor_of(request)
    found = get_object_or_404(Job, pk=pk)
    services.enqueue(services.retry(found, actor=actor), copies=found.copies)
    return redirect("job", pk)
