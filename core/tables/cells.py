"""Cells of a row by column name, checked; every fault is collected with row, column and file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.months import EVER
from core.tables.model import Errors, Table
from core.tables.parse import parse_date, parse_datetime, parse_decimal

T = TypeVar("T")


class Faults:
    """Collects the faults of one call; names the file where there are several."""

    def __init__(self, *, many: bool = False) -> None:
        self.errors = Errors()
        self.many = many

    def add(
        self, row: int, column: str, message: str, source: str, *, conflict: bool = False
    ) -> None:
        if self.many:
            message = _("%(message)s (in %(file)s)") % {"message": message, "file": source}
        self.errors.add(row, column, message, conflict=conflict)


def rows_of(table: Table, where: Mapping[str, int], faults: Faults) -> Iterator[Cells]:
    """The rows that hold anything (an empty line between rows is no fault). `where` as columns()
    gives it."""
    for number, row in enumerate(table.rows, start=2):
        if any(row):
            values = {name: row[at] for name, at in where.items()}
            yield Cells(number, values, faults, table.name)


class Cells:
    """One row. `row` is its number in the sender's eyes; an absent column is an empty cell."""

    __slots__ = ("_faults", "_values", "ok", "row", "source")

    def __init__(
        self, row: int, values: Mapping[str, str | None], faults: Faults, source: str = ""
    ) -> None:
        self.row, self.source = row, source
        self._values, self._faults = values, faults
        self.ok = True

    def fault(self, column: str, message: str, *, conflict: bool = False) -> None:
        """Note a fault of this row; `conflict`: stored under the same number stands otherwise."""
        self.ok = False
        self._faults.add(self.row, column, message, self.source, conflict=conflict)

    def raw(self, column: str) -> str:
        return (self._values.get(column) or "").strip()

    def has(self, column: str) -> bool:
        """Whether the file has this column at all."""
        return column in self._values

    def text(self, column: str, *, longest: int, required: bool = False) -> str:
        value = self.raw(column)
        if required and not value:
            self.fault(column, _("a value is required"))
        elif len(value) > longest:
            self.fault(column, _("longer than %(max)d characters") % {"max": longest})
        return value

    def number(self, column: str, *, longest: int = 40, required: bool = True) -> str:
        """What something is known by. A sign nobody sees, as copied text may hold, would make a
        second thing of it that looks the same."""
        value = self.text(column, longest=longest, required=required)
        if not value.isprintable():
            self.fault(column, _("holds an invisible character; type it anew"))
        return value

    def code(self, column: str, *, required: bool = True, forbidden: str = "") -> str:
        value = self.number(column, required=required)
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

    def moment(self, column: str, *, required: bool = False) -> datetime | None:
        """A time of the years 2000 to 2099, aware; without an offset it is Shanghai time."""
        value = self._parsed(column, parse_datetime, required=required)
        if value is not None and not EVER[0] <= value.date() <= EVER[1]:
            self.fault(column, _("must be of the years 2000 to 2099"))
            return None
        return value

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
