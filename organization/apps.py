from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "organization"

    def ready(self) -> None:
        from core.commands import register_operator_factory
        from core.notifications import describe
        from organization.services import operator

        register_operator_factory(operator)
        for verb, text in NOTICES.items():
            describe(verb, text)
        post_migrate.connect(_seed_positions, sender=self, dispatch_uid="organization.positions")


def _seed_positions(apps: Any = None, **kwargs: object) -> None:
    # `flush` sends the signal without `apps`, and then every table exists.
    if apps is not None and "position" not in apps.all_models["organization"]:
        return  # the app was just migrated away
    from organization.services.positions import ensure_positions

    ensure_positions()


NOTICES = {
    "role.given": _("Your account was given another role; your home page shows it."),
    "role.ended": _("A role of your account was ended."),
    "user.reactivated": _("Your account is open again."),
    "user.second_factor_reset": _(
        "The second factor of your account was removed by an administrator. If you did not ask "
        "for it, tell them at once."
    ),
}
