"""No room left: on upload, on export, for the heads of the audit chain. Said in words, nothing
half-made stays, and once there is room the same is done as if nothing had been."""

import gc
import logging
import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core import audit, exports
from core.errors import InvalidInput, is_disk_full
from core.exports import Column, Sheet
from core.models import AuditEntry
from incentives.exports import payroll as pay_exports
from incentives.models import PayrollBatch
from organization.models import Employee
from tests.faults.disks import fill, small_disk
from tests.incentives.company import account
from tests.incentives.test_export_killed import approved_batch

LARGE = 3 * 1024 * 1024  # larger than what an upload may take of the memory


def upload(client: Client) -> Any:
    rows = "employee_no,name\n" + f"E1,{'a' * 996}\n" * (LARGE // 1000)
    chosen = SimpleUploadedFile("roster.csv", rows.encode())
    data = {"kind": "roster", "effective": "2026-01-01", "chosen": chosen}
    return client.post(reverse("roster_preview"), data, secure=True)


@pytest.mark.django_db
def test_an_upload_that_finds_no_room_is_refused_in_words(
    tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1, "django.request")  # a record would keep the file alive
    client = Client(raise_request_exception=False)
    client.force_login(account("hana", "hr"))
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        settings.FILE_UPLOAD_TEMP_DIR = str(disk)
        answer = upload(client)
        assert answer.status_code == 507
        assert "The disk of the server is full" in answer.content.decode()
        assert "服务器磁盘已满" in answer.content.decode()
        del answer
        gc.collect()
        assert [path.name for path in disk.iterdir()] == ["full"]
    assert not Employee.objects.exists()
    settings.FILE_UPLOAD_TEMP_DIR = None
    assert upload(client).status_code == 422  # read, and its columns found wanting


@pytest.mark.django_db(transaction=True)
def test_an_export_that_finds_no_room_leaves_nothing_and_runs_again(tmp_path: Path) -> None:
    batch = approved_batch()
    whole = pay_exports.workbook(batch).content
    with small_disk(tmp_path / "disk") as disk:
        output = disk / "pay.xlsx"
        words = ("export_payroll", "2025-11", "--actor", "hana", "--output", str(output))
        full = fill(disk)
        with pytest.raises(CommandError, match=r"pay\.xlsx: "):
            call_command(*words)
        assert [path.name for path in disk.iterdir()] == ["full"]
        batch.refresh_from_db()
        assert batch.state == PayrollBatch.State.GENERATED  # stored, and handed out to nobody
        full.unlink()
        call_command(*words)
        assert output.read_bytes() == whole
    batch.refresh_from_db()
    assert batch.state == PayrollBatch.State.DELIVERED


def test_a_workbook_without_room_for_its_draft_is_refused_and_not_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = Sheet("rows", [Column("n", "n")], [(f"{number:040}",) for number in range(20_000)])
    target = tmp_path / "rows.xlsx"
    with small_disk(tmp_path / "disk") as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(InvalidInput, match=r"rows\.xlsx: ") as refused:
            exports.write_xlsx(target, [sheet])
        with pytest.raises(OSError, match=r"workbook") as streamed:
            exports.write_xlsx(BytesIO(), [sheet])
    assert is_disk_full(refused.value) == is_disk_full(streamed.value) == (os.geteuid() == 0)
    assert list(tmp_path.glob("*rows*")) == []
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert exports.write_xlsx(target, [sheet]) == 20_000


@pytest.mark.django_db(transaction=True)
def test_the_chain_is_sealed_without_room_for_its_head(tmp_path: Path, settings: Any) -> None:
    account("hana", "hr")
    known = AuditEntry.objects.count()
    with small_disk(tmp_path / "disk") as disk:
        settings.MEDIA_ROOT = disk
        audit.seal()
        head = audit.write_head()
        assert head is not None
        before = head.read_text()
        full = fill(disk)
        account("hugo", "group")
        audit.seal()
        with pytest.raises(OSError, match=r"left on device|too large"):
            audit.write_head()
        assert [path.name for path in head.parent.iterdir()] == [head.name]
        assert head.read_text() == before
        assert audit.verify() is None
        full.unlink()
        assert audit.write_head() == head
        assert head.read_text().startswith(f"{known + 1} ")
