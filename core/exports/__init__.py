"""Files out: CSV and XLSX with typed cells, the same bytes for the same rows, in constant memory.

Text that a spreadsheet would run as a formula is neutralised (core.tables.text) in both formats,
and our own reader gives it back unchanged.
"""

from core.exports.commas import csv_cell, write_csv
from core.exports.files import OnProgress, to_file
from core.exports.workbook import KINDS, MAX_ROWS, Column, Sheet, write_xlsx

__all__ = [
    "KINDS",
    "MAX_ROWS",
    "Column",
    "OnProgress",
    "Sheet",
    "csv_cell",
    "to_file",
    "write_csv",
    "write_xlsx",
]
