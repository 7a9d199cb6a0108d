"""Health checks for whoever restarts processes or routes requests: no login, no domain data.

/healthz says that this process answers; /readyz that everything it needs does, too.
"""

from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.models import Heartbeat

PARTS = ("worker", "beat")
# Heartbeats come every 30 s; three may be lost before somebody is told.
SILENCE = timedelta(seconds=100)
_BROKER_TIMEOUT = 2.0  # seconds


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker, worker and beat all answer, else 503; the body says which.

    A worker or beat is "ok", "silent" (its last sign is too old) or "never"."""
    states = checks()
    ready = len(states) == 4 and all(state == "ok" for state in states.values())
    return JsonResponse({"ready": ready, "checks": states}, status=200 if ready else 503)


def checks() -> dict[str, str]:
    """How database, broker, worker and beat are; without the database only the first two."""
    states = {"database": _database(), "broker": _broker()}
    if states["database"] == "ok":
        states.update(signs_of_life(timezone.now()))
    return states


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _broker() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_BROKER_TIMEOUT, socket_connect_timeout=_BROKER_TIMEOUT
    )
    try:
        client.ping()
    except redis.RedisError:
        return "down"
    finally:
        client.close()
    return "ok"


def signs_of_life(now: datetime) -> dict[str, str]:
    """Per part "ok", "silent" or "never", as of `now`."""
    last = dict(Heartbeat.objects.values_list("name", "at"))
    return {
        name: "never" if name not in last else "ok" if now - last[name] <= SILENCE else "silent"
        for name in PARTS
    }
