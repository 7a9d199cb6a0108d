"""Mail that was due when a backup was made. Whoever keeps such mail registers how to hold it.

Between a backup and its restoration the original has as a rule sent it; a copy that runs would
send it a second time, and a copy for trying things out must write to nobody.
"""

from collections.abc import Callable

from django.db import transaction

from core import audit

# Holds all mail of one kind that is due; returns how many.
Hold = Callable[[], int]

_kinds: dict[str, Hold] = {}


def register(kind: str, hold: Hold) -> None:
    """Have mail of a kind held; registering a kind again replaces it."""
    _kinds[kind] = hold


@transaction.atomic
def hold_due() -> int:
    """Mark all mail that is due as not to be sent; returns how many. What falls due later goes
    out."""
    held = {kind: hold() for kind, hold in _kinds.items()}
    total = sum(held.values())
    if total:
        audit.record(None, "mail.held", None, **held)
    return total
