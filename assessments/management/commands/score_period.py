"""Score a period in the foreground."""

from argparse import ArgumentParser
from typing import Any

from assessments.services import score_period
from core.commands import Command as BaseCommand
from core.commands import progress
from core.workdays import SHANGHAI


class Command(BaseCommand):
    help = "Scores a month (2026-03), quarter (2026-Q1) or year (2026); creates it if absent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        before = _current(options["period"])
        run = score_period(
            options["period"], actor=self.actor(options), on_progress=progress(0, "scoring")
        )
        if before == run.pk:
            self.stdout.write(f"{options['period']}: nothing changed since run {run.number}.")
        cutoff = f"{run.cutoff_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        kind = "provisional, nothing locked" if run.provisional else f"data as of {cutoff}"
        self.stdout.write(
            f"{options['period']}: {run.scorecards.filter(corrected=False).count()} scorecards,"
            f" run {run.number} ({kind})."
        )


def _current(key: str) -> int | None:
    from assessments.models import Period

    return Period.objects.filter(key=key).values_list("current_run_id", flat=True).first()
