"""Rows of measured facts, from a file or an API call; every fault is named with its row."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.rules.periods import Span, parse
from assessments.rules.scheme import SATISFACTION
from core.errors import InvalidInput
from core.tables import Table, columns
from core.tables.cells import Cells, Faults, rows_of

COLUMNS = ("indicator_code", "employee_no", "period", "numerator", "denominator")
OPTIONAL = ("source_ref",)
LARGEST = Decimal(10) ** 12
MINUTES = "business_minutes"


@dataclass(frozen=True)
class MeasurementRow:
    """One figure. `cells` takes faults that show up later."""

    cells: Cells
    indicator: str
    employee_no: str
    span: Span
    numerator: Decimal
    denominator: Decimal
    source_ref: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is about: indicator, person, period, source."""
        return self.indicator, self.employee_no, self.span.key, self.source_ref


def read_measurements(
    tables: Sequence[Table], units: dict[str, str]
) -> tuple[list[MeasurementRow], Faults]:
    """Rows in file order; faults are collected, not raised. `units` of the known indicators."""
    used = [table for table in tables if table.header or table.rows]
    if not used:
        raise InvalidInput(_("The file holds no table."))
    faults = Faults(many=len(used) > 1)
    rows: list[MeasurementRow] = []
    for table in used:
        where = columns(table, required=COLUMNS, optional=OPTIONAL)
        found = (row_of(cells, units) for cells in rows_of(table, where, faults))
        rows.extend(row for row in found if row is not None)
    return rows, faults


def row_of(cells: Cells, units: dict[str, str]) -> MeasurementRow | None:
    """The checked row; None after a fault."""
    indicator, employee_no = cells.code("indicator_code"), cells.code("employee_no")
    if indicator and indicator not in units:
        cells.fault("indicator_code", _("unknown indicator %(code)s") % {"code": indicator})
    elif indicator == SATISFACTION:
        cells.fault("indicator_code", _("satisfaction is computed from responses"))
    span = _span(cells)
    numerator = cells.decimal("numerator", required=True, places=6, below=LARGEST)
    denominator = cells.decimal("denominator", required=True, places=0, below=LARGEST)
    source_ref = cells.text("source_ref", longest=200)
    if not cells.ok or span is None or numerator is None or denominator is None:
        return None
    if units[indicator] != MINUTES and numerator > denominator:
        cells.fault("numerator", _("more than the denominator"))
        return None
    return MeasurementRow(cells, indicator, employee_no, span, numerator, denominator, source_ref)


def _span(cells: Cells) -> Span | None:
    try:
        return parse(cells.raw("period"))
    except ValueError:
        cells.fault("period", _("a period is written as 2026-03, 2026-Q1 or 2026"))
        return None
