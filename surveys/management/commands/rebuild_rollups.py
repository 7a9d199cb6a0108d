"""The sums of ratings made anew."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from surveys.services.rollups import rebuild_rollups


class Command(BaseCommand):
    help = "Sums all ratings anew. Nothing else changes; answers arriving meanwhile wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        count = rebuild_rollups(actor=self.actor(options))
        self.stdout.write(f"Sums: {count} rows rebuilt.")
