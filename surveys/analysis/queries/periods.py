"""The periods a survey can be analysed over, and the one before each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.months import first_of, shift
from core.stats import Mean


def periods_of(months: Mapping[date, Mean]) -> list[str]:
    """Years, quarters and months with counted answers, the newest first: "2026-11", "2026-Q4";
    from the survey's score by month (surveys.queries.desk.monthly)."""
    found: list[str] = []
    for month in sorted((month for month, mean in months.items() if mean.n), reverse=True):
        quarter = f"{month.year}-Q{(month.month + 2) // 3}"
        found += [key for key in (str(month.year), quarter) if key not in found]
        found.append(f"{month:%Y-%m}")
    return found


def before(period: str) -> str:
    """The period of the same length that ends where this one begins."""
    year, _dash, part = period.partition("-")
    if not part:
        return str(int(year) - 1)
    if part.startswith("Q"):
        return f"{year}-Q{int(part[1:]) - 1}" if part != "Q1" else f"{int(year) - 1}-Q4"
    month = shift(date(int(year), int(part), 1), -1)
    return f"{month.year}-{month.month:02d}"


def answers_in(months: Mapping[date, Mean], first: date, last: date) -> int:
    """Counted answers of the months first..last: what an analysis has to read."""
    start = first_of(first)
    return sum(mean.n for month, mean in months.items() if start <= month <= last)
