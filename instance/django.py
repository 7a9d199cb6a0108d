"""Django processes of an instance: their environment, and what must have run before they start."""

import os
import subprocess
from pathlib import Path

from instance.files import digest, locked, read_json, write_json
from instance.layout import REPOSITORY
from instance.python_env import python_of
from instance.screen import InstanceError, say
from instance.session import Session

# Commands that change or make tables; all others work with the application's own, lesser role.
_OWNER_COMMANDS = {
    *("migrate", "makemigrations", "squashmigrations", "prepare", "grant_privileges"),
    *("backup", "restore"),
    *("flush", "dbshell", "test"),
}


class Django:
    """The application's processes in one instance."""

    def __init__(self, session: Session, environment: Path, node_modules: Path) -> None:
        self.session, self.layout = session, session.layout
        self.environment, self.node_modules = environment, node_modules

    def variables(self, *, owner: bool = False) -> dict[str, str]:
        """The environment of a process. What the caller has set wins over the instance's own."""
        layout = self.layout
        urls = self.session.urls()
        own = {
            "SECRET_KEY": layout.secret("secret_key"),
            "METRICS_TOKEN": layout.secret("metrics_token"),
            "HTTPS": "false",
            "DEMO_MODE": "true" if layout.fact("demo") == "seeded" else "false",
            "STATIC_ROOT": str(layout.data / "static"),
            "MEDIA_ROOT": str(layout.data / "media"),
            "NODE_MODULES": str(self.node_modules),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
        }
        outside = {k: v for k, v in os.environ.items() if k not in {"PYTHONHOME", "PYTHONPATH"}}
        outside.pop("DATABASE_OWNER_URL", None)
        return {
            **own,
            **outside,
            "DATABASE_URL": urls["DATABASE_OWNER_URL" if owner else "DATABASE_URL"],
            "REDIS_URL": urls["REDIS_URL"],
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        }

    def command(self, *words: str) -> list[str]:
        return [str(python_of(self.environment)), *words]

    def manage(self, *words: str) -> list[str]:
        return self.command(str(REPOSITORY / "manage.py"), *words)

    def variables_for(self, words: list[str]) -> dict[str, str]:
        """The environment of `manage.py words`: the owner's only for commands that need it."""
        return self.variables(owner=bool(words) and words[0] in _OWNER_COMMANDS)

    # -- preparing ------------------------------------------------------------------------------
    def prepare(self, *, always: bool = False) -> None:
        """Migrations, privileges, translations and static files. A fingerprint of their sources
        makes this free when nothing has changed; `always` looks into the database all the same."""
        note = self.layout.state / "prepared.json"
        wanted = self._fingerprint()
        if not always and read_json(note).get("fingerprint") == wanted:
            return
        with locked(self.layout.state / "prepare.lock", lambda: say("Another process migrates …")):
            stored = read_json(note).get("fingerprint")
            if stored == wanted and not always:
                return
            if stored is None:
                say("Creating the tables …")
            static = [] if stored == wanted else ["--collect"]
            self._run_prepare(static)
            write_json(note, {"fingerprint": wanted})

    def _run_prepare(self, options: list[str]) -> None:
        urls = self.session.urls()
        if urls["DATABASE_URL"] != urls["DATABASE_OWNER_URL"]:
            options = [*options, "--grant-to", urls["DATABASE_URL"].split("//")[1].split(":")[0]]
        done = subprocess.run(  # noqa: S603
            self.manage("prepare", *options),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.variables(owner=True),
            check=False,
        )
        if done.returncode:
            shown = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
            raise InstanceError(f"Preparing the database failed:\n{shown}")

    def _fingerprint(self) -> str:
        """Changes with the migrations, translations and static files, with the installed packages
        and with the database they were applied to."""
        sources = [
            path
            for pattern in ("*/migrations/*.*", "*/sql/*.sql", "locale/*/*/*.po", "static/**/*")
            for path in sorted(REPOSITORY.glob(pattern))
            if path.is_file() and path.suffix not in {".pyc", ".mo"}
        ]
        cluster = self.layout.state / "roles"
        database = (
            f"{self.layout.id} {cluster.stat().st_mtime_ns if cluster.exists() else 0}"
            if "postgres" in self.session.needs
            else self.session.urls()["DATABASE_OWNER_URL"]
        )
        return digest([*sources, self.environment.name, self.node_modules.parent.name, database])
