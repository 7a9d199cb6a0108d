"""show_lineage BATCH/LINE: where one line of payroll comes from, down to each response."""

from argparse import ArgumentParser
from typing import Any

from core import audit
from core.commands import Command as BaseCommand
from core.permissions import require
from incentives.permissions import may_see_line
from incentives.queries.lineage import as_text, lineage_of
from incentives.queries.payroll import line_by_no


class Command(BaseCommand):
    help = "Print where a payroll line comes from: ledger, decisions, scorecard, every response."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("line", metavar="BATCH/LINE", help="for example PB-2025-11/87")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        line = line_by_no(options["line"])
        require(may_see_line(actor, line))
        audit.record(actor, "payroll.lineage_seen", line, line=line.no)
        for text in as_text(lineage_of(line)):
            self.stdout.write(text)
