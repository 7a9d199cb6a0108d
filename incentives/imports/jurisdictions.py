"""Local wage rules from a file, one row per city and date."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from core import tables
from core.errors import InvalidInput
from incentives.models import Jurisdiction
from incentives.rules.jurisdiction import WageRule

COLUMNS = (
    "city",
    "monthly_minimum_wage",
    "effective_from",
    "social_insurance_on_top",
    "fine_rule",
    "source_note",
)
CAPPED = re.compile(r"capped:(\d{1,3}(?:\.\d{1,2})?)")
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LARGEST = Decimal(10) ** 9
T = TypeVar("T")


def read_jurisdictions(files: Sequence[tables.Table]) -> list[WageRule]:
    """The rules of a file's tables. Raises BadRows with every fault. An empty minimum wage means:
    not known yet."""
    errors = tables.Errors()
    rules: list[WageRule] = []
    seen: dict[tuple[Any, Any], int] = {}
    for table in files:
        places = tables.columns(table, required=COLUMNS)
        for number, row in enumerate(table.rows, start=2):
            if not any(row):
                continue
            cells = {column: (row[place] or "").strip() for column, place in places.items()}
            rule = _rule(number, cells, errors)
            if rule is None:
                continue
            key = (rule.city, rule.effective_from)
            if key in seen:
                again = _("stands in row %(row)d already") % {"row": seen[key]}
                errors.add(number, "city", again)
            seen[key] = number
            rules.append(rule)
    errors.raise_if_any()
    return rules


def _rule(number: int, cells: dict[str, str], errors: tables.Errors) -> WageRule | None:
    before = len(errors)
    values: dict[str, Any] = {
        column: _parsed(number, column, cells[column], parse, errors)
        for column, parse in PARSERS.items()
    }
    if len(errors) > before:
        return None
    fine_rule, cap = values["fine_rule"]
    return WageRule(
        city=values["city"],
        effective_from=values["effective_from"],
        monthly_minimum_wage=values["monthly_minimum_wage"],
        social_insurance_on_top=values["social_insurance_on_top"],
        fine_rule=fine_rule,
        fine_cap_percent=cap,
        source_note=cells["source_note"],
    )


def _parsed(
    number: int, column: str, text: str, parse: Callable[[str], T], errors: tables.Errors
) -> T | None:
    try:
        return parse(text)
    except (ValueError, InvalidInput) as error:
        errors.add(number, column, str(error))
        return None


def _city(text: str) -> str:
    if not 0 < len(text) <= 100:
        raise ValueError(_("1 to 100 characters are needed"))
    return text


def _minimum(text: str) -> Decimal | None:
    if not text:
        return None
    value = tables.parse_decimal(text)
    if not 0 < value < LARGEST or value != round(value, 2):
        raise ValueError(_("an amount over 0 with at most 2 decimals is needed"))
    return value.quantize(Decimal("0.01"))


def _boolean(text: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise ValueError(_("%(value)s is not yes or no") % {"value": repr(text)})
    return BOOLEANS[text.lower()]


def _fine_rule(text: str) -> tuple[str, Decimal | None]:
    if text in (Jurisdiction.FineRule.NO, Jurisdiction.FineRule.COUNSEL):
        return text, None
    capped = CAPPED.fullmatch(text)
    if capped is None or not 0 < Decimal(capped[1]) <= 100:
        raise ValueError(_("no, counsel or capped:P (P in percent, over 0 to 100) is needed"))
    return Jurisdiction.FineRule.CAPPED, Decimal(capped[1]).quantize(Decimal("0.01"))


PARSERS: dict[str, Callable[[str], Any]] = {
    "city": _city,
    "monthly_minimum_wage": _minimum,
    "effective_from": tables.parse_date,
    "social_insurance_on_top": _boolean,
    "fine_rule": _fine_rule,
}
