"""End a survey: from now on its answers are judged by the figures of this moment."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from core.commands import Command as Base
from surveys.cleaning import services
from surveys.services.intake import survey_by_code


class Command(Base):
    help = "End a survey and freeze the medians its answers are judged by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="code of the survey")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        survey = services.close_survey(
            survey_by_code(options["code"]), actor=self.actor(options), now=timezone.now()
        )
        self.stdout.write(f"{survey.code}: closed")
