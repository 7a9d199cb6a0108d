"""One running instance in a path with spaces: what it says, and what survives kill -9."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.conftest_worker import eventually
from tests.instance.conftest import Instance

pytestmark = pytest.mark.instance


@pytest.fixture(scope="module")
def running(new_instance: Callable[..., Instance]) -> Instance:
    instance = new_instance()
    instance.start()
    eventually(instance.is_ready)
    return instance


def test_it_says_where_it_is_and_answers_there(running: Instance) -> None:
    assert running.address.startswith("http://127.0.0.1:")
    assert running.get("/healthz") == (200, "ok\n")
    assert set(running.processes()) == {
        *("postgres", "broker", "keeper", "supervisor", "web", "worker", "beat")
    }


def test_a_second_run_says_where_the_first_is(running: Instance) -> None:
    second = running.call("--no-demo")
    assert second.returncode == 0
    assert f"already runs: {running.address}" in second.stderr


def test_standard_output_and_exit_status_of_a_command_pass_through(running: Instance) -> None:
    code = "import sys; print('to out'); sys.stderr.write('to err\\n'); sys.exit(7)"
    done = running.call("manage", "shell", "--no-imports", "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (7, "to out\n", "to err\n")


def test_the_application_role_owns_nothing_and_cannot_change_evidence(running: Instance) -> None:
    may = "SELECT has_table_privilege(current_user, '{}', '{}')"
    assert running.sql("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == "0"
    assert running.sql(may.format("core_auditentry", "INSERT")) == "True"
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert running.sql(may.format("core_auditentry", right)) == "False"


def test_secrets_are_readable_to_their_owner_only(running: Instance) -> None:
    assert os.stat(running.data / "secrets.json").st_mode & 0o777 == 0o600
    assert os.stat(running.home / "postgres").st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["postgres", "broker", "keeper", "web", "worker", "beat"])
def test_whatever_is_killed_comes_back(running: Instance, name: str) -> None:
    before = running.process(name)
    assert before is not None
    os.kill(before.pid, signal.SIGKILL)
    eventually(lambda: (now := running.process(name)) and now != before)
    eventually(running.is_ready)
    assert running.sql("SELECT 1") == "1"


def test_everything_killed_at_once_starts_again_with_its_data(running: Instance) -> None:
    running.manage(
        "shell", "--no-imports", "-c", "from core.jobs import beat_heart; beat_heart('x')"
    )
    for process in running.processes().values():
        os.kill(process.pid, signal.SIGKILL)
    running.start()
    eventually(running.is_ready)
    assert running.sql("SELECT count(*) FROM core_heartbeat WHERE name = 'x'") == "1"


def test_a_killed_supervisor_takes_its_processes_along(running: Instance) -> None:
    supervisor = running.process("supervisor")
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    running.wait_for_rest()
    running.start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(running: Instance, number: int) -> None:
    assert running.stop(number) == 0
    assert running.processes() == {}
    running.start()


def test_a_start_waits_for_the_stop_before_it(running: Instance) -> None:
    supervisor = running.process("supervisor")
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGTERM)
    running.start()
    assert running.get("/healthz") == (200, "ok\n")
