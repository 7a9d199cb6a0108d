"""The local wage rule of one city, as read from a file."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class WageRule(NamedTuple):
    """`monthly_minimum_wage` in CNY, None when unknown; `fine_cap_percent` in percent points."""

    city: str
    effective_from: date
    monthly_minimum_wage: Decimal | None
    social_insurance_on_top: bool
    fine_rule: str
    fine_cap_percent: Decimal | None
    source_note: str
