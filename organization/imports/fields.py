"""Cells of a row, checked; every fault goes to the collector with its row, column and file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.tables import Errors, Table, parse_date, parse_decimal

T = TypeVar("T")


class Faults:
    """Collects the faults of the files of one call; names the file where there are several."""

    def __init__(self, *, many: bool) -> None:
        self.errors = Errors()
        self.many = many

    def add(self, row: int, column: str, message: str, source: str) -> None:
        if self.many:
            message = _("%(message)s (in %(file)s)") % {"message": message, "file": source}
        self.errors.add(row, column, message)


def filled(table: Table) -> Iterator[int]:
    """Indexes of the rows that hold anything: an empty line between rows is no fault."""
    return (index for index, row in enumerate(table.rows) if any(row))


class Cells:
    """One row of a table by column name. `row` is the number a spreadsheet shows."""

    def __init__(self, table: Table, where: dict[str, int], faults: Faults, index: int) -> None:
        self.source, self.row = table.name, index + 2
        self._where, self._faults, self._cells = where, faults, table.rows[index]
        self.ok = True

    def fault(self, column: str, message: str) -> None:
        self.ok = False
        self._faults.add(self.row, column, message, self.source)

    def raw(self, column: str) -> str:
        at = self._where.get(column)
        return "" if at is None else (self._cells[at] or "").strip()

    def text(self, column: str, *, longest: int, required: bool = False) -> str:
        value = self.raw(column)
        if required and not value:
            self.fault(column, _("a value is required"))
        elif len(value) > longest:
            self.fault(column, _("longer than %(max)d characters") % {"max": longest})
        return value

    def code(self, column: str, *, required: bool = True, forbidden: str = "") -> str:
        value = self.text(column, longest=40, required=required)
        for sign in forbidden:
            if sign in value:
                self.fault(column, _("a code must not contain %(sign)s") % {"sign": repr(sign)})
        return value

    def email(self, column: str) -> str:
        value = self.text(column, longest=254)
        if value:
            try:
                validate_email(value)
            except ValidationError:
                self.fault(column, _("%(value)s is not an e-mail address") % {"value": value})
        return value

    def day(self, column: str, *, required: bool = False) -> date | None:
        return self._parsed(column, parse_date, required=required)

    def decimal(
        self, column: str, *, required: bool = False, places: int = 2, below: Decimal | None = None
    ) -> Decimal | None:
        """A number >= 0 with at most `places` decimal places, under `below`."""
        value = self._parsed(column, parse_decimal, required=required)
        if value is None:
            return None
        exponent = value.normalize().as_tuple().exponent
        if value < 0:
            self.fault(column, _("must not be negative"))
        elif isinstance(exponent, int) and -exponent > places:
            self.fault(column, _("at most %(places)d decimal places") % {"places": places})
        elif below is not None and value >= below:
            self.fault(column, _("must be under %(limit)s") % {"limit": below})
        return value

    def _parsed(self, column: str, parse: Callable[[str], T], *, required: bool) -> T | None:
        value = self.raw(column)
        if not value:
            if required:
                self.fault(column, _("a value is required"))
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.fault(column, str(error))
            return None
