"""The demo company of a first ./run. It never enters an instance that holds somebody's own data:
the choice is made once, at the first ./run, and only while the database has no employee."""

import subprocess
import sys

from instance.django import Django
from instance.screen import InstanceError, say

_IS_EMPTY = "from organization.models import Employee; print(int(not Employee.objects.exists()))"


class Demo:
    def __init__(self, django: Django) -> None:
        self._django, self._layout = django, django.layout
        self._list = django.layout.data / "demo_accounts.txt"

    def offer(self, *, wanted: bool) -> None:
        """Makes the demo company if this is the first start and it is wanted."""
        if self._layout.fact("demo") in {"seeded", "declined"}:
            return
        # A seed that was interrupted goes on; only a fresh start asks whether there are own data.
        if self._layout.fact("demo") != "begun" and not (wanted and self._is_empty()):
            self._layout.remember(demo="declined")
            return
        self._layout.remember(demo="begun")
        say("Making the demo company, a year of data (once) …")
        self._list.write_text(self._run("seed_demo"))
        self._layout.remember(demo="seeded")

    def accounts(self) -> str:
        """What seed_demo said about its accounts; empty without the demo company."""
        seeded = self._layout.fact("demo") == "seeded" and self._list.exists()
        return self._list.read_text() if seeded else ""

    def _is_empty(self) -> bool:
        return self._run("shell", "--no-imports", "-c", _IS_EMPTY).strip() == "1"

    def _run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603
            self._django.manage(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
            env=self._django.variables(),
            check=False,
        )
        if done.returncode:
            raise InstanceError(
                f"manage {words[0]} ended with exit status {done.returncode}. "
                "Start again to go on, or without the demo company: ./run --no-demo"
            )
        return done.stdout
