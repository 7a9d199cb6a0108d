"""record_recovery: a decided debt, taken from pay by the wage guard month by month."""

from argparse import ArgumentParser
from datetime import date
from decimal import Decimal
from typing import Any

from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from core.models import User
from core.money import yuan
from incentives.services.recoveries import NewDebt, record_recovery
from organization.models import Employee


class Command(BaseCommand):
    help = (
        "Record a decided debt. Refused without contract clause, written notice and proven cause,"
        " and for a fine (D) where the place of work does not allow it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--employee-no", required=True, metavar="NO")
        parser.add_argument("--kind", choices=["C", "D"], default="C", help="C loss, D fine")
        parser.add_argument("--amount", required=True, metavar="CNY")
        parser.add_argument("--decided-by", required=True, metavar="NAME", help="role group")
        parser.add_argument("--decided-on", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--notice-on", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--contract-clause", default="", metavar="TEXT")
        parser.add_argument("--cause", default="", metavar="TEXT", help="what was proven, and how")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        employee = Employee.objects.filter(employee_no=options["employee_no"]).first()
        if employee is None:
            raise InvalidInput(f"There is no employee {options['employee_no']!r}.")
        decider = User.objects.filter(username=options["decided_by"], is_active=True).first()
        if decider is None:
            raise InvalidInput(f"There is no active account {options['decided_by']!r}.")
        debt = NewDebt(
            employee=employee,
            kind=options["kind"],
            amount=_amount(options["amount"]),
            decided_on=options["decided_on"],
            contract_clause=options["contract_clause"],
            notice_on=options["notice_on"],
            cause=options["cause"],
        )
        recovery = record_recovery(debt, decided_by=decider, actor=self.actor(options))
        self.stdout.write(f"{recovery.recovery_no}: {recovery.amount} CNY, kind {recovery.kind}")


def _amount(text: str) -> Decimal:
    """The amount as it was typed: rounding somebody's debt is not for us to do."""
    amount = yuan(text)
    if amount != Decimal(text):
        raise InvalidInput(f"--amount: {text!r} is not a number of whole fen.")
    return amount
