"""Make an integration client; its token is printed once."""

from argparse import ArgumentParser
from typing import Any

from core import api
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Create an API client and print its token, which is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", required=True, metavar="SCOPE")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        _client, token = api.create_client(
            options["name"], options["scope"], actor=self.actor(options)
        )
        self.stdout.write(token)
