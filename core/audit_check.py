"""The check of the whole audit chain as a job: stretches of links, several workers at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core import audit, jobs
from core.models import Job, User

KIND = "core.verify_audit"
STRETCH = 100_000  # links a chunk: seconds, not minutes


@transaction.atomic
def start(*, actor: User | None) -> Job:
    """Begin a check of everything sealed so far, or return the one that runs."""
    last, _hash = audit.head()
    chunks: list[dict[str, Any]] = [{"seal": True}]
    chunks += [
        {"first": first, "last": min(first + STRETCH - 1, last)}
        for first in range(1, last + 1, STRETCH)
    ]
    job = jobs.create(KIND, params={"last": last}, chunks=chunks, actor=actor, key=KIND)
    audit.record(actor, "audit.check_started", job, links=last)
    jobs.enqueue(job)
    return job


class AuditCheck:
    """Seals what is open, checks stretch by stretch, then the heads kept outside. The job is done
    also when the chain is broken: its result names the first broken place."""

    def chunk(self, job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        if chunk.get("seal"):
            return {"sealed": audit.seal(everything=True)}
        broken = audit.verify_links(chunk["first"], chunk["last"])
        return {"broken": str(broken) if broken else None}

    def finish(self, job: Job) -> dict[str, Any]:
        last, hash_ = audit.head()
        found = [
            result["broken"]
            for _params, result in job.chunk_results()
            if result and result.get("broken")
        ]
        # What was sealed while the check ran is checked here: it is short.
        checks = (audit.verify_links(job.params["last"] + 1, last), audit.verify_heads())
        found += [str(broken) for broken in checks if broken]
        if not found:
            audit.write_head()
        return {"links": last, "head": hash_, "broken": found[0] if found else None}
