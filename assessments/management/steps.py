"""What review_period, approve_period, release_period and close_period have in common."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from assessments.models import Period
from assessments.services import span_of
from core.commands import Command as BaseCommand


class ConfirmedStep(BaseCommand):
    """A step whose actor confirms the hash that show_period printed."""

    step: Callable[..., Period]  # the service: (key, actor=, confirm=)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")
        parser.add_argument("--actor", required=True, metavar="USER")
        parser.add_argument(
            "--confirm", required=True, metavar="HASH", help="first line of show_period P"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        period = self.step(
            span_of(options["period"]).key,
            actor=self.actor(options),
            confirm=options["confirm"].removeprefix("HASH").strip(),
        )
        self.stdout.write(f"{period.key}: {period.status}.")
