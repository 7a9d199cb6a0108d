"""End the access of an integration client."""

from argparse import ArgumentParser
from typing import Any

from core import api
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Revoke an API client: its token stops working at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        api.revoke_client(options["name"], actor=self.actor(options))
        self.stdout.write(f"revoked: {options['name']}")
