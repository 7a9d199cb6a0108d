"""A real nginx with the configuration of the repository before a real gunicorn, started as in
production, and clients that dawdle."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest_worker import addresses, eventually

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "config" / "nginx.conf.template"
PATIENCE = 30.0  # seconds within which whoever is served at all is served on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


# --- the web server ----------------------------------------------------------------------------


def command() -> list[str]:
    """How the image starts gunicorn: with two sync workers."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    words = json.loads(re.findall(r"^CMD (.*)$", text, re.MULTILINE)[0])
    assert words[:2] == ["python", "-m"]
    assert words[words.index("--workers") + 1] == "2"
    assert "--worker-class" not in words  # so they are sync
    return list(words[1:])


@contextlib.contextmanager
def web_server(folder: Path) -> Iterator[int]:
    """The port of the site, on the database of the tests, in its production profile."""
    port = free_port()
    places = {"config.wsgi": "tests.hostile.mirror", "0.0.0.0:8000": f"127.0.0.1:{port}"}
    words = [places.get(word, word) for word in command()]
    own = {
        "HTTPS": "true",
        "MEDIA_ROOT": str(folder),
        "TRUSTED_PROXY_COUNT": "1",
        "DATABASE_CONN_MAX_AGE": "0",  # the database is dropped in the end
    }
    log = folder / "web.log"
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=REPOSITORY,
            env={**os.environ, **addresses(), **own},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    with ended(process):
        wait_for(process, port, log)
        yield port


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    eventually(lambda: process.poll() is not None or answers(port))
    assert process.poll() is None, log.read_text()


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """It and its children live as long as the block; what they would still tidy up is of no use."""
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# --- the proxy ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Front:
    """nginx: its port, the one with TLS, and its folder with all it has written."""

    port: int
    tls_port: int
    folder: Path

    @property
    def log(self) -> str:
        """Of what the application never saw, and of its own troubles."""
        return (self.folder / "access.log").read_text() + (self.folder / "errors").read_text()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        return call(self.port, "GET", path, headers)


def program() -> str:
    """Debian puts it where only root's PATH leads."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert found, "nginx is not installed"
    return found


def filled(values: Mapping[str, str]) -> str:
    """The template as the official image fills it in: every ${NAME} it has a variable for."""
    text = TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\$\{([A-Z_]+)\}", lambda found: values[found[1]], text)


def nginx(folder: Path, upstream: int, proxies: int) -> tuple[list[str], Front]:
    """Its command, for a folder that is made complete here, and where it will be found."""
    port, tls_port = free_port(), free_port()
    values = {
        "LISTEN": f"127.0.0.1:{port}",
        "UPSTREAM": f"127.0.0.1:{upstream}",
        "TEMPORARY": str(folder),
        "LOG": str(folder / "access.log"),
        "TRUSTED_PROXY_COUNT": str(proxies),
        "NGINX_LOCAL_RESOLVERS": "127.0.0.1",
    }
    (folder / "nginx.conf").write_text(filled(values), encoding="utf-8")
    tls = (REPOSITORY / "config" / "tls.conf").read_text(encoding="utf-8")
    assert "listen 8443 ssl;" in tls
    (folder / "tls").mkdir()
    (folder / "tls" / "tls.conf").write_text(tls.replace("8443", f"127.0.0.1:{tls_port}"))
    (folder / "certificates").mkdir()
    certify(folder / "certificates")
    # What the image's own defaults say, and for root's test the same user as the folder's.
    given = f"daemon off; pid {folder}/nginx.pid;" + ("" if os.geteuid() else " user root;")
    words = ["-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", given]
    return [program(), *words], Front(port, tls_port, folder)


@contextlib.contextmanager
def proxy(folder: Path, upstream: int, proxies: int = 1) -> Iterator[Front]:
    """nginx before the web server, the last of so many proxies."""
    words, front = nginx(folder, upstream, proxies)
    errors = folder / "errors"
    with errors.open("ab") as stream:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    with ended(process):
        wait_for(process, front.port, errors)
        yield front


def certify(folder: Path) -> None:
    """A certificate for nobody, as files with the names tls.conf expects."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(private)


# --- clients -----------------------------------------------------------------------------------


def call(
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    *,
    tls: bool = False,
    patience: float = PATIENCE,
    source: str = "127.0.0.1",
) -> tuple[int, str]:
    """Status and text of an answer. Raises TimeoutError when none comes."""
    where = {"host": "127.0.0.1", "port": port, "timeout": patience, "source_address": (source, 0)}
    # The certificate is nobody's, and what is asked is only whether it is used.
    unverified = ssl._create_unverified_context() if tls else None
    connection = (
        http.client.HTTPSConnection(**where, context=unverified)
        if tls
        else http.client.HTTPConnection(**where)
    )
    try:
        connection.request(method, path, body, {"Accept-Language": "en", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


BODY = 1000
BEGUN = {
    "header": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "body": b"POST /login/ HTTP/1.0\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % BODY,
    "reader": b"GET /large HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
}


@contextlib.contextmanager
def dawdling(
    port: int, source: str = "127.0.0.1", **kinds: int
) -> Iterator[dict[str, list[socket.socket]]]:
    """So many clients of each kind: who send a header, or a body, letter by letter, and who ask
    for much and do not read. They go on until the block ends."""
    over = threading.Event()
    with contextlib.ExitStack() as stack:
        clients = {
            kind: [stack.enter_context(_begun(port, source, kind)) for _turn in range(number)]
            for kind, number in kinds.items()
        }
        dripping = threading.Thread(target=_drip, args=(clients, over))
        dripping.start()
        try:
            yield clients
        finally:
            over.set()
            dripping.join()


def _begun(port: int, source: str, kind: str) -> socket.socket:
    client = socket.socket()
    if kind == "reader":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.bind((source, 0))
    client.connect(("127.0.0.1", port))
    client.sendall(BEGUN[kind])
    return client


def _drip(clients: Mapping[str, list[socket.socket]], over: threading.Event) -> None:
    while not over.wait(0.25):
        for kind in ("header", "body"):
            for client in clients.get(kind, []):
                with contextlib.suppress(OSError):  # given up by the other side
                    client.send(b"x")


def rest(client: socket.socket) -> bytes:
    """Everything that still comes, read with room again."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024**2)
    return b"".join(iter(lambda: client.recv(65536), b""))
