"""verify_ledger: exit 0 when the ledger holds, 1 with the first broken row."""

from typing import Any

from assessments.services import verify_scorecards
from core.commands import Command as BaseCommand
from core.errors import DomainError
from incentives.models import LedgerEntry
from incentives.services import ledger, payroll


class Command(BaseCommand):
    help = (
        "Check the ledger: numbers, chain, hashes, kinds, every entry against its source, every"
        " payroll line against its entry, every stored workbook against its hash, every"
        " scorecard against what was computed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = ledger.verify() or payroll.verify() or verify_scorecards()
        if broken is not None:
            raise DomainError(str(broken))
        self.stdout.write(f"ledger ok: {LedgerEntry.objects.count()} entries")
