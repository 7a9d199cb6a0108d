"""Take numerators and denominators of indicators."""

from argparse import ArgumentParser
from typing import Any

from assessments.services import import_measurements
from core import tables
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Takes measured figures per indicator, employee and period (month, quarter, year)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help=".csv or .xlsx")
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        report = import_measurements(
            tables.read(options["file"]), actor=self.actor(options), dry_run=options["dry_run"]
        )
        self.stdout.write(
            f"Measurements: {report.created} created, {report.corrected} corrected,"
            f" {report.unchanged} unchanged."
        )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
