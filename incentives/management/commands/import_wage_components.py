"""import_wage_components FILE…: what a month's wage is made of, for the wage guard."""

from argparse import ArgumentParser
from typing import Any

from core import tables
from core.commands import Command as BaseCommand
from incentives.services.files import import_wage_components


class Command(BaseCommand):
    help = (
        "Import employee_no,month,component,amount (overtime_pay, shift_allowance, heat_allowance,"
        " cold_allowance, hazard_allowance, statutory_benefits, other_pay, unpaid_leave,"
        " social_insurance, statutory_withholding). The same file twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="check only")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        result = import_wage_components(
            [table for path in options["files"] for table in tables.read(path)],
            actor=self.actor(options),
            dry_run=options["dry_run"],
        )
        self.stdout.write(
            f"{result.created} new, {result.corrected} corrected, {result.unchanged} unchanged"
            + (" (dry run: nothing stored)" if options["dry_run"] else "")
        )
