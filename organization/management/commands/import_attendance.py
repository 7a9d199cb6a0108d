"""Days worked per employee and month."""

from argparse import ArgumentParser
from typing import Any

from core import tables
from core.commands import Command as BaseCommand
from organization.services import import_attendance


class Command(BaseCommand):
    help = "Takes working days, days present and statutory leave per employee and month."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help=".csv or .xlsx")
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        report = import_attendance(
            tables.read(options["file"]), actor=self.actor(options), dry_run=options["dry_run"]
        )
        self.stdout.write(
            f"Attendance: {report.created} created, {report.corrected} corrected,"
            f" {report.unchanged} unchanged."
        )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
