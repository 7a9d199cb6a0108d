"""The demo company: a year of invented data, an account for every role."""

import time
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from dashboards.services.demo.accounts import ACCOUNTS, PASSWORD
from dashboards.services.demo.company import people
from dashboards.services.demo.seed import DemoSeed
from organization.models import Employee


class Command(BaseCommand):
    help = (
        "Makes the demo company (everything invented). Run again it changes nothing; it never "
        "enters a database that holds other people."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the day it is made for (default: today)",
        )
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self._refuse_other_companies()
        started = time.monotonic()
        today = options["today"] or timezone.localdate()
        now = timezone.now()
        if today != timezone.localdate(now):
            now = datetime.combine(today, datetime.min.time(), ZoneInfo("Asia/Shanghai"))

        def say(text: str) -> None:
            self.stderr.write(f"{time.monotonic() - started:5.1f} s  {text}")

        actor = self.actor(options)
        DemoSeed(today=today, operator=actor, now=now, say=say).run()
        self.stdout.write(f"Demo accounts (invented people; password of all: {PASSWORD}):")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username}  {account.title}")

    def _refuse_other_companies(self) -> None:
        ours = [person.number for person in people()]
        names = dict(Employee.objects.values_list("employee_no", "name"))
        expected = {person.number: person.name for person in people()}
        if any(expected.get(number) != name for number, name in names.items()):
            raise InvalidInput(
                f"This database holds other people than the {len(ours)} of the demo company."
            )
