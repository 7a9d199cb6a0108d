"""A survey goes into the field."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from core.commands import Command as BaseCommand
from surveys.services.questionnaires import open_survey


class Command(BaseCommand):
    help = (
        "Publishes the newest version of a questionnaire (the actor is recorded as approver) and "
        "opens a survey. Both days are inclusive, by submitted_at in Shanghai. The same call twice "
        "changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="code of the survey")
        parser.add_argument("--questionnaire", required=True, metavar="CODE")
        for option, name in (("--from", "first"), ("--to", "last")):
            parser.add_argument(
                option, dest=name, required=True, type=date.fromisoformat, metavar="YYYY-MM-DD"
            )
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        survey, created = open_survey(
            options["code"],
            questionnaire=options["questionnaire"],
            first=options["first"],
            last=options["last"],
            actor=self.actor(options),
        )
        state = "opened" if created else "unchanged"
        self.stdout.write(
            f"Survey {survey.code}: {survey.version}, {survey.opens_on} to {survey.closes_on}:"
            f" {state}."
        )
