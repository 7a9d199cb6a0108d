from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core import health
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Exit with 0 when the worker or beat has given a sign of life lately, else with 1."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=health.PARTS)

    def handle(self, *args: Any, **options: Any) -> None:
        state = health.signs_of_life(timezone.now())[options["name"]]
        if state != "ok":
            raise CommandError(f"{options['name']}: {state}")
        self.stdout.write(f"{options['name']}: {state}")
