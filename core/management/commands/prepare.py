from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command

from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "All a new version needs before it starts: tables, rights, translations, static files."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grant-to", metavar="ROLE", help="the application's database role")
        parser.add_argument(
            "--collect", action="store_true", help="also compile translations, collect static files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["collect"]:
            call_command("collect_assets", stdout=self.stdout)
        call_command(
            "migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout
        )
        if options["grant_to"]:
            call_command("grant_privileges", options["grant_to"], stdout=self.stdout)
