"""Service events from a CSV file or workbook."""

from argparse import ArgumentParser
from typing import Any

from core import tables
from core.commands import Command as BaseCommand
from customers.services import import_events


class Command(BaseCommand):
    help = (
        "Takes service events with the people who served, frozen as they were placed on that day. "
        "The same file twice changes nothing; contact fields update, attribution does not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help=".csv or .xlsx")
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        report = import_events(
            tables.read(options["file"]), actor=self.actor(options), dry_run=options["dry_run"]
        )
        self.stdout.write(
            f"Events: {len(report.created)} created, {report.unchanged} known already.\n"
            f"Customers: {report.customers_created} created, {report.contacts_updated} with new"
            " contact fields."
        )
        if report.kept:
            self.stdout.write(
                f"Attribution: {len(report.kept)} events name other people or another department"
                " than stored; what is stored is kept (a correction is decided:"
                f" reattribute_event): {', '.join(report.kept)}."
            )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
