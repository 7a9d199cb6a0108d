"""kill -9 in the middle of an export: nothing half-made is left, and then the same bytes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from incentives.exports import payroll as exports
from incentives.models import PayrollBatch, PayrollFile
from incentives.services import payroll
from tests.incentives.company import NOVEMBER, Company, account

# Runs export_payroll in a process of its own and stops it half-way, inside the transaction and
# after the file was begun, for the test to kill it there.
HALF_WAY = """
import sys, time, django
django.setup()
from django.core.management import call_command
import core.exports, incentives.exports.payroll as exports
place, output = sys.argv[1:]

def stop():
    print("half-way", flush=True)
    time.sleep(600)

if place == "making":
    original = exports.detail_rows
    def detail_rows(batch):
        yield from original(batch)
        stop()
    exports.detail_rows = detail_rows
else:
    import os
    os.fsync = lambda fd: stop()
call_command("export_payroll", "2025-11", "--actor", "hana", "--output", output)
"""


def kill_half_way(place: str, output: Path) -> None:
    database = connection.settings_dict
    url = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:"
        f"{database['PORT']}/{database['NAME']}"
    )
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(settings.BASE_DIR)}
    process = subprocess.Popen(
        [sys.executable, "-c", HALF_WAY, place, str(output)],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half-way\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


def approved_batch() -> PayrollBatch:
    company = Company.create()
    for number in range(1, 6):
        company.hire(f"E{number:04}")
        company.pay(f"E{number:04}")
    hana, hugo = account("hana", "hr"), account("hugo", "group")
    batch = payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana)
    return payroll.approve(batch, actor=hugo)


@pytest.mark.django_db(transaction=True)
def test_killed_while_making_the_workbook(tmp_path):
    batch = approved_batch()
    whole = exports.workbook(batch).content
    output = tmp_path / "pay.xlsx"
    kill_half_way("making", output)
    batch.refresh_from_db()
    assert batch.state == PayrollBatch.State.APPROVED
    assert not PayrollFile.objects.exists()
    assert not output.exists()
    call_command("export_payroll", "2025-11", "--actor", "hana", "--output", str(output))
    assert output.read_bytes() == whole
    assert payroll.verify() is None


@pytest.mark.django_db(transaction=True)
def test_killed_while_writing_the_file(tmp_path):
    batch = approved_batch()
    whole = exports.workbook(batch).content
    output = tmp_path / "pay.xlsx"
    kill_half_way("writing", output)
    batch.refresh_from_db()
    assert batch.state == PayrollBatch.State.GENERATED
    assert not output.exists()
    for _again in range(2):
        call_command("export_payroll", "2025-11", "--actor", "hana", "--output", str(output))
        assert output.read_bytes() == whole
    batch.refresh_from_db()
    assert batch.state == PayrollBatch.State.DELIVERED
    assert PayrollFile.objects.count() == 1
