"""The "what if" rows in words: which figure would be what, and what the result would be then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.rules.whatif import COUNT, MEAN, MINUTES_MEAN, Change, WhatIf
from core.rounding import half_up
from dashboards.queries.employee.indicators import Row, plain


@dataclass(frozen=True)
class Option:
    """One row: what would be different, and the result with it."""

    text: str
    composite: Decimal
    gain: Decimal
    grade: str


def options(found: Sequence[WhatIf], rows: Sequence[Row]) -> list[Option]:
    names = {(row.placement, row.code): row.name for row in rows}
    result = []
    for one in found:
        if len(one.changes) > 1:
            text = _("The first two together")
        else:
            change = one.changes[0]
            text = _text(change, names.get((change.placement, change.indicator), change.indicator))
        result.append(Option(text, one.composite, one.gain, one.grade))
    return result


def _text(change: Change, name: str) -> str:
    data = {
        "name": name,
        "before": plain(half_up(change.before, 2)),
        "after": plain(half_up(change.after, 2)),
        "of": plain(change.denominator),
    }
    if change.kind == COUNT:
        return _("%(name)s: %(after)s instead of %(before)s of %(of)s") % data
    if change.kind == MINUTES_MEAN:
        return _("%(name)s: %(after)s minutes instead of %(before)s") % data
    if change.kind == MEAN:
        return _("%(name)s: a raw mean of %(after)s instead of %(before)s") % data
    return _("%(name)s: %(after)s instead of %(before)s") % data
