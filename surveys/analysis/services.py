"""Analyses too long for a page: made by a job and kept as its result."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from core import jobs
from core.models import Job, User
from surveys.analysis.queries import guarded
from surveys.analysis.queries.guarded import Ground
from surveys.models import Survey
from surveys.queries.desk import Part, listed

KIND = "surveys.analyse"
ONLINE = 30_000  # up to so many answers a page reads them itself


def key_of(survey: Survey, period: str | None, part: Part = None) -> str:
    """The key of the jobs of a period, of the answers of a part; results of earlier kinds hid less
    and are not read."""
    whole = f"{KIND}:{survey.pk}:{period or 'all'}:told"
    if part is None:
        return whole
    return f"{whole}:{sha256(repr(listed(part)).encode()).hexdigest()[:16]}"


def start_analysis(
    survey: Survey, period: str | None, *, actor: User | None, part: Part = None
) -> Job:
    """A job that analyses the period over the answers of a part; one that is under way is returned
    instead of a second."""
    return jobs.create(
        KIND,
        params={"survey": survey.pk, "period": period, "part": listed(part)},
        chunks=[{"period": period}],
        actor=actor,
        key=key_of(survey, period, part),
    )


class Analysis:
    """Handler of the job: one chunk, whose result is the figures a page may show."""

    def chunk(self, job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        survey = Survey.objects.select_related("version").get(pk=job.params["survey"])
        return guarded(survey, chunk["period"], Ground(survey, job.params.get("part")))

    def finish(self, job: Job) -> dict[str, Any]:
        chunk = job.chunks.get()
        return dict(chunk.result or {})
