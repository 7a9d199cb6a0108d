"""activate_policy CODE --actor USER --evidence FILE.json: put a policy in force."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import Command as BaseCommand
from incentives.imports.json_file import read_json
from incentives.services.policies import activate_policy


class Command(BaseCommand):
    help = "Put the newest draft of a policy in force, with the evidence its activation asks for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--evidence", type=Path, required=True, metavar="FILE.json")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        version = activate_policy(options["code"], read_json(options["evidence"]), actor=actor)
        self.stdout.write(
            f"{version}: active for periods that begin on {version.effective_from} or later,"
            f" by {actor}"
        )
