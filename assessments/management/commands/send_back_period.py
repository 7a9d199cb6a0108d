"""Send a period back to scoring."""

from argparse import ArgumentParser
from typing import Any

from assessments.services import send_back_period, span_of
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Sends a period back and unlocks its data; the next scoring takes a new cut-off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")
        parser.add_argument("--actor", required=True, metavar="USER")
        parser.add_argument("--reason", required=True, metavar="TEXT")

    def handle(self, *args: Any, **options: Any) -> None:
        period = send_back_period(
            span_of(options["period"]).key,
            actor=self.actor(options),
            reason=options["reason"],
        )
        self.stdout.write(f"{period.key}: {period.status}, data unlocked. Score it again.")
