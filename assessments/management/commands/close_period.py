"""Closes a released period for good."""

from typing import Any

from assessments.management.steps import ConfirmedStep
from assessments.services import close_period


class Command(ConfirmedStep):
    help = "Closes a released period for good."

    def step(self, key: str, **kwargs: Any) -> Any:
        return close_period(key, **kwargs)
