"""Write the scores of a period for HR."""

from argparse import ArgumentParser
from typing import Any

from assessments.exports import export_scores
from assessments.services import span_of
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Writes one row per employee with a placement in the period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")
        parser.add_argument("--output", required=True, metavar="F.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        count = export_scores(span_of(options["period"]).key, options["output"])
        self.stdout.write(f"{options['output']}: {count} rows.")
