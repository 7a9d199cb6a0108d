"""Reviews a scored period."""

from typing import Any

from assessments.management.steps import ConfirmedStep
from assessments.services import review_period


class Command(ConfirmedStep):
    help = "Reviews a scored period."

    def step(self, key: str, **kwargs: Any) -> Any:
        return review_period(key, **kwargs)
