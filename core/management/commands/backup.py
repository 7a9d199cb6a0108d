"""backup FOLDER: everything of worth, with what proves a restored copy."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core import backup
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Write the database and the files to a new folder, with a fingerprint of every table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        made = backup.backup(options["folder"].absolute())
        self.stdout.write(
            f"{options['folder']}: {made.tables} tables, {made.rows} rows, {made.files} files."
        )
