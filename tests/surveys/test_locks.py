"""Cut-offs are exact, and of two who do the same at once one waits or is told."""

import datetime
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from core.errors import Conflict
from core.locks import Lock, take
from core.models import User
from organization.services import assign_role
from surveys import queries, services
from surveys.models import DataLock, Rating, Response, ResponseKey, Verdict
from surveys.services import clock
from surveys.services.verifying import verify_rollups
from tests.surveys.conftest import answer

MARCH = (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))
PATIENCE = 60

pytestmark = pytest.mark.django_db(transaction=True)


class InThread(threading.Thread):
    """Runs a function with a database connection of its own; `outcome` is its result or error."""

    def __init__(self, function):
        super().__init__(daemon=True)
        self.function, self.outcome = function, None
        self.start()

    def run(self):
        try:
            self.outcome = self.function()
        except Exception as error:
            self.outcome = error
        finally:
            connections.close_all()

    def result(self):
        self.join(PATIENCE)
        assert not self.is_alive()
        return self.outcome


class Paused:
    """An import that stops after it has written everything and before it commits."""

    def __init__(self, world, *rows):
        self.inside, self.go = threading.Event(), threading.Event()
        self.thread = InThread(lambda: world.send(*rows, on_progress=self.pause))
        assert self.inside.wait(PATIENCE), self.thread.outcome

    def pause(self, done, total):
        self.inside.set()
        assert self.go.wait(PATIENCE)

    def finish(self):
        self.go.set()
        return self.thread.result()


def counted(as_of):
    return int(queries.person_totals(*MARCH, as_of=as_of)["n"].sum())


def test_a_cut_off_waits_for_who_is_judging_so_reading_as_of_it_never_changes(world):
    world.send(answer(1))
    writer = Paused(world, answer(2))
    with pytest.raises(Conflict), transaction.atomic():
        take(Lock.VERDICTS, wait_ms=50)
    locker = InThread(lambda: services.lock_data("2026-03", *MARCH, actor=None))
    assert writer.finish().new == 1
    cutoff = locker.result().cutoff_at
    assert counted(cutoff) == 2
    world.send(answer(3))
    assert (counted(cutoff), counted(None)) == (2, 3)
    assert world.response(3).late


def test_control_without_the_lock_a_reading_as_of_the_cut_off_changes_afterwards(
    world, monkeypatch
):
    world.send(answer(1))
    monkeypatch.setattr(clock, "take", lambda *args, **options: None)
    writer = Paused(world, answer(2))
    cutoff = services.lock_data("2026-03", *MARCH, actor=None).cutoff_at
    before = counted(cutoff)
    writer.finish()
    assert (before, counted(cutoff)) == (1, 2)


def test_a_judgement_after_the_cut_off_is_stamped_after_it_whatever_the_clock_says(world):
    world.send(answer(1))
    ahead = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    lock = services.lock_data("2026-03", *MARCH, actor=None, now=ahead)
    assert lock.cutoff_at == ahead
    world.send(answer(2))
    assert Verdict.objects.latest("decided_at").decided_at > ahead
    assert counted(ahead) == 1


def test_locking_twice_is_a_conflict_and_unlocking_lets_it_be_taken_anew(world):
    first = services.lock_data("2026-03", *MARCH, actor=world.operator)
    with pytest.raises(Conflict, match="locked already"):
        services.lock_data("2026-03", *MARCH, actor=world.operator)
    world.send(answer(1))
    services.unlock_data("2026-03", world.operator)
    with pytest.raises(Conflict, match="not locked"):
        services.unlock_data("2026-03", world.operator)
    assert queries.data_lock("2026-03") is None
    again = services.lock_data("2026-03", *MARCH, actor=world.operator)
    assert (again.pk, counted(first.cutoff_at), counted(again.cutoff_at)) == (first.pk, 0, 1)
    assert DataLock.objects.count() == 1


def test_two_imports_of_one_file_at_once_store_it_once(world):
    rows = [answer(i) for i in range(1, 4)]
    first = Paused(world, *rows)
    second = InThread(lambda: world.send(*rows))
    assert first.finish().new == 3
    report = second.result()
    assert (report.new, report.unchanged) == (0, 3)
    assert (Response.objects.count(), ResponseKey.objects.count()) == (3, 3)
    assert verify_rollups() is None


def test_two_people_deciding_one_answer_at_once_one_wins_and_the_other_is_told(world):
    world.send(answer(1))
    users = []
    for name in ("first", "second"):
        user = User.objects.create_user(name)
        assign_role(user, "executor", actor=None)
        users.append(user)
    barrier = threading.Barrier(2)

    def decide(user, verdict):
        barrier.wait(PATIENCE)
        return services.record_verdict(
            world.response(1), verdict, reason="x", actor=user, seen_seq=1
        )

    threads = [
        InThread(lambda user=user, verdict=verdict: decide(user, verdict))
        for user, verdict in zip(users, ("excluded", "counted"), strict=True)
    ]
    outcomes = [thread.result() for thread in threads]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Verdict"]
    assert Verdict.objects.count() == 2
    assert verify_rollups() is None


def test_twenty_senders_of_one_answer_leave_one_row(world):
    barrier = threading.Barrier(20)

    def send():
        barrier.wait(PATIENCE)
        return world.send(answer(1))

    reports = [thread.result() for thread in [InThread(send) for _ in range(20)]]
    assert sorted((r.new, r.unchanged) for r in reports) == [(0, 1)] * 19 + [(1, 0)]
    assert (Response.objects.count(), Rating.objects.count()) == (1, 1)


def import_process(path, survey):
    """The command in a process of its own, on this test's database."""
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_responses", str(path), "--survey", survey],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_in_the_middle(path: Path, survey) -> None:
    """Kill -9 after the first progress line, then wait until the database has noticed."""
    process = import_process(path, survey.code)
    try:
        for line in process.stderr:
            if line.startswith("answers: "):
                break
        else:
            raise AssertionError("the import said nothing")
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    finally:
        process.kill()
        process.stdout.close()
        process.stderr.close()
    with transaction.atomic():
        take(Lock.RESPONSES, survey.pk, wait_ms=PATIENCE * 1000)


def test_an_import_killed_in_the_middle_leaves_nothing_and_runs_again(world, tmp_path):
    path = tmp_path / "answers.csv"
    lines = [f"R{i},E{1 + i % 3},online,2026-03-10T10:00,{1 + i % 5},1,7" for i in range(12_000)]
    header = "response_no,employee_no,channel,submitted_at,q_clear,q_pushed,q_fixed"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    kill_in_the_middle(path, world.survey)
    assert (Response.objects.count(), Verdict.objects.count(), Rating.objects.count()) == (0, 0, 0)
    again = import_process(path, "MARCH")
    out, _ = again.communicate(timeout=PATIENCE * 2)
    assert (again.returncode, out.splitlines()[0]) == (0, "Answers: 12000 new, 0 unchanged.")
    assert Response.objects.count() == 12_000
    assert verify_rollups() is None
