"""Files in: one reader for CSV and XLSX that gives rows of text, or errors naming row and column.

Every cell is text or None: what a code, a number or a date means is the importer's to say. Row i of
`rows` is row i + 2 of the spreadsheet.
"""

from core.tables.model import Errors, Table, columns
from core.tables.parse import parse_date, parse_datetime, parse_decimal, parse_int
from core.tables.reader import read
from core.tables.text import neutralise, restore

__all__ = [
    "Errors",
    "Table",
    "columns",
    "neutralise",
    "parse_date",
    "parse_datetime",
    "parse_decimal",
    "parse_int",
    "read",
    "restore",
]
