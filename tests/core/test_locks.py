"""Advisory locks: the race without one, and that it is gone with one."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from core.errors import Busy, Conflict
from core.locks import Lock, message, or_busy, take
from core.models import User
from tests.core.conftest import race

pytestmark = pytest.mark.django_db(transaction=True)


def _first_comes(both_looked: threading.Barrier | None) -> Any:
    """Make a user unless there is one already: wrong when two look before either writes."""

    def act(number: int) -> None:
        with transaction.atomic():
            if both_looked is None:
                take(Lock.OPERATOR)
            found = User.objects.filter(username__startswith="first").exists()
            if both_looked is not None:
                both_looked.wait(10)
            if not found:
                User.objects.create(username=f"first{number}")

    return act


def test_without_a_lock_both_come_first() -> None:
    race(2, _first_comes(threading.Barrier(2)))
    assert User.objects.count() == 2


def test_with_the_lock_only_one_comes_first() -> None:
    outcomes = race(8, _first_comes(None))
    assert outcomes == [None] * 8
    assert User.objects.count() == 1


def test_a_busy_lock_is_a_conflict_that_leaves_the_transaction_usable() -> None:
    held, tried = threading.Event(), threading.Event()

    def act(number: int) -> str:
        with transaction.atomic():
            if number == 0:
                take(Lock.PERIOD, "2026-03")
                held.set()
                assert tried.wait(10)
                return "held"
            assert held.wait(10)
            try:
                with pytest.raises(Conflict, match="Somebody else"):
                    take(Lock.PERIOD, "2026-03", wait_ms=50)
                take(Lock.PERIOD, "2026-04", wait_ms=50)
                take(Lock.LEDGER, "2026-03", wait_ms=50)
                User.objects.create(username="still works")
                with connection.cursor() as cursor:
                    cursor.execute("SHOW lock_timeout")
                    return str(cursor.fetchone()[0])
            finally:
                tried.set()

    assert race(2, act) == ["held", "0"]
    assert User.objects.get().username == "still works"


def test_shared_holders_stand_together_and_keep_an_exclusive_one_out() -> None:
    together, tried = threading.Barrier(3), threading.Event()

    def act(number: int) -> str:
        if number < 2:
            with transaction.atomic():
                take(Lock.VERDICTS, shared=True)
                together.wait(10)  # passes only when both hold it
                assert tried.wait(10)
            return "shared"
        together.wait(10)
        try:
            with transaction.atomic():
                take(Lock.VERDICTS, wait_ms=50)
        except Conflict:
            return "busy"
        finally:
            tried.set()
        return "free"

    assert race(3, act) == ["shared", "shared", "busy"]


def test_a_lock_outside_a_transaction_is_a_bug() -> None:
    with pytest.raises(RuntimeError):
        take(Lock.LEDGER)


def test_locks_travel_with_what_is_read_under_them() -> None:
    """One message; the same addresses as `take`, so each waits for the other."""
    wanted = [(Lock.PERIOD, "2026-03", False), (Lock.LEDGER, 0, True)]
    held, tried = threading.Event(), threading.Event()

    def act(number: int) -> Any:
        statements, values = message(wanted, wait_ms=50)
        with or_busy(), transaction.atomic(), connection.cursor() as cursor:
            if number == 1:
                assert held.wait(10)
            try:
                cursor.execute(f"{statements};SELECT 41 + 1", values)
                found = cursor.fetchone()[0]
                held.set()
                assert tried.wait(10)
                with pytest.raises(Busy), or_busy():
                    take(Lock.LEDGER, wait_ms=50)  # alone, while another shares it
            finally:
                tried.set()
        return found

    def shares(_number: int) -> None:
        with transaction.atomic():
            take(Lock.LEDGER, shared=True, wait_ms=50)
            race_over.wait(20)

    race_over = threading.Event()
    beside = threading.Thread(target=shares, args=(0,))
    beside.start()
    try:
        first, second = race(2, act)
    finally:
        race_over.set()
        beside.join(20)
    assert first == 42
    assert isinstance(second, Busy)


def test_the_wait_of_a_message_ends_with_its_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        with transaction.atomic():
            statements, values = message([(Lock.PERIOD, 1, False)], wait_ms=70)
            cursor.execute(f"{statements};SHOW lock_timeout", values)
            assert cursor.fetchone() == ("70ms",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before
