"""What monitors read at /metrics, in Prometheus' text format: requests as this server answered
them, and how the work stands in the database. No label names a person, a department or a link.

The view answers only with the token of METRICS_TOKEN; without one there is no such page. With
several web processes PROMETHEUS_MULTIPROC_DIR names the folder they add up in (config/wsgi.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.models import AuditEntry, AuditSeal, Heartbeat, Job, Notification
from core.models.jobs import LIVE

Handler = Callable[[HttpRequest], HttpResponse]
_BROKER_SECONDS = 2.0

_own = CollectorRegistry()
REQUESTS = Histogram(
    "hengping_request_seconds",
    "Time to answer a request, by method, URL name and status.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_own,
)
CSP_REPORTS = Counter(
    "hengping_csp_reports",
    "Reports of browsers that the Content-Security-Policy stopped something, by directive.",
    ["directive"],
    registry=_own,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_clocks: dict[str, tuple[str, Callable[[], float]]] = {}


def clock(name: str, text: str, ask: Callable[[], float]) -> None:
    """Let an app say what waits in it: `ask` is called at every reading and costs little."""
    _clocks[f"hengping_{name}"] = (text, ask)


class Measured:
    """Times every request. The URL name stands for the address, which may hold a secret link."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = (match.view_name if match else "") or "none"
        method = request.method if request.method in _METHODS else "other"
        labels = REQUESTS.labels(method, route, str(response.status_code))
        labels.observe(time.perf_counter() - began)
        return response


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to whoever holds the token; 404 to everybody else."""
    sent, token = request.headers.get("Authorization", ""), settings.METRICS_TOKEN
    if not token or not constant_time_compare(sent, f"Bearer {token}"):
        raise Http404
    requests = _own
    if settings.METRICS_FOLDER:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)
    state = CollectorRegistry(auto_describe=False)
    state.register(State())
    return HttpResponse(
        generate_latest(requests) + generate_latest(state), content_type=CONTENT_TYPE_LATEST
    )


class State(Collector):
    """How the work stands, read when asked. What is down is said; the rest still answers."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("hengping_up", "1 where the part answers.", labels=["part"])
        try:
            found = list(_from_database())
        except DatabaseError:
            found = []
        up.add_metric(["database"], 1 if found else 0)
        waiting = _queue_length()
        up.add_metric(["broker"], 0 if waiting is None else 1)
        yield up
        yield from found
        if waiting is not None:
            yield _one("hengping_queue_messages", "Messages waiting in the broker.", waiting)


def _from_database() -> Iterator[Metric]:
    now = timezone.now()
    age = GaugeMetricFamily("hengping_heartbeat_age_seconds", "Since the last sign of life.",
                            labels=["part"])  # fmt: skip
    for name, at in Heartbeat.objects.values_list("name", "at"):
        age.add_metric([name], (now - at).total_seconds())
    yield age
    jobs = GaugeMetricFamily("hengping_jobs", "Jobs by kind and state.", labels=["kind", "status"])
    oldest = GaugeMetricFamily("hengping_job_oldest_seconds", "Age of the oldest unfinished job.",
                               labels=["kind"])  # fmt: skip
    for row in _jobs():
        jobs.add_metric([row["kind"], row["status"]], row["number"])
        if row["status"] in LIVE:
            oldest.add_metric([row["kind"]], (now - row["first"]).total_seconds())
    yield jobs
    yield oldest
    sealed = AuditSeal.objects.order_by("-seq").values_list("entry_id", flat=True).first() or 0
    unsealed = AuditEntry.objects.filter(pk__gt=sealed).count()
    yield _one("hengping_audit_unsealed", "Audit rows not in the chain yet.", unsealed)
    mails = Notification.objects.filter(mail_due=True).count()
    yield _one("hengping_mail_due", "E-mails of notices not sent yet.", mails)
    for name, (text, ask) in sorted(_clocks.items()):
        yield _one(name, text, ask())


def _jobs() -> Iterable[dict[str, Any]]:
    """Unfinished jobs and those that failed: what is done is history and grows for ever."""
    rows = Job.objects.filter(Q(status__in=LIVE) | Q(status=Job.Status.FAILED))
    found = rows.values("kind", "status").annotate(number=Count("pk"), first=Min("created_at"))
    return [dict(row) for row in found]


def _queue_length() -> int | None:
    """None where the broker does not answer."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS
    )
    try:
        return int(client.llen(f"{prefix}celery"))  # type: ignore[arg-type]
    except redis.RedisError:
        return None
    finally:
        client.close()


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
