"""import_jurisdictions FILE: local wage rules by city and date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core import tables
from core.commands import Command as BaseCommand
from incentives.services.files import import_wage_rules


class Command(BaseCommand):
    help = "Import minimum wages and fine rules by city; a changed row becomes a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check only, keep nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        found = import_wage_rules(
            tables.read(options["file"]),
            actor=self.actor(options),
            dry_run=options["dry_run"],
        )
        text = f"{found.created} new, {found.corrected} changed, {found.unchanged} unchanged"
        self.stdout.write(text + (" (dry run)" if options["dry_run"] else ""))
