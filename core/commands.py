"""Management commands: English output, a refusal is a sentence on stderr and exit status 1."""

import os
import select
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core import audit
from core.errors import DomainError, InvalidInput
from core.models import User

OPERATOR = "operator"
_operator_factory: Callable[[], User] | None = None


def register_operator_factory(factory: Callable[[], User]) -> None:
    """Tell how the account `operator` with its role is made; organization does so when ready."""
    global _operator_factory
    _operator_factory = factory


def operator() -> User:
    """The account commands act as when nobody is named; it has no usable password."""
    if _operator_factory is not None:
        return _operator_factory()
    user, created = User.objects.get_or_create(username=OPERATOR)
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


class Command(BaseCommand):
    """Base of all commands: refusals become text and exit 1, audit rows say "command"."""

    def add_actor(self, parser: ArgumentParser) -> None:
        """Add --actor NAME."""
        parser.add_argument(
            "--actor",
            default=OPERATOR,
            metavar="NAME",
            help="account that acts (default: %(default)s)",
        )

    def actor(self, options: dict[str, Any]) -> User:
        """The account named by --actor; unknown or inactive: InvalidInput."""
        name = options.get("actor") or OPERATOR
        if name == OPERATOR:
            return operator()
        user = User.objects.filter(username=name).first()
        if user is None:
            raise InvalidInput(f"There is no account {name!r}.")
        if not user.is_active:
            raise InvalidInput(f"The account {name!r} is not active.")
        return user

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from a shell. When the reader of the output went away (`| head -1`), end quietly
        with the status of a process that the broken pipe ended, as other tools do."""
        try:
            try:
                super().run_from_argv(argv)
            except SystemExit:  # a refusal; the lines written before it may still wait
                sys.stdout.flush()
                raise
            sys.stdout.flush()
        except BrokenPipeError:
            if not _silence_unread():
                raise  # another pipe broke, such as one to a server
            sys.exit(128 + signal.SIGPIPE)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run in English, by channel "command". From a shell a refusal exits with 1; called
        from Python it is a CommandError with the same text."""
        try:
            with translation.override("en"), audit.via("command"):
                return super().execute(*args, **options)
        except DomainError as error:
            with translation.override("en"):
                text = str(error)
            if getattr(self, "_called_from_command_line", False) and not options.get("traceback"):
                self.stderr.write(text)
                sys.exit(1)
            raise CommandError(text) from error


def _silence_unread() -> bool:
    """Point stdout and stderr at nothing where nobody reads them; whether there was such a one.

    Python writes what it still holds when it ends, which would fail once more.
    """
    poll = select.poll()
    for stream in (sys.stdout, sys.stderr):
        poll.register(stream.fileno(), 0)  # no event asked for: only errors are told
    unread = [fd for fd, event in poll.poll(0) if event & (select.POLLERR | select.POLLHUP)]
    for fd in unread:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, fd)
        os.close(nowhere)
    return bool(unread)


class Progress:
    """A line on stderr that says how far a long command is."""

    def __init__(self, total: int, label: str = "") -> None:
        self.total, self.label, self.done = total, label, 0
        self._last = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        """Report the absolute number done; usable as an on_progress callback."""
        self.done = done
        if total is not None:
            self.total = total
        now = time.monotonic()
        if done < self.total and now - self._last < 0.5:
            return
        self._last = now
        end = "\r" if sys.stderr.isatty() and done < self.total else "\n"
        sys.stderr.write(f"{self.label + ': ' if self.label else ''}{done}/{self.total}{end}")
        sys.stderr.flush()

    def advance(self, steps: int = 1) -> None:
        """Report `steps` more."""
        self(self.done + steps)


def progress(total: int, label: str = "") -> Progress:
    """A progress line for `total` steps on stderr."""
    return Progress(total, label)
