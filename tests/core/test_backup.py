"""What a backup holds and refuses, and that a restored copy is proved equal or not accepted."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import audit, backup
from core.errors import InvalidInput
from core.models import Notification, User
from core.notifications import notify
from tests.core.copied import Copy, administer, copied

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    with copied(tmp_path) as new:
        yield new


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A backup of two accounts, sealed audit rows and a file."""
    for name in ("anna", "王小明"):
        user = User.objects.create_user(name, email=f"{name}@example.com")
        audit.record(user, "user.created", user)
    audit.seal(everything=True)
    media = Path(settings.MEDIA_ROOT) / "deep"
    media.mkdir(parents=True)
    (media / "数据.txt").write_text("kept", "utf-8")
    backup.backup(tmp_path / "made")
    return tmp_path / "made"


def test_a_restored_copy_is_equal_and_passes_every_check(written: Path, copy: Copy) -> None:
    done = copy.manage("restore", str(written))
    assert (done.returncode, done.stderr) == (0, "")
    first, *checks = done.stdout.splitlines()
    manifest = json.loads((written / "manifest.json").read_text("utf-8"))
    rows = sum(table["rows"] for table in manifest["tables"].values())
    assert first == f"{len(manifest['tables'])} tables, {rows} rows, 1 files: all equal."
    assert len(checks) == 3
    assert copy.rows("SELECT username FROM core_user ORDER BY id") == [("anna",), ("王小明",)]
    assert (copy.media / "deep" / "数据.txt").read_text("utf-8") == "kept"
    # Sequences go on where they were, and a second restore does not write over the first.
    again = copy.manage("restore", str(written))
    assert again.returncode == 1
    assert "it has accounts" in again.stderr
    assert copy.rows("SELECT count(*) FROM core_user") == [(2,)]
    copy.manage("create_user", "new", "--role", "employee")
    assert copy.rows("SELECT count(*) FROM core_user WHERE username = 'new'") == [(1,)]


def test_a_backup_never_writes_over_another(written: Path) -> None:
    before = (written / "manifest.json").read_bytes()
    with pytest.raises(InvalidInput, match="exists already"):
        backup.backup(written)
    assert (written / "manifest.json").read_bytes() == before


def test_a_failed_backup_leaves_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(backup, "_path_of", lambda program: "/bin/false")
    with pytest.raises(InvalidInput, match="pg_dump failed"):
        backup.backup(tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir() if "made" in path.name] == []


@pytest.mark.parametrize("name", [backup.DUMP, backup.MEDIA])
def test_a_damaged_file_is_refused_before_anything_happens(
    written: Path, copy: Copy, name: str
) -> None:
    with (written / name).open("r+b") as file:
        file.seek(100)
        file.write(b"\0\1\2")
    done = copy.manage("restore", str(written))
    assert done.returncode == 1
    assert "its hash differs" in done.stderr
    assert copy.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_table_that_differs_is_named(written: Path, copy: Copy) -> None:
    path = written / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["tables"]["core_user"]["fingerprint"] = "1"
    path.write_text(json.dumps(manifest), "utf-8")
    done = copy.manage("restore", str(written))
    assert done.returncode == 1
    assert "differs in core_user." in done.stderr


def test_a_database_in_use_is_not_touched(written: Path) -> None:
    User.objects.create_user("later")
    with pytest.raises((InvalidInput, CommandError), match="it has accounts"):
        call_command("restore", str(written))
    assert User.objects.filter(username="later").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "files": 3}'])
def test_what_is_no_backup_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(InvalidInput):
        backup.read_manifest(tmp_path)
    with pytest.raises(InvalidInput):
        backup.read_manifest(tmp_path / "nowhere")


def test_heads_are_as_old_as_the_snapshot(tmp_path: Path, monkeypatch: Any) -> None:
    """A head written while the dump runs names a link that the dump does not have."""
    user = User.objects.create_user("anna")
    audit.record(user, "user.created", user)
    audit.seal(everything=True)
    head = audit.write_head()
    assert head is not None
    before, fingerprints = head.read_bytes(), backup._fingerprints

    def meanwhile(cursor: Any) -> Any:
        audit.record(user, "user.created", user)
        audit.seal(everything=True)
        audit.write_head()
        return fingerprints(cursor)

    monkeypatch.setattr(backup, "_fingerprints", meanwhile)
    backup.backup(tmp_path / "made")
    assert head.read_bytes() != before
    with tarfile.open(tmp_path / "made" / backup.MEDIA) as tar:
        name = str(head.relative_to(settings.MEDIA_ROOT))
        member = tar.extractfile(name)
        assert member is not None
        assert member.read() == before
        assert tar.getnames().count(name) == 1


@pytest.fixture
def roles(copy: Copy) -> Iterator[tuple[str, str]]:
    """The application's role as `prepare` leaves it, and one for reports that may only read."""
    application, reports = f"{copy.name}_app", f"{copy.name}_reports"
    for role in (application, reports):
        administer("CREATE ROLE {}", role)
    done = copy.manage("prepare", "--grant-to", application)
    assert done.returncode == 0, done.stderr
    copy.execute(f"GRANT SELECT ON core_user TO {reports}")
    yield application, reports
    for role in (application, reports):
        copy.execute(f"DROP OWNED BY {role}")
        administer("DROP ROLE {}", role)


def test_only_the_applications_role_may_write_afterwards(
    written: Path, copy: Copy, roles: tuple[str, str]
) -> None:
    done = copy.manage("restore", str(written))
    assert (done.returncode, done.stderr) == (0, "")
    right = "has_table_privilege('{0}', '{1}', '{2}')"
    rights = f"SELECT {right.replace('{2}', 'INSERT')}, {right.replace('{2}', 'SELECT')}"
    found = {
        (role, table): copy.rows(rights.format(role, table))
        for role in roles
        for table in ("core_user", "django_migrations")
    }
    application, reports = roles
    assert found == {
        (application, "core_user"): [(True, True)],
        (application, "django_migrations"): [(False, True)],
        (reports, "core_user"): [(False, False)],
        (reports, "django_migrations"): [(False, False)],
    }


@pytest.mark.parametrize(
    ("words", "due", "says"),
    [
        ([], 0, ["2 e-mails were due; they will not be sent."]),
        (["--send-due-mail"], 2, []),
    ],
)
def test_a_copy_sends_mail_that_was_due_only_where_it_is_told_to(
    tmp_path: Path, copy: Copy, words: list[str], due: int, says: list[str]
) -> None:
    user = User.objects.create_user("anna", email="anna@example.com")
    for verb in ("sent", "waits", "waits"):
        notify([user], verb, None)
    Notification.objects.filter(verb="sent").update(mail_due=False, mailed_at=timezone.now())
    backup.backup(tmp_path / "made")
    done = copy.manage("restore", str(tmp_path / "made"), *words)
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "mail" in line] == says
    counted = "SELECT count(*) FROM core_notification WHERE mail_due"
    assert copy.rows(counted) == [(due,)]
    assert copy.rows("SELECT count(*) FROM core_notification") == [(3,)]
    told = copy.rows("SELECT data FROM core_auditentry WHERE verb = 'mail.held'")
    assert told == ([] if due else [({"notices": 2, "invitations": 0},)])
    assert Notification.objects.filter(mail_due=True).count() == 2  # the original goes on
