"""./run manage on instances where nothing else runs, and what lies in its way."""

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from instance.processes import identity
from tests.conftest_worker import eventually
from tests.instance.conftest import Instance

pytestmark = pytest.mark.instance


@pytest.fixture(scope="module")
def resting(new_instance: Callable[..., Instance]) -> Instance:
    """An instance whose servers do not run. Three commands at once set it up."""
    instance = new_instance()
    first = [instance.popen("manage", "check") for _ in range(3)]
    for process in first:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    assert instance.processes() == {}
    return instance


def test_servers_stop_with_the_last_user(resting: Instance) -> None:
    slow = resting.popen("manage", "shell", "--no-imports", "-c", "input()")
    assert resting.sql("SELECT count(*) FROM organization_employee") == "0"
    assert slow.wait(60) == 1  # no standard input to read from
    assert resting.processes() == {}


def test_servers_stay_while_a_command_runs_whose_wrapper_was_killed(resting: Instance) -> None:
    code = "import time; print('up', flush=True); time.sleep(600)"
    wrapper = resting.popen("manage", "shell", "--no-imports", "-c", code)
    assert wrapper.stdout is not None
    assert wrapper.stdout.readline() == "up\n"
    users = [json.loads(p.read_text()) for p in (resting.data / "state/users").glob("*.json")]
    (child,) = [user["pid"] for user in users if user["pid"] != wrapper.pid]
    os.kill(wrapper.pid, signal.SIGKILL)
    wrapper.wait()
    assert resting.sql("SELECT 1") == "1"
    assert "postgres" in resting.processes()
    os.kill(child, signal.SIGKILL)
    resting.wait_for_rest()


def test_a_signal_reaches_the_command(resting: Instance) -> None:
    code = "import time; print('up', flush=True); time.sleep(600)"
    wrapper = resting.popen("manage", "shell", "--no-imports", "-c", code, start_new_session=True)
    assert wrapper.stdout is not None
    assert wrapper.stdout.readline() == "up\n"
    wrapper.terminate()
    assert wrapper.wait(60) == 128 + signal.SIGTERM
    assert resting.processes() == {}


def test_notes_of_dead_and_recycled_processes_mislead_nobody(resting: Instance) -> None:
    stranger = os.getpid()  # alive, and none of the instance's
    (resting.home / "postgres/postmaster.pid").write_text(
        f"{stranger}\n{resting.home}/postgres\n0\n1\n\n127.0.0.1\n0 0\nready   \n"
    )
    (resting.home / "broker/valkey.pid").write_text(f"{stranger}\n")
    users = resting.data / "state/users"
    note = {"pid": stranger, "started": "at another time", "for": "run", "needs": ["postgres"]}
    (users / f"{stranger}.json").write_text(json.dumps(note))
    (users / "1.json").write_text("half a fi")
    servers = resting.state("servers.json")
    servers |= {"stopping": False, "keeper": stranger}
    (resting.data / "state/servers.json").write_text(json.dumps(servers))
    left = {name: {"pid": stranger, "started": "at another time"} for name in ("web", "beat")}
    (resting.data / "state/children.json").write_text(json.dumps(left))
    assert resting.sql("SELECT 1") == "1"
    assert list(users.iterdir()) == []
    assert identity(stranger) is not None
    servers = resting.state("servers.json")
    assert servers["keeper"] != stranger


def test_taken_ports_are_replaced(resting: Instance) -> None:
    before = {k: v["port"] for k, v in resting.state("servers.json")["servers"].items()}
    with socket.socket() as first, socket.socket() as second:
        for holder, port in zip((first, second), before.values(), strict=True):
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", port))
            holder.listen()
        assert resting.sql("SELECT 1") == "1"
        after = {k: v["port"] for k, v in resting.state("servers.json")["servers"].items()}
    assert not set(before.values()) & set(after.values())
    assert resting.sql("SELECT 1") == "1"
    again = {k: v["port"] for k, v in resting.state("servers.json")["servers"].items()}
    assert again == after


def test_an_unreadable_dump_of_the_broker_is_set_aside(resting: Instance) -> None:
    (resting.home / "broker/dump.rdb").write_bytes(b"no dump at all")
    code = (
        "from django.conf import settings; import redis; "
        "print(redis.Redis.from_url(settings.REDIS_URL).ping())"
    )
    assert resting.manage("shell", "--no-imports", "-c", code) == "True\n"
    assert (resting.home / "broker/dump.unreadable").read_bytes() == b"no dump at all"


def test_a_server_that_cannot_start_is_explained(resting: Instance) -> None:
    version = resting.home / "postgres/PG_VERSION"
    stored = version.read_text()
    version.write_text("9\n")
    try:
        done = resting.call("manage", "check")
    finally:
        version.write_text(stored)
    assert done.returncode == 1
    assert "is PostgreSQL 9's" in done.stderr
    eventually(lambda: resting.processes() == {})
    assert resting.sql("SELECT 1") == "1"


def test_a_wrong_word_is_explained(resting: Instance) -> None:
    assert resting.call("--port", "0").returncode == 2
    assert "DATABASE_OWNER_URL" in _call_with(resting, DATABASE_OWNER_URL="postgres://x@y/z")
    assert "./run manage COMMAND" in resting.call("--help").stdout


def _call_with(instance: Instance, **more: str) -> str:
    other = Instance(instance.clone, instance.data, **more)
    done = other.call("manage", "check")
    assert done.returncode == 1
    return done.stderr


def test_a_copy_of_a_data_folder_is_refused_where_it_would_share_servers(
    resting: Instance, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "instance.json").write_bytes((resting.data / "instance.json").read_bytes())
    done = Instance(resting.clone, copy).call("manage", "check")
    if resting.home == resting.data:
        assert done.returncode == 0  # all of an ordinary user's instance is in its folder
    else:
        assert done.returncode == 1
        assert "is a copy of" in done.stderr
