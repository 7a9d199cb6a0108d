"""Payroll months, written 2025-11 and stored as their first day."""

import re
from datetime import date


def first_of_month(text: str) -> date | None:
    """`2025-11` as its first day; None for anything else, and outside the years 2000 to 2099."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if found is None or not 2000 <= int(found[1]) < 2100:
        return None
    return date(int(found[1]), int(found[2]), 1)
