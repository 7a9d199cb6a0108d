"""Long work as rows: the broker may lose every message and nothing is lost."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    PENDING = "pending", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


LIVE = (JobStatus.PENDING, JobStatus.RUNNING)


class Job(models.Model):
    """One long piece of work, cut into chunks that several workers may take in parallel."""

    Status = JobStatus

    kind = models.CharField(_("kind"), max_length=100)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - many jobs have no key
    params = models.JSONField(default=dict)
    status = models.CharField(
        _("status"), max_length=20, choices=JobStatus, default=JobStatus.PENDING
    )
    total = models.PositiveIntegerField(_("steps"), default=0)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    result = models.JSONField(null=True)
    error = models.TextField(_("error"), blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    copies = models.PositiveSmallIntegerField(default=1)
    fence = models.PositiveIntegerField(default=0)
    finish_failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(status__in=LIVE), name="one_live_job_per_key"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(status__in=LIVE), name="live_jobs"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.done}/{self.total} {self.status}"

    @property
    def is_live(self) -> bool:
        """Still to be worked on: pages poll while this is true."""
        return self.status in LIVE

    @property
    def percent(self) -> int:
        """Progress in whole percent points, 100 only when everything is done."""
        if self.status == JobStatus.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    def chunk_results(self) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        """(params, result) of every chunk in the order they were given; for `finish`."""
        rows = self.chunks.order_by("number").values_list("params", "result")
        yield from rows.iterator()


class JobChunk(models.Model):
    """One step of a job, done in one transaction of at most about a minute."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=JobStatus, default=JobStatus.PENDING)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    claims = models.PositiveSmallIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="one_chunk_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number} {self.status}"


class Heartbeat(models.Model):
    """When a part of the system (worker, beat) was last seen alive."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
