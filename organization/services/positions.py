"""The jobs the product knows from the start; a company renames or adds to them."""

from __future__ import annotations

import json
from pathlib import Path

from organization.models import Position

FILE = Path(__file__).parent.parent / "content" / "positions.json"


def ensure_positions() -> int:
    """Create those that are missing; stored ones keep what the company made of them."""
    ready = json.loads(FILE.read_text(encoding="utf-8"))["positions"]
    rows = [Position(**position) for position in ready]
    before = Position.objects.count()
    Position.objects.bulk_create(rows, ignore_conflicts=True)
    return Position.objects.count() - before
