"""The twelve indicators that ship with the product, kept as versions."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from assessments.models import Indicator, IndicatorVersion
from assessments.rules.canonical import digest
from core import audit
from core.locks import Lock, take

CONTENT = Path(__file__).resolve().parent.parent / "content" / "indicators.json"


def shipped() -> list[dict[str, Any]]:
    """The definitions as they are shipped."""
    data: dict[str, Any] = json.loads(CONTENT.read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = data["indicators"]
    return rows


@transaction.atomic
def ensure_indicators() -> int:
    """Store every shipped definition that is new or worded anew; returns how many were."""
    take(Lock.SCHEME)
    latest = {
        code: (number, stored)
        for code, number, stored in IndicatorVersion.objects.order_by(
            "indicator_id", "number"
        ).values_list("indicator__code", "number", "content_hash")
    }
    written = 0
    for spec in shipped():
        number, stored = latest.get(spec["code"], (0, ""))
        if stored == (content_hash := digest(spec)):
            continue
        indicator, _created = Indicator.objects.get_or_create(code=spec["code"])
        version = IndicatorVersion.objects.create(
            indicator=indicator,
            number=number + 1,
            unit=spec["unit"],
            direction=spec["direction"],
            spec=spec,
            content_hash=content_hash,
        )
        audit.record(None, "indicator.defined", version, code=spec["code"], number=number + 1)
        written += 1
    return written
