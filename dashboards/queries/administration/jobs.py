"""Long work and what keeps it going: jobs, signs of life, mail that is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from core import health
from core.models import Heartbeat, Job, JobChunk, Notification, User
from core.models.jobs import LIVE, JobStatus
from core.permissions import Allowed, Denied
from dashboards.queries.administration.audit import facts as flat
from organization.permissions import may_administer

KINDS: dict[str, object] = {
    "assessments.score": _t("scoring"),
    "surveys.analyse": _t("analysis of a survey"),
    "surveys.clean": _t("cleaning of answers"),
    "surveys.retention": _t("erasing what has been kept long enough"),
    "core.verify_audit": _t("check of the audit chain"),
}
PARTS = {
    "database": (_t("Database"), "database"),
    "broker": (_t("Message broker"), "arrows-exchange"),
    "worker": (_t("Worker"), "cpu"),
    "beat": (_t("Clock of periodic work"), "clock"),
}


def kind_name(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def found(state: str, kind: str) -> QuerySet[Job]:
    """Jobs in a state and of a kind, the newest first."""
    rows = Job.objects.select_related("actor__employee").order_by("-id")
    if state == "live":
        rows = rows.filter(status__in=LIVE)
    elif state in JobStatus.values:
        rows = rows.filter(status=state)
    return rows.filter(kind=kind) if kind else rows


def kinds() -> list[tuple[str, str]]:
    names = Job.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return [(name, kind_name(name)) for name in names]


@dataclass(frozen=True)
class Part:
    """A part of the system: how it is, and when it was last seen."""

    name: str
    icon: str
    state: str
    words: str
    at: Any


def _state_words(state: str) -> str:
    return {
        "ok": _("ok"),
        "silent": _("silent"),
        "never": _("never seen"),
        "down": _("does not answer"),
    }.get(state, state)


def parts() -> list[Part]:
    """What /readyz checks, with the time of the last sign."""
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    states = health.checks()
    return [
        Part(str(title), icon, state, _state_words(state), seen.get(name))
        for name, (title, icon) in PARTS.items()
        for state in [states.get(name, "down")]
    ]


def queue() -> dict[str, Any]:
    """How long the oldest job waits, how many wait, run and failed this week; mail likewise."""
    now = timezone.now()
    week = now - timedelta(days=7)
    numbers = Job.objects.aggregate(
        waiting=Count("pk", filter=Q(status=JobStatus.PENDING)),
        running=Count("pk", filter=Q(status=JobStatus.RUNNING)),
        failed=Count("pk", filter=Q(status=JobStatus.FAILED, finished_at__gte=week)),
        oldest=Min("created_at", filter=Q(status=JobStatus.PENDING)),
    )
    mail = Notification.objects.aggregate(
        due=Count("pk", filter=Q(mail_due=True)),
        failed=Count("pk", filter=Q(mail_due=False, mailed_at=None, mail_failures__gt=0)),
    )
    oldest = numbers["oldest"]
    return {
        **numbers,
        "minutes": int((now - oldest).total_seconds() // 60) if oldest else None,
        "mail_due": mail["due"],
        "mail_failed": mail["failed"],
    }


def may_retry(user: User, job: Job) -> Allowed | Denied:
    """Administrators, once the job has failed."""
    answer = may_administer(user)
    if answer and job.status != JobStatus.FAILED:
        return Denied(_("Only a failed job can be run again."))
    return answer


def facts(job: Job) -> list[tuple[str, str]]:
    """What the job was asked and what came of it, as name and value."""
    found = []
    for values in (job.params, job.result):
        if isinstance(values, dict):
            found += flat(values)
    return found


def chunks(job: Job, state: str = "") -> QuerySet[JobChunk]:
    """The steps of a job, those with trouble first."""
    rows = job.chunks.order_by("-failures", "number")
    return rows.filter(status=state) if state else rows
