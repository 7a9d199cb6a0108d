"""Publishes an approved period and tells the employees."""

from typing import Any

from assessments.management.steps import ConfirmedStep
from assessments.services import release_period


class Command(ConfirmedStep):
    help = "Publishes an approved period and tells the employees."

    def step(self, key: str, **kwargs: Any) -> Any:
        return release_period(key, **kwargs)
