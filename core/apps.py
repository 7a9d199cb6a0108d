from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import jobs, notifications, outgoing, sessions  # noqa: F401 - sessions listens
        from core.audit_check import KIND, AuditCheck

        jobs.register(KIND, AuditCheck())
        outgoing.register("notices", notifications.hold_due)
        post_migrate.connect(_seed_calendar, sender=self, dispatch_uid="core.calendar")


def _seed_calendar(apps: Any = None, **kwargs: object) -> None:
    from core.workdays import ensure_calendar

    # Migrating back to before the table existed is not the moment to fill it; `flush` sends the
    # signal without `apps`, and then every table exists.
    if apps is None or "calendarday" in apps.all_models["core"]:
        ensure_calendar()
