"""import_policy FILE.json: keep a policy as a draft."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import transaction

from core.commands import Command as BaseCommand
from incentives.imports.json_file import read_json
from incentives.services.policies import import_policy
from organization.models import Position


class Command(BaseCommand):
    help = "Check a policy file and keep it as a draft version; the same content changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check only, keep nothing")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        spec = read_json(options["file"])
        with transaction.atomic():
            version, new = import_policy(spec, actor=self.actor(options))
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["dry_run"]:
            self.stdout.write(f"{version}: valid, nothing kept (dry run)")
        else:
            word = "imported as a draft" if new else f"unchanged ({version.status})"
            self.stdout.write(f"{version}: {word}, effective from {version.effective_from}")
        self.stdout.write(f"content {version.content_hash}")
        named = {
            code for award in spec["awards"] for code in award["eligibility"]["position_codes"]
        }
        known = set(Position.objects.filter(code__in=named).values_list("code", flat=True))
        for code in sorted(named - known):
            self.stdout.write(f"note: no position {code} exists yet")
