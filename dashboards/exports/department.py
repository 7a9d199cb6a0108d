"""A department's page as a file: the figures it shows, and nothing it hides."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

from core.errors import InvalidInput
from core.exports import Column, Sheet, write_csv, write_xlsx
from core.rounding import half_up
from core.stats import Estimate, Mean
from dashboards.queries.manager.department import DepartmentPage

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS = (
    Column("section", "section"),
    Column("period", "period"),
    Column("code", "code"),
    Column("name_zh", "name_zh", width=24),
    Column("item", "item", width=20),
    Column("value", "value", "number"),
    Column("low", "low", "number"),
    Column("high", "high", "number"),
    Column("n", "n", "int"),
    Column("difference", "difference", "number"),
    Column("p", "p", "number"),
)
_Row = tuple[Any, ...]


def department_rows(page: DepartmentPage) -> Iterator[_Row]:
    """Rows of COLUMNS: figures, months, parts, dimensions, spread, people. Hidden is empty."""
    yield from _figures(page)
    key, here = page.picker.span.key, (page.department.code, page.department.name_zh)
    for month, mean, n in page.trend:
        yield ("trend", f"{month:%Y-%m}", *here, "satisfaction", *_mean(mean), n, None, None)
    for part in page.parts:
        who = (part.department.code, part.department.name_zh) if part.department else here
        kind = "satisfaction" if part.department else "own"
        numbers = (*_mean(part.mean), part.n, _one(part.difference), _p(part.p))
        yield ("parts", key, *who, kind, *numbers)
    if page.heat:
        for code, cell in zip(page.heat.dimensions, page.heat.totals, strict=True):
            whole = (_one(cell.value), None, None, cell.n, None, None)
            yield ("dimensions", key, *here, code, *whole)
        for part, cells in page.heat.rows:
            who = (part.department.code, part.department.name_zh) if part.department else here
            own = "" if part.department else "own:"
            for code, cell in zip(page.heat.dimensions, cells, strict=True):
                numbers = (_one(cell.value), None, None, cell.n, _one(cell.difference), None)
                yield ("dimensions", key, *who, own + code, *numbers)
    for low, high, share in page.spread:
        yield ("spread", key, *here, f"{low}-{min(high, 100)}", *_share(share), None, None)
    for person in page.people:
        who = (person.employee.employee_no, person.employee.name)
        yield ("people", key, *who, "own_items", *_mean(person.mean), person.n, None, None)


def department_file(page: DepartmentPage, kind: str) -> bytes:
    """The rows as a CSV or XLSX file; InvalidInput for another kind."""
    if kind not in FORMATS:
        raise InvalidInput(f"{kind}: csv, xlsx")
    target = BytesIO()
    if kind == "csv":
        write_csv(target, [column.key for column in COLUMNS], department_rows(page))
    else:
        write_xlsx(target, [Sheet("department", COLUMNS, department_rows(page))])
    return target.getvalue()


def _figures(page: DepartmentPage) -> Iterator[_Row]:
    key, here = page.picker.span.key, (page.department.code, page.department.name_zh)
    gap, p = None, None
    if page.change:
        gap, p = _one(page.change.difference), _p(page.change.p)
    n = page.total.sums.n or page.total.n_all
    yield ("figures", key, *here, "satisfaction", *_mean(page.mean), n, gap, p)
    for item, figure in (("nps", page.nps), ("satisfied", page.satisfied), ("low", page.unhappy)):
        yield ("figures", key, *here, item, *_share(figure.now), None, None)


def _mean(mean: Mean | None) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    if mean is None:
        return None, None, None
    return _one(mean.mean), _one(mean.low), _one(mean.high)


def _share(share: Estimate) -> tuple[Decimal | None, Decimal | None, Decimal | None, int]:
    return _one(share.value), _one(share.low), _one(share.high), share.n


def _one(value: float | None) -> Decimal | None:
    return None if value is None else half_up(Decimal(str(value)), 1)


def _p(value: float | None) -> Decimal | None:
    return None if value is None else half_up(Decimal(str(value)), 3)
