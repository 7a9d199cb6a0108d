"""A table read from a file, and the collector of its errors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.errors import BadRows, RowError

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Table:
    """One sheet. Every row has as many cells as the header."""

    name: str
    header: tuple[str, ...]
    rows: list[Row]

    def taken(self) -> Iterator[Row]:
        """The rows, each let go when it is taken, so that a large file is not held twice: the table
        has none afterwards."""
        self.rows.reverse()
        while self.rows:
            yield self.rows.pop()


@dataclass
class Errors:
    """Collects the faults of a file, so that its sender sees all of them at once."""

    found: list[RowError] = field(default_factory=list)

    def add(self, row: int, column: str, message: object, *, conflict: bool = False) -> None:
        """Note one fault; `row` as the spreadsheet shows it (the header is row 1)."""
        self.found.append(RowError(row, column, str(message), conflict))

    def __len__(self) -> int:
        return len(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)

    def raise_if_any(self) -> None:
        """Raise BadRows with everything found."""
        if self.found:
            raise BadRows(self.found)


def letters(place: int) -> str:
    """The spreadsheet's name of the column at `place`: 0 -> A, 26 -> AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def columns(
    table: Table,
    required: Iterable[str],
    optional: Iterable[str] = (),
    prefix_ok: str | tuple[str, ...] | None = None,
) -> dict[str, int]:
    """Where each column stands. Missing, unknown and repeated ones: BadRows at row 1.

    Columns beginning with `prefix_ok` are known too (q_… of a survey file).
    """
    errors = Errors()
    required = list(required)
    known = {*required, *optional}
    places: dict[str, int] = {}
    for place, name in enumerate(table.header):
        if name in places:
            errors.add(1, name, _("the column appears twice"))
        elif name not in known and not (prefix_ok and name.startswith(prefix_ok)):
            errors.add(1, name, _("the column is unknown"))
        places.setdefault(name, place)
    for name in required:
        if name not in places:
            errors.add(1, name, _("the column is missing"))
    errors.raise_if_any()
    return places
