"""Check the audit trail: every row, the gaps, the heads kept outside the database."""

import sys
from typing import Any

from core import audit
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Seal open audit rows, check the whole chain; exit 1 names the first broken row."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = audit.verify()
        if broken is not None:
            self.stderr.write(str(broken))
            sys.exit(1)
        audit.write_head()
        seq, hash_ = audit.head()
        self.stdout.write(f"audit chain intact: {seq} rows, head {hash_}")
