from argparse import ArgumentParser
from typing import Any

from core import privileges
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Give the application's database role its rights; run as the owner of the tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="the role in DATABASE_URL of the web server and workers")

    def handle(self, *args: Any, **options: Any) -> None:
        guarded = privileges.grant(options["role"])
        self.stdout.write(
            f"{options['role']}: granted; rows of {guarded} tables cannot be changed."
        )
