"""Judge all responses of a survey by its cleaning rules; can be repeated at any time."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from core.commands import Command as Base
from core.commands import progress
from core.stats import Mean
from surveys.cleaning import services
from surveys.cleaning.queries.summary import summary
from surveys.cleaning.rules.catalogue import CATALOGUE
from surveys.services.intake import survey_by_code


class Command(Base):
    help = "Judge all responses of a survey; the same answers always get the same verdicts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="code of the survey")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        survey = survey_by_code(options["code"])
        result = services.clean_survey(
            survey,
            actor=self.actor(options),
            now=timezone.now(),
            on_progress=progress(0, "months"),
        )
        figures = summary(survey)
        verdicts = figures["verdicts"]
        self.stdout.write(
            f"{survey.code}: {result['responses']} responses, {result['changed']} new verdicts, "
            f"{result['kept']} decided by people and kept"
        )
        self.stdout.write(", ".join(f"{verdict} {count}" for verdict, count in verdicts.items()))
        for check in (code for code in CATALOGUE if code in result["checks"]):
            tested, hit = result["checks"][check]
            self.stdout.write(f"{check}: {hit} of {tested}" if tested else f"{check}: not testable")
        for name, title in (("raw", "raw"), ("hard", "hard rules only"), ("all", "all rules")):
            self.stdout.write(f"score, {title}: {_score(figures[name])}")


def _score(mean: Mean) -> str:
    return "none" if mean.mean is None else f"{mean.mean:.2f} (n {mean.n})"
