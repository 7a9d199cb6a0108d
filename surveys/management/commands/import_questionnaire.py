"""A questionnaire from a JSON file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import Command as BaseCommand
from surveys.services.questionnaires import import_questionnaire, read_spec


class Command(BaseCommand):
    help = (
        "Stores a questionnaire as a draft. The same content twice changes nothing; changed "
        "content becomes the next version; every fault is listed and then nothing changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        done = import_questionnaire(read_spec(options["file"]), actor=self.actor(options))
        state = "stored" if done.created else "unchanged"
        self.stdout.write(f"Questionnaire {done.version} ({done.version.status}): {state}.")
