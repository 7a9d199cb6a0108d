"""Reading what the checks work on, and what they found."""

from surveys.cleaning.queries.forms import form_of, rules_of, window_of
from surveys.cleaning.queries.rows import Rows, cases, months, read_figures, read_rows

__all__ = [
    "Rows",
    "cases",
    "form_of",
    "months",
    "read_figures",
    "read_rows",
    "rules_of",
    "window_of",
]
