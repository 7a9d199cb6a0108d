"""A company of an earlier version: its backup is brought to this one, and every figure stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core import audit, backup
from core.errors import InvalidInput
from core.models import User
from tests.core.copied import copied
from tests.incentives import surveyed

pytestmark = pytest.mark.django_db(transaction=True)

# How far an earlier version had come, of the apps whose tables have changed since.
EARLIER = {"surveys": "0006", "assessments": "0002", "core": "0003"}
RATINGS = """SELECT r.response_no, t.employee_id, t.department_id, t.score, t.person_score,
        t.dimensions::text, t.scores::text, t.person_scores::text, t.counted_from, t.counted_to
    FROM surveys_rating t JOIN surveys_response r ON r.id = t.response_id ORDER BY 1, 2, 9"""
# Rows that an upgrade writes anew, and what it notes of itself.
WRITTEN_ANEW = (
    "surveys_rating", "surveys_ratingrollup", "surveys_departmentrollup", "django_migrations",
    "core_auditentry",
)  # fmt: skip


def test_a_backup_of_an_earlier_version_becomes_one_of_this_version(tmp_path: Path) -> None:
    surveyed.create()
    audit.seal(everything=True)
    made, old, new = tmp_path / "made", tmp_path / "old", tmp_path / "new"
    backup.backup(made)
    _as_of_an_earlier_version(made, old)
    with copied(tmp_path, "later") as later:
        done = later.manage("restore", str(old))
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 4  # all equal, and three checks passed
        assert later.manage("backup", str(new)).returncode == 0
        ratings = later.rows(RATINGS)
    before, after = _manifest(made), _manifest(new)
    assert after["migrations"] == before["migrations"]
    assert _kept(after["tables"]) == _kept(before["tables"])
    with connection.cursor() as cursor:
        cursor.execute(RATINGS)
        assert ratings == cursor.fetchall()
    assert len(ratings) > 0


def _as_of_an_earlier_version(made: Path, old: Path) -> None:
    """Take what the backup `made` holds back to its tables, and write the backup `old` there."""
    with copied(made.parent, "earlier") as earlier:
        assert earlier.manage("restore", str(made)).returncode == 0
        for app, name in EARLIER.items():
            done = earlier.manage("migrate", app, name)
            assert done.returncode == 0, done.stderr
        assert earlier.manage("backup", str(old)).returncode == 0
    assert "surveys.0007_rating_per_person" not in _manifest(old)["migrations"]


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / backup.MANIFEST).read_text("utf-8")))


def _kept(tables: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in tables.items() if not name.startswith(WRITTEN_ANEW)}


def test_a_backup_of_a_newer_version_is_refused_before_anything_happens(tmp_path: Path) -> None:
    User.objects.create_user("anna")
    backup.backup(tmp_path / "made")
    manifest = _manifest(tmp_path / "made")
    manifest["migrations"] += ["account.0999_of_a_library", "surveys.0999_later"]
    (tmp_path / "made" / backup.MANIFEST).write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InvalidInput) as refused:
        backup.restore(tmp_path / "made")
    assert "made by a newer version" in str(refused.value)
    assert "Not known here: surveys.0999_later." in str(refused.value)
    assert User.objects.filter(username="anna").exists()
