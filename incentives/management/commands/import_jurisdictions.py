"""import_jurisdictions FILE: local wage rules by city and date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import transaction

from core.commands import Command as BaseCommand
from incentives.imports.jurisdictions import read_jurisdictions
from incentives.services.policies import import_jurisdictions


class Command(BaseCommand):
    help = "Import minimum wages and fine rules by city; a changed row becomes a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check only, keep nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        rules = read_jurisdictions(options["file"])
        with transaction.atomic():
            counts = import_jurisdictions(rules, actor=self.actor(options))
            if options["dry_run"]:
                transaction.set_rollback(True)
        text = ", ".join(f"{count} {word}" for word, count in counts.items())
        self.stdout.write(text + (" (dry run)" if options["dry_run"] else ""))
