"""The audit trail: what is written, in which order it is sealed, and that tampering is found."""

import datetime
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from core import audit
from core.models import AuditEntry, AuditSalt, AuditSeal, User
from tests.core.conftest import race


def _behind_the_back(statement: str, *values: object) -> None:
    """What somebody with the rights of the database's owner could do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


@pytest.fixture
def thing(transactional_db: Any) -> User:
    # Other apps tell the trail what they set up at migration; each test counts from nothing.
    _behind_the_back("TRUNCATE core_auditentry, core_auditseal")
    return User.objects.create(username="thing")


def test_a_row_holds_who_what_which_way_and_plain_data(thing: User) -> None:
    with audit.via("web"):
        entry = audit.record(
            thing, "pay.changed", thing, amount=Decimal("10.50"), on=datetime.date(2026, 3, 1)
        )
    entry.refresh_from_db()
    assert (entry.actor, entry.channel, entry.verb) == (thing, "web", "pay.changed")
    assert (entry.object_type, entry.object_id) == ("core.user", str(thing.pk))
    assert entry.data == {"amount": "10.50", "on": "2026-03-01"}
    assert audit.record(None, "slept", None).channel == "system"


def test_a_row_disappears_with_the_change_it_tells_of(thing: User) -> None:
    with transaction.atomic():
        audit.record(thing, "x", thing)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def test_personal_data_and_unknown_channels_are_bugs(thing: User) -> None:
    with pytest.raises(ValueError, match="Personal data"):
        audit.record(thing, "x", thing, phone="13800000000")
    with pytest.raises(ValueError, match="channel"), audit.via("fax"):
        pass
    with pytest.raises(TypeError):
        audit.record(thing, "x", thing, who=thing)


def test_a_fingerprint_shows_change_only_until_the_salt_is_gone(thing: User) -> None:
    first = audit.fingerprint(thing, "13800000000")
    assert first == audit.fingerprint(thing, "13800000000")
    assert first != audit.fingerprint(thing, "13800000001")
    audit.forget(thing)
    assert not AuditSalt.objects.exists()
    assert first != audit.fingerprint(thing, "13800000000")


def test_sealing_chains_every_row_once(thing: User) -> None:
    for number in range(5):
        audit.record(thing, "x", thing, number=number)
    assert audit.seal() == 5
    assert audit.seal() == 0
    audit.record(thing, "y", thing)
    assert audit.seal() == 1
    assert list(AuditSeal.objects.order_by("seq").values_list("seq", "entry__verb")) == [
        *[(seq, "x") for seq in range(1, 6)],
        (6, "y"),
    ]
    assert audit.verify() is None


def test_batches_do_not_change_the_chain(thing: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        for number in range(audit.BATCH + 1):
            audit.record(thing, "x", thing, number=number)
    assert audit.seal() == audit.BATCH + 1
    assert audit.verify() is None


def test_a_row_of_an_open_transaction_waits_and_nothing_overtakes_it(thing: User) -> None:
    written, sealed_once = threading.Event(), threading.Event()

    def act(number: int) -> int:
        if number == 0:
            with transaction.atomic():
                audit.record(thing, "early", thing)
                written.set()
                assert sealed_once.wait(10)
            return 0
        assert written.wait(10)
        audit.record(thing, "late", thing)  # its transaction began later and is over already
        count = audit.seal()
        sealed_once.set()
        return count

    assert race(2, act) == [0, 0]
    assert audit.seal() == 2
    verbs = AuditSeal.objects.order_by("seq").values_list("entry__verb", flat=True)
    assert list(verbs) == ["early", "late"]


def test_writers_and_sealers_at_once_leave_one_whole_chain(thing: User) -> None:
    def act(number: int) -> int:
        if number < 3:
            return sum(audit.seal() for _turn in range(10))
        for turn in range(20):
            with transaction.atomic():
                audit.record(thing, "x", thing, number=number, turn=turn)
        return 0

    outcomes = race(9, act)
    assert sum(outcomes) + audit.seal() == 6 * 20
    assert audit.verify() is None
    assert audit.head()[0] == 120


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE core_auditentry SET data = '{\"number\": 99}' WHERE id = %s", "changed"),
        ("UPDATE core_auditentry SET actor_id = NULL WHERE id = %s", "changed"),
        ("UPDATE core_auditentry SET at = at + interval '1 us' WHERE id = %s", "changed"),
        ("UPDATE core_auditentry SET channel = 'api' WHERE id = %s", "changed"),
        ("DELETE FROM core_auditentry WHERE id = %s", "removed"),
        ("DELETE FROM core_auditseal WHERE entry_id = %s", "missing"),
        ("UPDATE core_auditseal SET hash = repeat('0', 64) WHERE entry_id = %s", "changed"),
    ],
)
def test_verify_names_the_first_broken_row(thing: User, statement: str, problem: str) -> None:
    entries = [audit.record(thing, "x", thing, number=number) for number in range(4)]
    audit.seal()
    _behind_the_back(statement, entries[2].pk)
    broken = audit.verify()
    assert broken is not None
    assert broken.seq == 3
    assert problem in broken.problem
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_audit")
    assert stopped.value.code == 1


def test_a_chain_cut_at_its_end_is_found_by_the_head_outside(
    thing: User, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [audit.record(thing, "x", thing, number=number) for number in range(3)]
    call_command("verify_audit")
    assert capsys.readouterr().out.startswith("audit chain intact: 3 rows, head ")
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.txt"))) == 1
    _behind_the_back("DELETE FROM core_auditseal WHERE entry_id = %s", entries[2].pk)
    _behind_the_back("DELETE FROM core_auditentry WHERE id = %s", entries[2].pk)
    broken = audit.verify()
    assert broken is not None
    assert (broken.seq, broken.entry_id) == (3, None)
    assert "ends at 2" in broken.problem


def test_a_chain_written_anew_is_found_by_the_head_outside(thing: User) -> None:
    entries = [audit.record(thing, "x", thing, number=number) for number in range(3)]
    audit.seal()
    audit.write_head()
    _behind_the_back("DELETE FROM core_auditseal")
    _behind_the_back("UPDATE core_auditentry SET verb = 'forged' WHERE id = %s", entries[0].pk)
    audit.seal(everything=True)
    broken = audit.verify()
    assert broken is not None
    assert "kept outside" in broken.problem


def test_rows_restored_from_another_server_are_sealed_too(thing: User) -> None:
    """There transaction numbers were higher than any this server has given yet."""
    audit.record(thing, "old", thing)
    audit.seal()
    entry = audit.record(thing, "restored", thing)
    _behind_the_back("UPDATE core_auditentry SET xid = xid + 1000000 WHERE id = %s", entry.pk)
    assert audit.seal() == 1
    audit.record(thing, "new", thing)  # numbered below the restored row
    assert audit.seal() == 1
    audit.record(thing, "newer", thing)
    assert audit.seal() == 1
    assert audit.verify() is None
    assert AuditSeal.objects.count() == 4


def test_work_in_another_database_of_the_server_holds_nothing_up(thing: User) -> None:
    elsewhere = psycopg2.connect(
        **{**connection.get_connection_params(), "dbname": "postgres", "cursor_factory": None}
    )
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")  # a writing transaction, left open
        audit.record(thing, "x", thing)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint < xid"
                " FROM core_auditentry"
            )
            assert cursor.fetchone() == (True,)  # the plain rule would wait
        assert audit.seal() == 1
    finally:
        elsewhere.close()


def test_commands_say_so_in_the_trail(thing: User) -> None:
    call_command("create_api_client", "crm", "--scope", "responses:write")
    entry = AuditEntry.objects.get(verb="api_client.created")
    assert entry.channel == "command"
    assert entry.actor is not None
    assert entry.actor.username == "operator"
    with pytest.raises(CommandError, match="exists already"):
        call_command("create_api_client", "crm", "--scope", "responses:write")
