"""The rows of an answer's evidence: this one, the one most alike, what is usual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.ui import moment, score
from surveys.cleaning.queries.evidence import Comparison, Side
from surveys.cleaning.queries.words import check_title, duration, finding

MISSING = "–"
# Checks that have a row of their own; the others stand below as found.
_OWN_ROW = {"too_fast", "straight_line", "irv", "same_device", "store_network", "same_text"}


@dataclass(frozen=True)
class Cell:
    """A value; `marks` are answers on the scale with whether their item is reverse-keyed; `hit`:
    a check found something here."""

    text: str = MISSING
    marks: Sequence[tuple[str, bool]] = ()
    hit: bool = False
    code: bool = False


@dataclass(frozen=True)
class Row:
    label: str
    this: Cell
    other: Cell
    usual: Cell


def evidence_rows(
    found: Comparison, evidence: Mapping[str, Any], hits: Mapping[str, int], total: int
) -> list[Row]:
    """Rows in a fixed order; those that say nothing about either answer are left out. `hits` and
    `total` of the survey give how usual a finding is."""
    rows = [_submitted(found), _taken(found), _answers(found), _score(found)]
    rows += [row for row in (_device(found, hits, total), _network(found, hits, total)) if row]
    if (said := _said(found, hits, total)) is not None:
        rows.append(said)
    for code in found.this.checks:
        if code not in _OWN_ROW:
            other = found.other is not None and code in found.other.checks
            rows.append(
                Row(
                    check_title(code),
                    Cell(finding(code, evidence), hit=True),
                    Cell(_("found here too") if other else MISSING, hit=other),
                    Cell(_share(code, hits, total)),
                )
            )
    return rows


def has_words(found: Comparison) -> bool:
    """Whether what a customer wrote stands in one of the columns."""
    return any(side and any(side.texts.values()) for side in (found.this, found.other))


def alike_words(found: Comparison) -> str:
    """Why the other answer stands beside this one."""
    if found.tie == "person":
        return _("same person served, closest in time")
    return check_title(found.tie) if found.tie else ""


def _submitted(found: Comparison) -> Row:
    other = found.other
    return Row(
        _("Submitted at"),
        Cell(moment(found.this.submitted_at)),
        Cell(moment(other.submitted_at) if other else MISSING),
        Cell(),
    )


def _taken(found: Comparison) -> Row:
    usual = found.usual.seconds
    return Row(
        _("Time taken"),
        _side(found.this, duration(found.this.seconds), "too_fast"),
        _side(found.other, duration(found.other.seconds) if found.other else MISSING, "too_fast"),
        Cell(_("median %(time)s") % {"time": duration(usual)} if usual is not None else MISSING),
    )


def _answers(found: Comparison) -> Row:
    n = len(found.items)
    identical = found.usual.identical
    usual = ""
    if identical is not None:
        usual = _("%(share).1f %% give one answer throughout") % {"share": identical}
    return Row(
        ngettext("%(count)d answer", "%(count)d answers", n) % {"count": n},
        _marks(found, found.this),
        _marks(found, found.other),
        Cell(usual, _row_of(found.usual.values, found)),
    )


def _marks(found: Comparison, side: Side | None) -> Cell:
    if side is None:
        return Cell()
    hit = "straight_line" in side.checks or "irv" in side.checks
    return Cell("", _row_of(side.values(found.items), found), hit=hit)


def _row_of(values: Sequence[float | None], found: Comparison) -> list[tuple[str, bool]]:
    return [
        (MISSING if value is None else f"{value:g}", item.reverse)
        for value, item in zip(values, found.items, strict=True)
    ]


def _score(found: Comparison) -> Row:
    def text(value: float | None) -> str:
        return score(value, 1)

    return Row(
        _("Score"),
        Cell(text(found.this.score)),
        Cell(text(found.other.score if found.other else None)),
        Cell(_("median %(time)s") % {"time": text(found.usual.score)}),
    )


def _device(found: Comparison, hits: Mapping[str, int], total: int) -> Row | None:
    if not found.this.device:
        return None
    same = found.other is not None and found.other.device == found.this.device
    hit = "same_device" in found.this.checks
    return Row(
        _("Device"),
        Cell(short(found.this.device), hit=hit, code=True),
        Cell(short(found.other.device) if found.other else MISSING, hit=hit and same, code=True),
        Cell(_share("same_device", hits, total)),
    )


def _network(found: Comparison, hits: Mapping[str, int], total: int) -> Row | None:
    if not found.this.network:
        return None
    same = found.other is not None and found.other.network == found.this.network
    hit = "store_network" in found.this.checks
    return Row(
        _("Network"),
        Cell(short(found.this.network), hit=hit, code=True),
        Cell(short(found.other.network) if found.other else MISSING, hit=hit and same, code=True),
        Cell(_share("store_network", hits, total)),
    )


def _said(found: Comparison, hits: Mapping[str, int], total: int) -> Row | None:
    mine, other = (_quoted(side) for side in (found.this, found.other))
    if mine == MISSING and other == MISSING:
        return None
    hit = "same_text" in found.this.checks
    return Row(
        _("Comment"),
        Cell(mine, hit=hit),
        Cell(other, hit=hit and other == mine),
        Cell(_share("same_text", hits, total)),
    )


def _quoted(side: Side | None) -> str:
    texts = [text for text in side.texts.values() if text] if side else []
    return " / ".join(_("“%(text)s”") % {"text": text} for text in texts) or MISSING


def _side(side: Side | None, text: str, *codes: str) -> Cell:
    return Cell(text, hit=side is not None and any(code in side.checks for code in codes))


def _share(code: str, hits: Mapping[str, int], total: int) -> str:
    if not total:
        return MISSING
    return _("found in %(share).1f %% of answers") % {"share": 100 * hits.get(code, 0) / total}


def short(mark: str) -> str:
    """Enough of a device or network to compare two, not the whole of it."""
    return mark if len(mark) <= 10 else f"{mark[:4]}…{mark[-3:]}"
