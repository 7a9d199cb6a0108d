"""verify_ledger: exit 0 when the ledger holds, 1 with the first broken row."""

from typing import Any

from core.commands import Command as BaseCommand
from core.errors import DomainError
from incentives.models import LedgerEntry
from incentives.services import ledger, payroll


class Command(BaseCommand):
    help = (
        "Check the ledger: numbers, chain, hashes, kinds, every entry against its source, every"
        " payroll line against its entry, every stored workbook against its hash."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = ledger.verify() or payroll.verify()
        if broken is not None:
            raise DomainError(str(broken))
        self.stdout.write(f"ledger ok: {LedgerEntry.objects.count()} entries")
