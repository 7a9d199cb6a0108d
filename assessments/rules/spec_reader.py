"""Reads a JSON content and collects every fault instead of stopping at the first."""

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from assessments.rules.faults import Fault, gettext_noop


class Reader:
    """Collects faults while reading; a value that cannot be read becomes None."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, text: str, **values: object) -> None:
        shown = {key: str(value) for key, value in values.items()}
        self.faults.append(Fault(where, text, shown))

    def mapping(
        self, where: str, value: Any, required: Collection[str], optional: Collection[str] = ()
    ) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.fault(where, gettext_noop("must be an object"))
            return {}
        for key in value:
            if key not in required and key not in optional:
                self.fault(where, gettext_noop('unknown key "%(key)s"'), key=key)
        for key in sorted(required):
            if key not in value:
                self.fault(where, gettext_noop('key "%(key)s" is missing'), key=key)
        return value

    def rows(self, where: str, value: Any, *, least: int = 0) -> list[Any]:
        if not isinstance(value, list):
            self.fault(where, gettext_noop("must be a list"))
            return []
        if len(value) < least:
            self.fault(where, gettext_noop("needs at least %(least)s entries"), least=least)
        return value

    def text(self, where: str, value: Any, *, choices: Collection[str] = ()) -> str:
        if not isinstance(value, str) or not value.strip():
            self.fault(where, gettext_noop("must be a text"))
            return ""
        if choices and value not in choices:
            self.fault(
                where,
                gettext_noop('"%(value)s" is not one of: %(choices)s'),
                value=value,
                choices=", ".join(sorted(choices)),
            )
        return value

    def number(
        self, where: str, value: Any, *, low: int | None = 0, high: int | None = None
    ) -> Decimal:
        """An int, Decimal or numeric text (as stored); NaN and booleans are no numbers."""
        number = _number(value)
        if number is None:
            self.fault(where, gettext_noop("must be a number"))
            return Decimal(0)
        if low is not None and number < low:
            self.fault(where, gettext_noop("must be at least %(low)s"), low=low)
        if high is not None and number > high:
            self.fault(where, gettext_noop("must be at most %(high)s"), high=high)
        return number

    def whole(self, where: str, value: Any, *, low: int) -> int:
        number = self.number(where, value, low=low)
        if number != number.to_integral_value():
            self.fault(where, gettext_noop("must be a whole number"))
        return int(number)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**9 else None
