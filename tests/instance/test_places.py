"""Where and as whom an instance may run."""

import os
import pwd
import socket
from collections.abc import Callable

import pytest
from django.conf import settings

from instance.processes import choose_port, identity, port_is_free
from tests.conftest_worker import eventually
from tests.instance.conftest import Instance

pytestmark = pytest.mark.instance


def _servers_belong_to(instance: Instance, user: str | None) -> None:
    expected = pwd.getpwuid(os.geteuid()).pw_name if user is None else user
    if expected == "root":
        expected = "hengping"
        assert (
            f"run as the user hengping; their data, sockets and programs are in {instance.home}"
            in (instance.screen())
        )
    for name in ("postgres", "broker"):
        process = instance.process(name)
        assert process is not None
        owner = os.stat(f"/proc/{process.pid}").st_uid
        assert pwd.getpwuid(owner).pw_name == expected


if os.geteuid() == 0:  # nobody else can start it as somebody else

    def test_an_ordinary_user_runs_the_servers(new_instance: Callable[..., Instance]) -> None:
        instance = new_instance("of nobody", user="nobody")
        instance.start()
        eventually(instance.is_ready)
        _servers_belong_to(instance, "nobody")
        assert instance.stop() == 0


def test_another_users_instance_is_refused(new_instance: Callable[..., Instance]) -> None:
    instance = new_instance("foreign")
    instance.data.mkdir()
    instance.data.chmod(0o500)
    if os.geteuid() == 0:
        os.chown(instance.data, pwd.getpwnam("nobody").pw_uid, -1)
    done = instance.call("manage", "check")
    assert done.returncode == 1
    assert "belongs to another user" in done.stderr
    instance.data.chmod(0o700)


def test_two_instances_run_side_by_side(new_instance: Callable[..., Instance]) -> None:
    first, second = new_instance("first"), new_instance("second")
    first.start()
    _servers_belong_to(first, None)
    second.start()
    assert first.address != second.address
    first.manage("shell", "--no-imports", "-c", "from core.jobs import beat_heart; beat_heart('x')")
    count = "SELECT count(*) FROM core_heartbeat WHERE name = 'x'"
    assert (first.sql(count), second.sql(count)) == ("1", "0")
    port = first.address.rpartition(":")[2]
    third = second.call("--port", port)
    assert "already runs" in third.stderr
    assert second.stop() == 0
    refused = second.call("--no-demo", "--port", port)
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr
    assert first.stop() == 0


def test_servers_from_outside_are_used_as_they_are(
    new_instance: Callable[..., Instance], db: None
) -> None:
    from django.db import connection

    place = connection.settings_dict
    url = f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}"
    instance = new_instance(
        "outside", DATABASE_URL=f"{url}/{place['NAME']}", REDIS_URL=settings.REDIS_URL
    )
    assert instance.sql("SELECT current_database()") == place["NAME"]
    assert instance.call("urls").stdout.splitlines()[0] == f"DATABASE_URL={url}/{place['NAME']}"
    assert instance.processes() == {}
    assert not (instance.data / "postgres").exists()


def test_a_process_is_known_by_more_than_its_number() -> None:
    mine = identity(os.getpid())
    assert mine is not None
    assert mine.alive
    assert not type(mine)(mine.pid, "at another time").alive


def test_a_taken_port_is_not_chosen() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert not port_is_free(port)
        assert choose_port(port) != port
    assert choose_port(port) == port
