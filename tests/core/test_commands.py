"""Commands: English, refusals as text with exit 1, the actor, progress; permission answers."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit, commands
from core.errors import BadRows, DomainError, InvalidInput, RowError
from core.models import AuditEntry, User
from core.permissions import Allowed, Denied, require
from tests.conftest_worker import addresses

ROOT = Path(__file__).parents[2]


class _Command(commands.Command):
    """A command that does what the test says."""

    act: Callable[..., Any]

    def add_arguments(self, parser: Any) -> None:
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        type(self).act(self, options)


def _run(act: Callable[[Any, dict[str, Any]], Any], **options: Any) -> str:
    out = io.StringIO()
    command = type("Made", (_Command,), {"act": act})(stdout=out)
    call_command(command, **options)
    return out.getvalue()


def test_output_is_english_whatever_the_language() -> None:
    with translation.override("zh-hans"):
        assert _run(lambda self, options: self.stdout.write(translation.get_language())) == "en\n"


def test_a_refusal_is_a_command_error_with_every_line() -> None:
    def fail(self: Any, options: Any) -> None:
        raise BadRows([RowError(3, "b", "is missing"), RowError(2, "a", "is missing")])

    with pytest.raises(CommandError) as caught:
        _run(fail)
    assert str(caught.value) == "row 2, column a: is missing\nrow 3, column b: is missing"


def test_from_a_shell_a_refusal_is_text_on_stderr_and_exit_1(transactional_db: Any) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "create_api_client", "x", "--scope", "a b"],
        cwd=ROOT,
        env={**os.environ, **addresses()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "a b is not a scope.\n"


# A command in a process of its own that begins once the test has closed its end of the pipe.
UNREAD = """
import os, sys, django
django.setup()
from core import commands
from core.errors import InvalidInput

class Command(commands.Command):
    requires_system_checks = []

    def handle(self, *args, **options):
        self.stdout.write("first")
        self.stdout.flush()
        sys.stdin.readline()
        {act}

Command().run_from_argv(["manage.py", "made"])
"""


def _unread(act: str, *, merged: bool = False) -> tuple[int, str]:
    """Exit status and stderr of a command whose output nobody reads after its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", UNREAD.format(act=act)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "first\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.flush()
        errors = process.stderr.read() if process.stderr is not None else ""
    return process.returncode, errors


@pytest.mark.parametrize(
    ("act", "merged"),
    [
        ('self.stdout.write("a line\\n" * 100_000)', False),  # fails while it writes
        ('self.stdout.write("the last line")', False),  # fails when the rest is flushed at the end
        ('self.stdout.write("a line"); raise InvalidInput("Refused.")', False),
        ('raise InvalidInput("Refused, and nobody is told.")', True),
    ],
)
def test_a_reader_that_went_away_ends_the_command_quietly(act: str, merged: bool) -> None:
    status, errors = _unread(act, merged=merged)
    assert status == 128 + signal.SIGPIPE
    assert errors in {"", "Refused.\n"}


def test_another_broken_pipe_is_an_error() -> None:
    act = "pipe = os.pipe(); os.close(pipe[0]); os.write(pipe[1], b'x')"
    process = subprocess.run(
        [sys.executable, "-c", UNREAD.format(act=act)],
        cwd=ROOT,
        input="\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.endswith("BrokenPipeError: [Errno 32] Broken pipe\n")


@pytest.mark.django_db
def test_the_actor_is_the_operator_or_the_one_named() -> None:
    User.objects.create(username="ann")
    User.objects.create(username="gone", is_active=False)
    seen: list[User] = []

    def act(self: Any, options: Any) -> None:
        seen.append(self.actor(options))
        audit.record(seen[-1], "x", None)

    _run(act)
    _run(act, actor="operator")
    _run(act, actor="ann")
    assert [user.username for user in seen] == ["operator", "operator", "ann"]
    assert not seen[0].has_usable_password()
    assert set(AuditEntry.objects.filter(verb="x").values_list("channel", flat=True)) == {"command"}
    for name, message in (("nobody", "no account 'nobody'"), ("gone", "'gone' is not active")):
        with pytest.raises(CommandError, match=message):
            _run(act, actor=name)


@pytest.mark.django_db
def test_another_app_says_how_the_operator_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_operator_factory", None)
    plain = commands.operator()
    assert (plain.username, plain.has_usable_password()) == ("operator", False)
    commands.register_operator_factory(lambda: User.objects.create(username="made elsewhere"))
    assert commands.operator().username == "made elsewhere"


def test_progress_goes_to_stderr_and_always_ends(capsys: pytest.CaptureFixture[str]) -> None:
    progress = commands.progress(3, "rows")
    for _turn in range(3):
        progress.advance()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("rows: 3/3\n")
    progress(5, 10)
    progress(10)
    assert capsys.readouterr().err.endswith("rows: 10/10\n")


def test_permission_answers_carry_their_reason() -> None:
    assert Allowed()
    assert Allowed() == Allowed()
    assert not Denied("Not yours.")
    require(Allowed())
    with pytest.raises(Denied, match="Not yours") as caught:
        require(Denied("Not yours."))
    assert (caught.value.status, str(caught.value.reason)) == (403, "Not yours.")
    assert isinstance(caught.value, DomainError)


def test_messages_are_turned_into_text_for_the_reader() -> None:
    error = InvalidInput(translation.gettext_lazy("Monday"))  # Django's own catalogue has it
    with translation.override("zh-hans"):
        assert str(error) == _("Monday") == "星期一"
    with translation.override("en"):
        assert str(error) == "Monday"
