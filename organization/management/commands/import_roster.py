"""Departments and employees from CSV files or a workbook."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from core import tables
from core.commands import Command as BaseCommand
from organization.services import import_roster


class Command(BaseCommand):
    help = (
        "Takes departments and employees. New people are placed from the day of hiring; a change "
        "holds from --effective on. The same files twice change nothing; a file with a fault "
        "changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help=".csv or .xlsx, in any order")
        parser.add_argument(
            "--effective",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="day from which changes hold (default: today)",
        )
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        read = [table for name in options["files"] for table in tables.read(name)]
        report = import_roster(
            read,
            actor=self.actor(options),
            effective=options["effective"],
            dry_run=options["dry_run"],
        )
        self.stdout.write(
            f"Departments: {report.departments_created} created,"
            f" {report.departments_changed} changed.\n"
            f"Positions: {report.positions_created} created.\n"
            f"Employees: {report.employees_created} created, {report.employees_changed} changed,"
            f" {report.employees_unchanged} unchanged.\n"
            f"Placements: {report.placements_opened} opened, {report.placements_closed} closed or"
            f" corrected; pay: {report.pay_profiles_opened} opened,"
            f" {report.pay_profiles_closed} closed or corrected."
        )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
