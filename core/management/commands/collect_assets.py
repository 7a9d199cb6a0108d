from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from core import translations
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Compile the translations and collect the static files; needs no database."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        compiled = translations.compile_all([Path(path) for path in settings.LOCALE_PATHS])
        call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout)
        self.stdout.write(f"{compiled} translations compiled, static files collected.")
