"""restore FOLDER: a backup into an unused database, compared table by table, then verified."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command

from core import backup
from core.commands import Command as BaseCommand

CHECKS = ("verify_audit", "verify_ledger", "verify_rollups")


class Command(BaseCommand):
    help = "Restore a backup into an unused database and prove that it is equal; exit 1 if not."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` wrote")
        parser.add_argument(
            "--grant-to", metavar="ROLE", help="the application's role, where `prepare` never ran"
        )

        parser.add_argument(
            "--send-due-mail",
            action="store_true",
            help="send what was due at the time of the backup (default: it is never sent)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        made = backup.restore(
            options["folder"].absolute(),
            grant_to=options["grant_to"],
            send_due_mail=options["send_due_mail"],
        )
        self.stdout.write(f"{made.tables} tables, {made.rows} rows, {made.files} files: all equal.")
        if made.held:
            self.stdout.write(f"{made.held} e-mails were due; they will not be sent.")
        for check in CHECKS:
            call_command(check, stdout=self.stdout, stderr=self.stderr)
