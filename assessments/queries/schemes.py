"""Which scheme and which indicator definition hold for a period."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from assessments.models import IndicatorVersion, SchemeVersion
from assessments.rules.scheme import SchemeSpec
from assessments.rules.specs import parse_scheme


def indicator_versions() -> dict[str, IndicatorVersion]:
    """Code -> the valid version."""
    rows = (
        IndicatorVersion.objects.select_related("indicator")
        .order_by("indicator_id", "-number")
        .distinct("indicator_id")
    )
    return {row.indicator.code: row for row in rows}


def schemes_for(positions: Iterable[str], first_day: date) -> dict[str, SchemeVersion]:
    """Position code -> the approved scheme for a period that begins on the day.

    Of several the one with the latest effective date, then the one approved last.
    """
    wanted = set(positions)
    rows = (
        SchemeVersion.objects.select_related("scheme")
        .filter(
            applies_to=SchemeVersion.AppliesTo.EMPLOYEE,
            effective_from__lte=first_day,
            position_codes__overlap=sorted(wanted),
        )
        .order_by("-effective_from", "-approved_at", "-id")
    )
    chosen: dict[str, SchemeVersion] = {}
    for row in rows:
        for code in row.position_codes:
            if code in wanted:
                chosen.setdefault(code, row)
    return chosen


@lru_cache(maxsize=256)
def _parsed(content_hash: str, version_id: int) -> SchemeSpec:
    version = SchemeVersion.objects.get(pk=version_id)
    # Checked when it was imported; an indicator that was known then is known now.
    known = [item["indicator"] for item in version.spec["items"]]
    return parse_scheme(version.spec, known)


def parsed(version_id: int, content_hash: str) -> SchemeSpec:
    """The checked content of a version (immutable, so read once per process)."""
    return _parsed(content_hash, version_id)
