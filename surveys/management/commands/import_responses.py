"""Answers from a CSV file or a workbook."""

from argparse import ArgumentParser
from typing import Any

from core import tables
from core.commands import Command as BaseCommand
from core.commands import progress
from surveys.services.intake import IntakeReport, import_responses


class Command(BaseCommand):
    help = (
        "Stores the answers of a file. The same file twice changes nothing; a file with a fault "
        "changes nothing and every fault is listed by row and column. An answer 'not applicable' "
        "is the word na."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help=".csv or .xlsx")
        parser.add_argument("--survey", required=True, metavar="CODE")
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        report = import_responses(
            tables.read(options["file"]),
            options["survey"],
            actor=self.actor(options),
            dry_run=options["dry_run"],
            on_progress=progress(0, "answers"),
        )
        self._show(report, dry_run=options["dry_run"])

    def _show(self, report: IntakeReport, *, dry_run: bool) -> None:
        self.stdout.write(f"Answers: {report.new} new, {report.unchanged} unchanged.")
        if dry_run:
            self.stdout.write("Dry run: nothing was changed.")
        elif report.new:
            self.stdout.write(
                f"Verdicts: {report.counted} counted, {report.review} in review,"
                f" {report.excluded} excluded."
            )
        if report.late:
            self.stdout.write(
                f"Late: {len(report.late)} arrived after the cut-off of their period and enter no"
                f" locked period: {', '.join(report.late)}."
            )
