"""export_payroll YYYY-MM --output F.xlsx: the stored workbook of the approved batch."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from core.exports import to_file
from incentives.queries.payroll import payroll_month
from incentives.services import payroll


class Command(BaseCommand):
    help = "Write the stored workbook of the month's approved batch; the same bytes ever after."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="the payroll month")
        parser.add_argument("--output", required=True, metavar="F.xlsx")
        parser.add_argument(
            "--batch", default="", metavar="NO", help="another batch of the month than the latest"
        )
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        batch = payroll.exportable(payroll_month(options["month"]), options["batch"], actor=actor)
        file = payroll.generate(batch, actor=actor)
        with to_file(options["output"]) as target:
            target.write(payroll.stored_bytes(file))
        batch = payroll.deliver(batch, actor=actor)
        self.stdout.write(
            f"{batch.batch_no}: {batch.totals['lines']} lines, net {batch.totals['net']} CNY,"
            f" SHA-256 {file.sha256}"
        )
