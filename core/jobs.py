"""Long work in chunks: several workers at once, killed at any moment, done exactly once.

A worker claims a chunk by a conditional update that raises the chunk's fence number, does it in
one transaction that holds the chunk's row, marks it done only if its fence still stands, and
claims the next one. So a chunk whose worker died is taken over, and a worker that was believed dead
cannot commit. The broker is only a doorbell: beat rings again for jobs whose lease has run out.
"""

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import Busy, Conflict, DomainError
from core.models import Heartbeat, Job, JobChunk, User
from core.models.jobs import LIVE, JobStatus

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# A worker holds the row of its chunk as long as it lives. A claimed row that nobody holds for
# this long belongs to a dead worker; a wrong guess costs time only, the fence decides.
CLAIM_GRACE = timedelta(seconds=5)
# Nobody gives a lease this long: it was given by a clock that ran ahead, and is believed no more
# than one that has run out.
FAR = timedelta(minutes=5)
SLICE = 20.0  # seconds a worker stays on one job before others get their turn
MAX_FAILURES = 3  # a chunk that raised three times will raise a fourth time
MAX_BUSY = 30  # each of these has waited for the lock; half an hour is no coincidence any more
BEAT = timedelta(seconds=5)  # between two signs of life that are written down
MAX_CLAIMS = 10  # a chunk that took its worker down with it ten times is poison

Result = dict[str, Any] | None
OnProgress = Callable[[int, int], None]


class Handler(Protocol):
    """What an app registers for a kind of job. Each call runs inside one transaction."""

    def chunk(self, job: Job, chunk: dict[str, Any]) -> Result:
        """Do one chunk (its params); the result is stored with it."""

    def finish(self, job: Job) -> Result:
        """After all chunks, once; the result is the job's."""


class JobFailed(DomainError):
    """A job ended with an error; it can be run again by `retry`."""

    status = 409
    code = "job_failed"


class LostLease(Exception):
    """Another worker has taken this chunk over; what was done here is rolled back."""


_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Say who does jobs of a kind; called in AppConfig.ready."""
    _handlers[kind] = handler


def create(
    kind: str,
    *,
    params: dict[str, Any] | None = None,
    chunks: Sequence[dict[str, Any]],
    actor: User | None,
    key: str | None = None,
    at_once: int = 1000,
) -> Job:
    """Store a job with its chunks, `at_once` of them in a statement (few where they are large). A
    live job of the same key is returned instead of a second."""
    if kind not in _handlers:
        raise ValueError(f"No handler is registered for jobs of kind {kind!r}.")
    if key is not None and (live := Job.objects.filter(key=key, status__in=LIVE).first()):
        return live
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, key=key, params=params or {}, total=len(chunks), actor=actor
            )
            JobChunk.objects.bulk_create(
                [
                    JobChunk(job=job, number=number, params=chunk)
                    for number, chunk in enumerate(chunks, start=1)
                ],
                batch_size=at_once,
            )
    except IntegrityError:
        # Somebody created the live job of this key between our look and our insert.
        live = Job.objects.filter(key=key, status__in=LIVE).first()
        if key is None or live is None:
            raise
        return live
    return job


def enqueue(job: Job, *, copies: int = 1) -> None:
    """Ring for `copies` workers after commit. A dead broker is no error: beat rings later."""
    Job.objects.filter(pk=job.pk).update(copies=max(1, copies))
    transaction.on_commit(lambda: ring(job.pk, copies))


def ring(job_id: int, copies: int) -> None:
    """Send the messages now."""
    from kombu.exceptions import OperationalError

    from core.tasks import run_job

    Job.objects.filter(pk=job_id).update(queued_at=timezone.now())
    try:
        for _copy in range(max(1, copies)):
            run_job.apply_async((job_id,), retry=False)
    except OperationalError as error:
        logger.warning("The broker took no message for job %s: %s", job_id, error)


def recover() -> list[int]:
    """Ring again for live jobs that nobody holds; returns their ids.

    Nobody holds a job when its lease has run out, or when it never had one and its last ring is
    a lease ago (the broker lost it, or the queue is long: a second message does no harm).
    """
    now = timezone.now()
    stale = now - LEASE
    idle = Q(lease_until=None) | Q(lease_until__lt=now) | Q(lease_until__gt=now + FAR)
    unheard = Q(queued_at=None, created_at__lt=stale) | Q(queued_at__lt=stale)
    unheard |= Q(queued_at__gt=now + FAR) | Q(queued_at=None, created_at__gt=now + FAR)
    jobs = Job.objects.filter(idle, unheard, status__in=LIVE).order_by("id")
    found = list(jobs.values_list("id", "copies"))
    for job_id, copies in found:
        ring(job_id, copies)
    return [job_id for job_id, _copies in found]


def run(
    job_id: int,
    *,
    wait: bool = False,
    on_progress: OnProgress | None = None,
    seconds: float | None = None,
) -> Job:
    """Work on the job until nothing is left to claim; returns its row as it then stands.

    In a worker, chunks held by others are theirs to end; after `seconds` it rings for itself
    again and makes room. A command passes `wait=True`: it stays until the job is done or failed,
    and takes over what dead workers leave behind.
    """
    end = None if seconds is None else time.monotonic() + seconds
    chunk: JobChunk | None = None
    try:
        while True:
            if chunk is None and _is_over(end):
                ring(job_id, 1)
                return Job.objects.get(pk=job_id)
            job = Job.objects.get(pk=job_id)
            if on_progress is not None:
                on_progress(job.done, job.total)
            if not job.is_live:
                return job
            chunk = chunk or _claim(job)
            if chunk is not None:
                chunk = _do_chunk(job, chunk, end)
            elif not _try_finish(job):
                if not wait:
                    job.refresh_from_db()
                    return job
                time.sleep(0.2)
    except BaseException:  # Ctrl-C, shutdown: the next one need not wait for the lease
        if chunk is not None:
            _release(chunk)
        raise


def run_now(job: Job, *, on_progress: OnProgress | None = None) -> Job:
    """Run in the foreground to the end; a failed job raises JobFailed with its error text."""
    return ensure_done(run(job.pk, wait=True, on_progress=on_progress))


def ensure_done(job: Job) -> Job:
    """The job when it is done; JobFailed with its error text otherwise."""
    if job.status != JobStatus.DONE:
        raise JobFailed(job.error or _("The job is not finished yet."))
    return job


def retry(job: Job, *, actor: User | None) -> Job:
    """Open a failed job again: chunks that are done stay done, the rest get new attempts."""
    try:
        return _reopen(job, actor)
    except IntegrityError as error:  # one_live_job_per_key
        raise Conflict(_("The same work has been started again already.")) from error


@transaction.atomic
def _reopen(job: Job, actor: User | None) -> Job:
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.status != JobStatus.FAILED:
        raise Conflict(_("Only a failed job can be run again."))
    job.chunks.exclude(status=JobStatus.DONE).update(
        status=JobStatus.PENDING, claims=0, failures=0, error="", lease_until=None
    )
    job.status, job.error, job.finish_failures = JobStatus.PENDING, "", 0
    job.fence, job.lease_until, job.finished_at = job.fence + 1, None, None
    job.save()
    audit.record(actor, "job.retried", job, kind=job.kind)
    return job


# --- the worker's side -------------------------------------------------------------------------


@transaction.atomic
def _claim(job: Job) -> JobChunk | None:
    """Take the next free chunk, or one whose lease has run out."""
    chunk = _next(job)
    if chunk is None:
        return None
    if chunk.claims >= MAX_CLAIMS:
        _fail(
            job, chunk, _("The worker died %(count)d times in this step.") % {"count": MAX_CLAIMS}
        )
        return None
    _mark(chunk)
    now = timezone.now()
    Job.objects.filter(pk=job.pk, status__in=LIVE).update(
        status=JobStatus.RUNNING, lease_until=now + LEASE, started_at=job.started_at or now
    )
    return chunk


def _next(job: Job) -> JobChunk | None:
    now = timezone.now()
    over = Q(lease_until__lt=now) | Q(lease_until__gt=now + FAR)
    return (
        JobChunk.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(status=JobStatus.PENDING) | Q(over, status=JobStatus.RUNNING))
        .filter(job=job, job__status__in=LIVE, job__fence=job.fence)
        .order_by("number")
        .first()
    )


def _mark(chunk: JobChunk) -> None:
    chunk.status, chunk.lease_until = JobStatus.RUNNING, timezone.now() + CLAIM_GRACE
    chunk.claims, chunk.fence = chunk.claims + 1, chunk.fence + 1
    chunk.save(update_fields=["status", "lease_until", "claims", "fence"])


def _do_chunk(job: Job, chunk: JobChunk, end: float | None = None) -> JobChunk | None:
    """Returns the next chunk, claimed by the transaction that stored this one: one durable commit a
    chunk and not two. None after `end`, when there is none, and when this one was not stored."""
    try:
        with transaction.atomic():
            # Holding the row keeps others away even when the work outlasts the lease.
            held = JobChunk.objects.select_for_update().filter(pk=chunk.pk, fence=chunk.fence)
            if not held.filter(status=JobStatus.RUNNING).values_list("pk"):
                raise LostLease
            result = _handlers[job.kind].chunk(job, chunk.params)
            return _commit_chunk(job, chunk, result, end)
    except LostLease:
        logger.info("Job %s chunk %s was taken over by another worker", job.pk, chunk.number)
    except Exception as error:  # whatever it was, it is written down and counted
        logger.exception("Job %s chunk %s failed", job.pk, chunk.number)
        _count_failure(job, chunk, error)
    return None


def _is_over(end: float | None) -> bool:
    return end is not None and time.monotonic() > end


def _release(chunk: JobChunk) -> None:
    mine = JobChunk.objects.filter(pk=chunk.pk, fence=chunk.fence, status=JobStatus.RUNNING)
    mine.update(status=JobStatus.PENDING, lease_until=None)


def _commit_chunk(job: Job, chunk: JobChunk, result: Result, end: float | None) -> JobChunk | None:
    """The last statements of the chunk's transaction: they succeed for one worker only."""
    mine = JobChunk.objects.filter(pk=chunk.pk, fence=chunk.fence, status=JobStatus.RUNNING)
    if not mine.update(status=JobStatus.DONE, result=result, error="", lease_until=None):
        raise LostLease
    following = None if _is_over(end) else _next(job)
    if following is not None and following.claims >= MAX_CLAIMS:
        following = None  # _claim will say what it is
    if following is not None:
        _mark(following)
    live = Job.objects.filter(pk=job.pk, fence=job.fence, status=JobStatus.RUNNING)
    if not live.update(done=F("done") + 1, lease_until=timezone.now() + LEASE):
        raise LostLease
    return following


def _try_finish(job: Job) -> bool:
    """Finish the job if all chunks are done and nobody else is finishing it."""
    try:
        with transaction.atomic():
            locked = (
                Job.objects.select_for_update(skip_locked=True)
                .filter(pk=job.pk, status__in=LIVE, fence=job.fence)
                .first()
            )
            if locked is None or locked.chunks.exclude(status=JobStatus.DONE).exists():
                return False
            result = _handlers[job.kind].finish(locked)
            locked.status, locked.result = JobStatus.DONE, result
            locked.started_at = locked.started_at or timezone.now()
            locked.finished_at, locked.lease_until = timezone.now(), None
            locked.save()
    except Exception as error:
        logger.exception("Job %s failed in its last step", job.pk)
        _count_failure(job, None, error)
    return True


@transaction.atomic
def _count_failure(job: Job, chunk: JobChunk | None, error: Exception) -> None:
    # A refusal (DomainError) is an answer, not an accident: asking again changes nothing. That
    # somebody holds a lock (Busy) is none: it says nothing about the work.
    said = isinstance(error, DomainError)
    most = MAX_BUSY if isinstance(error, Busy) else 1 if said else MAX_FAILURES
    text = str(error) if said else "".join(traceback.format_exception_only(error)).strip()
    if chunk is None:
        row = Job.objects.select_for_update().filter(pk=job.pk, fence=job.fence).first()
        if row is None or not row.is_live:
            return
        row.finish_failures += 1
        row.save(update_fields=["finish_failures"])
        if row.finish_failures >= most:
            _fail(job, None, text)
        return
    mine = JobChunk.objects.filter(pk=chunk.pk, fence=chunk.fence, status=JobStatus.RUNNING)
    # Whoever can count its failure is alive: `claims` counts those that took their worker along.
    if not mine.update(
        status=JobStatus.PENDING,
        failures=F("failures") + 1,
        claims=0,
        error=text,
        lease_until=None,
    ):
        return
    chunk.refresh_from_db()
    if chunk.failures >= most:
        _fail(job, chunk, text)


@transaction.atomic
def give_up(job: Job, reason: str) -> None:
    """End a live job whose work nobody wants any more; steps under way are rolled back."""
    _fail(job, None, reason)


def _fail(job: Job, chunk: JobChunk | None, text: str) -> None:
    if chunk is not None:
        JobChunk.objects.filter(pk=chunk.pk).update(status=JobStatus.FAILED, error=text)
        text = _("Step %(number)d of %(total)d: %(text)s") % {
            "number": chunk.number,
            "total": job.total,
            "text": text,
        }
    Job.objects.filter(pk=job.pk, fence=job.fence, status__in=LIVE).update(
        status=JobStatus.FAILED, error=text, finished_at=timezone.now(), lease_until=None
    )


# --- what nobody asks for any more ---------------------------------------------------------------


def old_steps(before: datetime) -> int:
    """How many steps belong to jobs that were done before the moment."""
    return JobChunk.objects.filter(job__status=JobStatus.DONE, job__finished_at__lt=before).count()


def forget_steps(before: datetime, most: int) -> int:
    """Delete up to `most` steps of jobs done before the moment; the jobs and their results stay,
    and so do failed ones, which can be run again. Returns how many went."""
    old = JobChunk.objects.filter(job__status=JobStatus.DONE, job__finished_at__lt=before)
    chosen = old.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:most]
    return JobChunk.objects.filter(pk__in=[chunk.pk for chunk in chosen.only("pk")]).delete()[0]


def beat_heart(name: str) -> None:
    """Note that a part of the system ("worker", "beat") is alive: not more than once in BEAT, since
    each task does it and a durable write takes longer than many of them."""
    now = timezone.now()
    if not Heartbeat.objects.filter(name=name, at__range=(now - BEAT, now)).exists():
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
