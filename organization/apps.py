from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrganizationConfig(AppConfig):
    name = "organization"

    def ready(self) -> None:
        from core.commands import register_operator_factory
        from organization.services import operator

        register_operator_factory(operator)
        post_migrate.connect(_seed_positions, sender=self, dispatch_uid="organization.positions")


def _seed_positions(apps: Any = None, **kwargs: object) -> None:
    # `flush` sends the signal without `apps`, and then every table exists.
    if apps is not None and "position" not in apps.all_models["organization"]:
        return  # the app was just migrated away
    from organization.services.positions import ensure_positions

    ensure_positions()
