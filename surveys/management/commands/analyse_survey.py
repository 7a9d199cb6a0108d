"""Write all figures of a survey to a JSON file, unrounded; the same data give the same bytes."""

import json
from argparse import ArgumentParser
from typing import Any

from core.commands import Command as Base
from core.exports import to_file
from surveys.analysis.queries import analyse
from surveys.services.intake import survey_by_code


class Command(Base):
    help = "Write scores, NPS, top-2-box, alpha, by department and by employee, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="code of the survey")
        parser.add_argument("--period", help="2025-11, 2025-Q4 or 2025 (default: all days)")
        parser.add_argument("--output", required=True, metavar="F.json")

    def handle(self, *args: Any, **options: Any) -> None:
        survey = survey_by_code(options["code"])
        figures = analyse(survey, options["period"])
        text = json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
        with to_file(options["output"]) as file:
            file.write(text.encode() + b"\n")
        moment = f", as of {figures['as_of']}" if figures["as_of"] else ""
        self.stdout.write(f"{options['output']}: n {figures['n']}{moment}")
