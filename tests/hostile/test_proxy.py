"""What nginx before the web server is for: slow clients, large bodies, forged headers."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from core.uploads import MOST_MB
from incentives.models.appeals import EVIDENCE_FILES, EVIDENCE_LIMIT
from tests.conftest_worker import eventually
from tests.hostile import front
from tests.hostile.front import Front, call, dawdling
from tests.hostile.mirror import LARGE

MB = 1024**2
TOKEN = "N" * 43
# Every page with a file in its form, by the template, and where it is sent.
UPLOADS = {
    "dashboards/employee/appeal_form.html": [
        ("appeal_new", ["2026-10"]),
        ("my_appeal", ["AP-1"]),
        ("my_appeal_withdraw", ["AP-1"]),
    ],
    "dashboards/employee/appeal.html": [("my_appeal_answer", ["AP-1"])],
    "surveys/questionnaires.html": [("questionnaires", [])],
    "components/choose_file.html": [("roster_preview", []), ("data_files_preview", ["events"])],
}


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with front.web_server(tmp_path_factory.mktemp("web")) as port:
        yield port


@pytest.fixture(scope="module")
def alone(web: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front.proxy(tmp_path_factory.mktemp("alone"), web) as found:
        yield found


@pytest.fixture(scope="module")
def second(web: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """With another proxy of our own before it."""
    with front.proxy(tmp_path_factory.mktemp("second"), web, 2) as found:
        yield found


@pytest.mark.parametrize("proxies", [1, 2])
def test_nginx_understands_its_configuration(tmp_path: Path, proxies: int) -> None:
    words, _found = front.nginx(tmp_path, 1, proxies)
    done = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


# --- slow clients ------------------------------------------------------------------------------


def test_slow_clients_do_not_stop_the_site(alone: Front) -> None:
    with dawdling(alone.port, header=20, body=20, reader=10) as slow:
        for _turn in range(3):
            assert alone.get("/healthz") == (200, "ok\n")
            status, page = call(alone.tls_port, "GET", "/login/", tls=True)
            assert status == 200
            assert 'name="password"' in page
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert call(alone.tls_port, "POST", "/login/", form, b"login=a", tls=True)[0] == 403
        # Slow is not refused: who reads in the end gets everything, who sends in the end an answer.
        assert front.rest(slow["reader"][0]).endswith(LARGE)
        slow["body"][0].sendall(b"x" * front.BODY)
        assert front.rest(slow["body"][0]).startswith(b"HTTP/1.1 301 ")


@pytest.mark.parametrize("kind", ["header", "body", "reader"])
def test_without_nginx_a_few_slow_clients_stop_it(web: int, kind: str) -> None:
    """The control: what the test above is about, each kind alone."""
    with dawdling(web, **{kind: 4}), pytest.raises(TimeoutError):
        call(web, "GET", "/healthz", patience=2)
    assert eventually(lambda: call(web, "GET", "/healthz") == (200, "ok\n"))


def test_one_address_has_so_many_connections_and_no_more(alone: Front) -> None:
    def status(source: str) -> int:
        return call(alone.port, "GET", "/healthz", source=source)[0]

    # An address no other test has. A few more than may be: one that comes at the same moment as our
    # own request, to another process of nginx, may be the one that is refused.
    with dawdling(alone.port, source="127.0.0.2", body=110):
        assert eventually(lambda: status("127.0.0.2") == 429)
        assert status("127.0.0.1") == 200
    assert eventually(lambda: status("127.0.0.2") == 200)


def test_calls_of_the_api_wait_and_then_are_refused(alone: Front) -> None:
    words = b"GET /api/v1/responses/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
    with contextlib.ExitStack() as stack:
        where = (("127.0.0.1", alone.port), front.PATIENCE, ("127.0.0.3", 0))
        clients = [stack.enter_context(socket.create_connection(*where)) for _turn in range(90)]
        for client in clients:
            client.sendall(words)
        found = [front.rest(client) for client in clients]
    refused = [answer for answer in found if answer.startswith(b"HTTP/1.1 429 ")]
    assert 1 <= len(refused) <= 39
    head, _, body = refused[0].partition(b"\r\n\r\n")
    assert b"application/json" in head
    assert json.loads(body)["code"] == "throttled"


# --- sizes -------------------------------------------------------------------------------------


def _may_send(port: int, path: str, size: int) -> str:
    """The status that a body of this size is answered with before it is sent."""
    with socket.create_connection(("127.0.0.1", port), front.PATIENCE) as client:
        client.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n"
            "Expect: 100-continue\r\n\r\n".encode()
        )
        return client.recv(65536).decode().split()[1]


def test_every_page_with_files_is_known_here() -> None:
    found = {
        str(path.relative_to(front.REPOSITORY / "templates"))
        for path in (front.REPOSITORY / "templates").rglob("*.html")
        if "multipart/form-data" in path.read_text(encoding="utf-8")
    }
    assert found == set(UPLOADS)


@pytest.mark.parametrize("name", [name for names in UPLOADS.values() for name in names])
def test_files_as_large_as_they_may_be_pass(alone: Front, name: tuple[str, list[str]]) -> None:
    path = reverse(name[0], args=name[1])
    largest = max(EVIDENCE_FILES * EVIDENCE_LIMIT, 2 * MOST_MB * MB)
    assert largest == 50 * MB
    assert _may_send(alone.port, path, largest + settings.DATA_UPLOAD_MAX_MEMORY_SIZE) == "100"
    assert _may_send(alone.port, path, 64 * MB) == "100"
    assert _may_send(alone.port, path, 64 * MB + 1) == "413"


@pytest.mark.parametrize("path", ["/login/", f"/s/{TOKEN}/", "/roster/", "/api/v1/responses/"])
def test_other_bodies_are_as_large_as_a_form(alone: Front, path: str) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 5 * MB
    assert _may_send(alone.port, path, 6 * MB) == "100"
    assert _may_send(alone.port, path, 6 * MB + 1) == "413"


def test_a_little_beyond_the_limit_the_application_says_it(alone: Front) -> None:
    form = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"https://127.0.0.1:{alone.tls_port}",
        "Cookie": "csrftoken=" + "x" * 32,
    }
    body = b"login=" + b"x" * (5 * MB)
    status, page = call(alone.tls_port, "POST", "/login/", form, body, tls=True)
    assert status == 413
    assert "A form may be 5 MB" in page


def test_the_api_hears_of_it_in_json(alone: Front) -> None:
    status, text = call(
        alone.port, "POST", "/api/v1/responses/", {"Content-Length": str(6 * MB + 1)}
    )
    assert status == 413
    assert json.loads(text)["code"] == "too_large"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/healthz?" + "x" * 4000, {}, 200),
        ("/healthz?" + "x" * 8200, {}, 414),
        ("/healthz", {"X-Long": "x" * 8100}, 200),
        ("/healthz", {"X-Long": "x" * 8200}, 400),
        ("/healthz", {f"X-{number}": "x" for number in range(80)}, 200),
        ("/healthz", {f"X-{number}": "x" for number in range(101)}, 431),
    ],
    ids=["line", "long line", "field", "long field", "fields", "many fields"],
)
def test_headers_have_limits(alone: Front, path: str, headers: dict[str, str], status: int) -> None:
    assert alone.get(path, headers)[0] == status


# --- what is believed --------------------------------------------------------------------------

FORGED = {
    "X-Forwarded-For": "6.6.6.6, 7.7.7.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;proto=https",
    "X-Request-ID": "chosen-by-the-client",
}
PASSED = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id"]


def test_what_a_client_says_of_itself_is_not_believed(alone: Front) -> None:
    for headers in (FORGED, {}):
        status, text = alone.get("/mirror?proxies=1", headers)
        told = json.loads(text)
        assert status == 200
        assert re.fullmatch(r"[0-9a-f]{32}", told.pop("number"))
        assert told == {
            "respondent": "127.0.0.1",
            "visitor": "127.0.0.1",
            "https": False,
            "host": f"127.0.0.1:{alone.port}",
            "passed": PASSED,
        }


def test_with_certificates_pages_are_https(alone: Front) -> None:
    status, text = call(alone.tls_port, "GET", "/mirror?proxies=1", FORGED, tls=True)
    assert status == 200
    assert json.loads(text)["https"] is True
    connection = call(alone.port, "GET", "/login/", FORGED)
    assert connection[0] == 301


def test_what_a_proxy_of_our_own_says_is_believed(second: Front) -> None:
    told = json.loads(second.get("/mirror?proxies=2", FORGED)[1])
    assert told == {
        "respondent": "7.7.7.7",  # what it saw, not what its client said
        "visitor": "7.7.7.7",
        "https": True,
        "host": f"127.0.0.1:{second.port}",
        "passed": PASSED,
        "number": "chosen-by-the-client",
    }


def test_behind_a_proxy_each_visitor_has_connections_of_its_own(second: Front) -> None:
    with dawdling(second.port, body=100):  # nobody said whose they are: they are not counted
        assert second.get("/healthz", {"X-Forwarded-For": "1.1.1.1, 2.2.2.2"})[0] == 200


def test_no_customers_link_is_written_down(alone: Front) -> None:
    assert _may_send(alone.port, f"/s/{TOKEN}/", 6 * MB + 1) == "413"
    assert eventually(lambda: '"message":"POST 413 ' in alone.log)
    assert TOKEN not in alone.log
