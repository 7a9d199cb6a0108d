"""What a reviewer opens before confirming: the hash, then the evidence in words."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from assessments.models import Period
from assessments.queries import Evidence, evidence
from assessments.services import span_of
from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from core.workdays import SHANGHAI

WARNINGS = {
    "no_scheme": "positions without a scheme",
    "position_not_held": "people with responses earned in a job not held in the period"
    " (in their satisfaction, in no placement's composite)",
    "responses_without_placement": "people with responses but no placement",
    "measurements_without_placement": "people with measurements but no placement",
    "measured_by_month_and_longer": "figures given for months and for a longer period (added up)",
}


class Command(BaseCommand):
    help = "Prints the hash of the scored facts and a summary of the evidence."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")

    def handle(self, *args: Any, **options: Any) -> None:
        period = (
            Period.objects.select_related("current_run")
            .filter(key=span_of(options["period"]).key)
            .first()
        )
        if period is None:
            raise InvalidInput(f"There is no period {options['period']}.")
        shown = evidence(period)
        self.stdout.write(f"HASH {shown.hash}")
        for line in [*_period(shown), *_results(shown), *_groups(shown), *_data(shown)]:
            self.stdout.write(line)
        for action in shown.actions:
            at = action.at.astimezone(SHANGHAI)
            note = f" ({action.reason})" if action.reason else ""
            self.stdout.write(f"  {at:%Y-%m-%d %H:%M} {action.verb} by {action.actor}{note}")


def _period(shown: Evidence) -> Iterator[str]:
    period, run = shown.period, shown.run
    yield f"Period {period.key}, {period.first_day} to {period.last_day}: {period.status}"
    if period.cutoff_at:
        yield f"Data locked at {period.cutoff_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if run is not None:
        kind = "provisional run" if run.provisional else "run"
        yield f"Scored in {kind} {run.number} by {run.scored_by}"
        yield f"Engine {run.rules['engine']}; schemes " + ", ".join(
            f"{row['code']} v{row['number']}" for row in shown.schemes
        )


def _results(shown: Evidence) -> Iterator[str]:
    yield "Scorecards: " + (_counts(shown.statuses) or "none")
    if shown.grades:
        yield "Grades: " + _counts(shown.grades)
    if shown.reasons:
        yield "Not assessed because of: " + _counts(shown.reasons)


def _groups(shown: Evidence) -> Iterator[str]:
    for group in shown.groups:
        names = ", ".join(group["positions"])
        if group["icc"] is None:
            yield f"Peer group {group['group']} ({names}): too few people or answers"
            continue
        m = "no answers" if group["m"] is None else f"m {group['m']:.4f}"
        yield (
            f"Peer group {group['group']} ({names}): ICC {group['icc']:.4f}, {m},"
            f" tau2 {group['tau2']:.4f}, N {group['N']}, J {group['J']}, {group['status']}"
        )


def _data(shown: Evidence) -> Iterator[str]:
    yield "Responses: " + (_counts(shown.verdicts.by_verdict) or "none")
    if shown.verdicts.excluded_by_check:
        yield "Excluded by: " + _counts(shown.verdicts.excluded_by_check)
    yield f"Late answers, in no result: {shown.late}"
    for warning in shown.run.warnings if shown.run else []:
        text = WARNINGS.get(warning["code"], warning["code"])
        examples = ", ".join(warning["examples"])
        yield f"Warning: {text}: {warning['count']} ({examples})"


def _counts(counter: Any) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))
