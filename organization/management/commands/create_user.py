"""An account with roles."""

import sys
from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from organization.models import Role
from organization.services import ensure_user


class Command(BaseCommand):
    help = (
        "Creates an account; one that is there is given the roles it does not hold yet. Without "
        "--password-stdin a new one cannot log in with a password; nothing is ever asked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--role",
            dest="roles",
            nargs="+",
            action="extend",
            required=True,
            choices=Role.values,
            metavar="ROLE",
            help=", ".join(Role.values),
        )
        parser.add_argument("--employee-no", default="", metavar="NO")
        parser.add_argument(
            "--password-stdin", action="store_true", help="the first line of standard input"
        )
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user, given = ensure_user(
            options["name"],
            roles=options["roles"],
            employee_no=options["employee_no"],
            password=self._password() if options["password_stdin"] else None,
            actor=self.actor(options),
        )
        if given is None:
            self.stdout.write(
                f"Created {user.username} ({', '.join(dict.fromkeys(options['roles']))})."
            )
        else:
            self.stdout.write(f"{user.username}: given {', '.join(given) or 'nothing new'}.")

    def _password(self) -> str:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise InvalidInput("Standard input holds no password.")
        return password
