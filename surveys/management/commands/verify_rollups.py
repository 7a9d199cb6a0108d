"""Whether sums, ratings, verdicts and answers agree."""

import sys
from typing import Any

from core.commands import Command as BaseCommand
from surveys.services.verifying import verify_rollups


class Command(BaseCommand):
    help = (
        "Compares every response with its ratings and all ratings with their sums. Exit status 1 "
        "and the first broken row where they do not agree."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = verify_rollups()
        if broken is None:
            self.stdout.write("Answers, ratings and sums agree.")
            return
        self.stderr.write(f"Broken: {broken}")
        sys.exit(1)
