"""Errors that carry a sentence for the person who asked. Everything else is a bug."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class DomainError(Exception):
    """A refusal with a plain sentence. `status` is the HTTP status; a command exits with 1."""

    status = 400
    code = "refused"

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        # Lazy messages are turned into text here, in the language of whoever reads them.
        return str(self.message)


class InvalidInput(DomainError):
    """The values given make no sense; nothing was changed."""

    code = "invalid"


class InvalidTransition(DomainError):
    """The object is not in a state that allows this step."""

    status = 409
    code = "invalid_transition"


class Conflict(DomainError):
    """Somebody else was first, or is at it right now."""

    status = 409
    code = "conflict"


class Busy(Conflict):
    """Somebody holds a lock: nothing is decided yet, and the same again in a moment may succeed."""

    code = "busy"


@dataclass(frozen=True, order=True)
class RowError:
    """One fault of a file. `row` as a spreadsheet shows it: the header is row 1. `conflict`: what
    is stored under the same number says otherwise (as against a row that makes no sense)."""

    row: int
    column: str
    message: str
    conflict: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return _("row %(row)d, column %(column)s: %(message)s") % {
            "row": self.row,
            "column": self.column,
            "message": self.message,
        }


class BadRows(InvalidInput):
    """A file with faults: nothing of it was taken. Prints every fault, one a line.

    Where every fault is a conflict with what is stored, the status is 409."""

    code = "bad_rows"

    def __init__(self, errors: Iterable[RowError]) -> None:
        self.errors = sorted(errors)
        if self.errors and all(error.conflict for error in self.errors):
            self.status, self.code = Conflict.status, Conflict.code
        super().__init__(
            ngettext(
                "%(count)d error in the file; nothing was changed.",
                "%(count)d errors in the file; nothing was changed.",
                len(self.errors),
            )
            % {"count": len(self.errors)}
        )

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_DATABASE_HAS_NO_ROOM = "53100"  # disk_full


def is_disk_full(error: BaseException | None) -> bool:
    """Whether the error, or what caused it, says that a disk of the server or of the database has
    no room left."""
    while error is not None:
        if isinstance(error, OSError):
            # The writer of workbooks gives the number in its text only.
            if error.errno in _NO_ROOM or f"(os error {errno.ENOSPC})" in str(error):
                return True
        elif getattr(error, "pgcode", None) == _DATABASE_HAS_NO_ROOM:
            return True
        error = error.__cause__
    return False
