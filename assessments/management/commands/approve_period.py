"""Approves a reviewed period."""

from typing import Any

from assessments.management.steps import ConfirmedStep
from assessments.services import approve_period


class Command(ConfirmedStep):
    help = "Approves a reviewed period."

    def step(self, key: str, **kwargs: Any) -> Any:
        return approve_period(key, **kwargs)
