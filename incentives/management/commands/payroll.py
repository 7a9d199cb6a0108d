"""payroll build|validate|approve|reject|export|acknowledge|close|show YYYY-MM."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from incentives.models import PayrollBatch
from incentives.queries.payroll import payroll_month, summary_lines
from incentives.services import payroll

STEPS = {
    "build": "gather every free entry of the month or earlier, and what the wage guard takes (hr)",
    "validate": "work everything out again and compare (hr)",
    "approve": "approve the validated batch (group, not its builder)",
    "reject": "free the batch's entries again (hr; after approval group)",
    "export": "make and store the workbook of the approved batch (hr)",
    "acknowledge": "the payroll system's count and net total; they must match (hr)",
    "close": "finish the acknowledged batch (hr)",
    "show": "print state, control totals and warnings (hr, group)",
}


class Command(BaseCommand):
    help = "Run the payroll of a month, step by step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
        for step, text in STEPS.items():
            one = steps.add_parser(step, help=text, description=text)
            one.add_argument("month", metavar="YYYY-MM", help="the payroll month")
            self.add_actor(one)
            if step == "reject":
                one.add_argument("--reason", required=True, help="why; kept with the batch")
            if step == "acknowledge":
                one.add_argument("--lines", type=int, required=True, help="lines taken over")
                one.add_argument(
                    "--total", required=True, help="net total in CNY: additions less deductions"
                )

    def handle(self, *args: Any, **options: Any) -> None:
        month = payroll_month(options["month"])
        actor = self.actor(options)
        step = options["step"]
        if step == "build":
            return self._say(payroll.build(month, actor=actor))
        batch = payroll.current(month, actor=actor)
        if step == "export":
            file = payroll.generate(batch, actor=actor)
            self.stdout.write(f"{batch.batch_no}: {file.size} bytes, SHA-256 {file.sha256}")
            return None
        if step == "acknowledge":
            batch = payroll.acknowledge(
                batch, lines=options["lines"], total=_amount(options["total"]), actor=actor
            )
        elif step == "reject":
            batch = payroll.reject(batch, reason=options["reason"], actor=actor)
        elif step != "show":
            verb = {
                "validate": payroll.validate,
                "approve": payroll.approve,
                "close": payroll.close,
            }
            batch = verb[step](batch, actor=actor)
        return self._say(batch)

    def _say(self, batch: PayrollBatch) -> None:
        self.stdout.write("\n".join(summary_lines(batch)))


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise InvalidInput(f"--total: {text!r} is not an amount.") from None
    if not amount.is_finite():
        raise InvalidInput(f"--total: {text!r} is not an amount.")
    return amount
