"""Fewer messages to the server: a kept connection is looked at, not asked, and a transaction
begins and ends with what is asked in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.brief import brief_transaction
from core.database import base
from core.models import Heartbeat, JobChunk
from instance.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Each time the server is asked whether it is there: what it said."""
    found: list[bool] = []
    real = base.base.DatabaseWrapper.is_usable

    def ask(self: base.DatabaseWrapper) -> bool:
        found.append(real(self))
        return found[-1]

    monkeypatch.setattr(base.base.DatabaseWrapper, "is_usable", ask)
    connection.close()
    connection.ensure_connection()
    return found


def end_session() -> None:
    """By somebody else, as a restart of the server does."""
    pid = connection.connection.info.backend_pid
    other = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    assert wait_until(lambda: not connection._silent(), 10.0)  # type: ignore[attr-defined]


def test_a_silent_connection_is_not_asked(asked: list[bool]) -> None:
    assert [connection.is_usable() for _turn in range(3)] == [True] * 3
    assert asked == []


def test_after_a_while_it_is_asked_once(asked: list[bool]) -> None:
    connection._answered_at -= base.ASKED_EVERY  # type: ignore[attr-defined]
    assert [connection.is_usable() for _turn in range(3)] == [True] * 3
    assert asked == [True]


def test_after_an_error_it_is_asked(asked: list[bool]) -> None:
    connection.errors_occurred = True
    assert connection.is_usable()
    assert asked == [True]


def test_within_a_failed_transaction_it_is_asked(asked: list[bool]) -> None:
    with transaction.atomic():
        with pytest.raises(DataError), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        assert not connection.is_usable()
        transaction.set_rollback(True)
    assert asked == [False]
    assert connection.is_usable()


def test_a_session_ended_by_the_server_is_replaced_before_it_is_used(asked: list[bool]) -> None:
    end_session()
    connection.health_check_enabled, connection.health_check_done = True, False
    assert Heartbeat.objects.count() == 0  # no error: the request does not notice
    assert asked == [False]


def row(name: str) -> None:
    Heartbeat.objects.create(name=name, at="2026-01-01T00:00:00Z")


def names() -> list[str]:
    """As another session sees them."""
    connection.close()
    return sorted(Heartbeat.objects.values_list("name", flat=True))


def ended() -> bool:
    """The server holds no transaction open, and the next statement stands for itself."""
    status = connection.connection.info.transaction_status
    return (status, connection.in_atomic_block, connection.get_autocommit()) == (0, False, True)


@pytest.mark.parametrize("last", [True, False])
def test_it_is_committed_with_the_last_message_or_at_the_end(last: bool) -> None:
    with CaptureQueriesContext(connection) as sent, brief_transaction() as ends:
        assert connection.in_atomic_block
        with connection.cursor() as cursor:
            cursor.execute(f"{ends.first}SELECT 1")
            assert cursor.fetchone() == (1,)
            row("one")
            cursor.execute(f"SELECT 2{ends.last if last else ''}")
    # Django writes down what it believes to send itself.
    texts = [each["sql"] for each in sent if each["sql"] not in ("BEGIN", "COMMIT")]
    assert (texts[0], texts[-1]) == (
        "BEGIN;\nSELECT 1", "SELECT 2;\nCOMMIT" if last else "SELECT 2")  # fmt: skip
    assert ended()
    assert names() == ["one"]


def stored(name: str, then: Callable[[], object], last: str) -> None:
    """A row, what is done after it, and a last statement."""
    with brief_transaction() as ends, connection.cursor() as cursor:
        cursor.execute(f"{ends.first}SELECT 1")
        row(name)
        then()
        cursor.execute(f"{last}{ends.last}")


def nothing() -> None:
    pass


def fails() -> None:
    raise RuntimeError


def names_no_job() -> None:
    """Foreign keys wait for the end, which comes with the last message."""
    JobChunk.objects.create(job_id=-1, number=0)


@pytest.mark.parametrize(
    ("then", "last", "error"),
    [
        (fails, "SELECT 2", RuntimeError),
        (nothing, "SELECT 1/0", DataError),
        (names_no_job, "SELECT 2", IntegrityError),
    ],
)
def test_an_error_takes_everything_back(then: Any, last: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        stored("one", then, last)
    assert ended()
    row("two")
    assert names() == ["two"]


def gives_up_a_part() -> None:
    with contextlib.suppress(RuntimeError), transaction.atomic():
        row("two")
        fails()


def test_a_savepoint_inside_is_one() -> None:
    stored("one", gives_up_a_part, "SELECT 2")
    assert names() == ["one"]


def test_within_a_transaction_it_ends_nothing() -> None:
    with transaction.atomic():
        stored("one", nothing, "SELECT 2")
        with brief_transaction() as ends:
            assert (ends.first, ends.last) == ("", "")
        transaction.set_rollback(True)
    assert names() == []


@pytest.fixture(autouse=True)
def _nobody() -> Iterator[None]:
    Heartbeat.objects.all().delete()
    yield
    Heartbeat.objects.all().delete()
