"""Write the valid verdict on each response of a survey to a CSV file."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as Base
from core.exports import write_csv
from surveys.cleaning.queries.export import COLUMNS, verdict_rows
from surveys.services.intake import survey_by_code


class Command(Base):
    help = "Write verdict, checks and evidence of each response, sorted by response_no."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="code of the survey")
        parser.add_argument("--output", required=True, metavar="F.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        survey = survey_by_code(options["code"])
        count = write_csv(options["output"], COLUMNS, verdict_rows(survey))
        self.stdout.write(f"{options['output']}: {count} responses")
