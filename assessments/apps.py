from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments.services.job import KIND, ScoringHandler
        from core import jobs
        from core.notifications import describe

        jobs.register(KIND, ScoringHandler())
        describe("period.released", _("Your result for %(key)s has been published."))
        post_migrate.connect(_seed_indicators, sender=self, dispatch_uid="assessments.indicators")


def _seed_indicators(apps: Any = None, **kwargs: object) -> None:
    # Migrating back to before the table existed is not the moment to fill it; `flush` sends the
    # signal without `apps`, and then every table exists.
    if apps is None or "indicatorversion" in apps.all_models["assessments"]:
        from assessments.services.indicators import ensure_indicators

        ensure_indicators()
