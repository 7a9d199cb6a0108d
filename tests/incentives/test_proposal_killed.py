"""kill -9 in the middle of a proposal or a decision: nothing half-made, and then the same."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from incentives.models import Award, LedgerEntry, PerformancePay, Proposal
from incentives.services import ledger
from incentives.services.proposals import propose_incentives
from tests.incentives import released

# Runs a command in a process of its own that stops before its last rows, inside the transaction.
HALF_WAY = """
import sys, time, django
django.setup()
from django.core.management import call_command
from incentives.models import PerformancePay, Award
from incentives.services import decisions

def stop(*args, **options):
    print("half-way", flush=True)
    time.sleep(600)

if sys.argv[1] == "propose_incentives":
    PerformancePay.objects.bulk_create = stop
else:
    decisions._settle_awards = stop
call_command(*sys.argv[1:])
"""


def kill_half_way(*command: str) -> None:
    database = connection.settings_dict
    url = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:"
        f"{database['PORT']}/{database['NAME']}"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", HALF_WAY, *command],
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(settings.BASE_DIR)},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half-way\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


@pytest.fixture
def people(policy, november):
    return released.staff(november, 6)


@pytest.mark.django_db(transaction=True)
def test_killed_while_proposing(people, director):
    kill_half_way("propose_incentives", "2025-11", "--actor", "director")
    assert not Proposal.objects.exists()
    assert not Award.objects.exists()
    proposal, new = propose_incentives("2025-11", actor=director)
    assert (new, proposal.number, proposal.awards.count(), proposal.payments.count()) == (
        True,
        1,
        6,
        6,
    )


@pytest.mark.django_db(transaction=True)
def test_killed_while_deciding(people, director):
    propose_incentives("2025-11", actor=director)
    command = ("decide_incentives", "2025-11", "--actor", "director", "--approve-all", "--confirm")
    kill_half_way(*command, released.shown())
    assert not LedgerEntry.objects.exists()
    assert set(PerformancePay.objects.values_list("state", flat=True)) == {"proposed"}
    assert Proposal.objects.get().status == "proposed"
    call_command(*command, released.shown())
    assert LedgerEntry.objects.count() == 7
    assert ledger.verify() is None
