"""Take a scheme from a JSON file."""

from argparse import ArgumentParser
from typing import Any

from assessments.imports import read_scheme
from assessments.services import import_scheme, unknown_positions
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Approves a scheme for periods beginning on or after its effective date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.json")
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        version, created = import_scheme(
            read_scheme(options["file"]), actor=self.actor(options), dry_run=options["dry_run"]
        )
        if version is None:
            self.stdout.write("The scheme is valid. Dry run: nothing was changed.")
            return
        state = "approved" if created else "unchanged"
        self.stdout.write(
            f"Scheme {version.scheme.code} version {version.number} {state}, for periods beginning"
            f" on or after {version.effective_from}."
        )
        if missing := unknown_positions(version):
            self.stdout.write(f"Not in the roster yet: {', '.join(missing)}.")
