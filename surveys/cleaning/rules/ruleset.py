"""Reading a cleaning rule set: every fault is listed, an unknown key is one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

from surveys.cleaning.rules.catalogue import CATALOGUE, Check
from surveys.rules.faults import Fault, gettext_noop

_TOP_KEYS = {"code", "name_zh", "name_en", "content_version", "review_from_families", "checks"}


class BadRuleSet(ValueError):
    """The content cannot be used; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.where}: {f.message % f.values}" for f in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class RuleSet:
    """Thresholds by check; a check that is absent is switched off."""

    code: str
    review_from_families: int
    numbers: Mapping[str, Mapping[str, float]]
    lists: Mapping[str, Mapping[str, tuple[str, ...]]]

    def uses(self, check: str) -> bool:
        return check in self.numbers

    def number(self, check: str, name: str) -> float:
        return self.numbers[check][name]

    def list(self, check: str, name: str) -> tuple[str, ...]:
        return self.lists[check][name]


def parse(spec: Any) -> RuleSet:
    """The rule set of a decoded JSON object; BadRuleSet with every fault if it is bad.

    `checks` maps a check's code to its thresholds; `"on": false` switches a check off.
    """
    reader = _Reader()
    rules = reader.rule_set(spec)
    if reader.faults:
        raise BadRuleSet(reader.faults)
    return rules


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, message: str, **values: object) -> None:
        self.faults.append(Fault(where, message, values))

    def known(self, data: Mapping[str, Any], keys: set[str], where: str) -> None:
        for key in data:
            if key not in keys:
                self.fault(where, gettext_noop("unknown key %(key)s"), key=key)

    def mapping(self, value: Any, where: str) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self.fault(where, gettext_noop("must be an object"))
        return {}

    def number(self, value: Any, where: str, lowest: float, highest: float) -> float:
        good = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if good and lowest <= float(value) <= highest:
            return float(value)
        self.fault(
            where,
            gettext_noop("must be a number from %(lowest)s to %(highest)s"),
            lowest=f"{lowest:g}",
            highest=f"{highest:g}",
        )
        return lowest

    def texts(self, value: Any, where: str) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(x, str) and x for x in value):
            return tuple(value)
        self.fault(where, gettext_noop("must be a list of texts"))
        return ()

    def rule_set(self, spec: Any) -> RuleSet:
        data = self.mapping(spec, "rule set")
        self.known(data, _TOP_KEYS, "rule set")
        code = data.get("code")
        if not isinstance(code, str) or not code:
            self.fault("code", gettext_noop("must be a text"))
            code = ""
        checks = self.mapping(data.get("checks"), "checks")
        numbers: dict[str, Mapping[str, float]] = {}
        lists: dict[str, Mapping[str, tuple[str, ...]]] = {}
        for name, raw in checks.items():
            check = CATALOGUE.get(name)
            if check is None:
                self.fault("checks", gettext_noop("unknown key %(key)s"), key=name)
                continue
            values = self.mapping(raw, f"checks.{name}")
            if self.switched_on(values, f"checks.{name}"):
                numbers[name], lists[name] = self.check(check, values)
        families = self.number(data.get("review_from_families", 2), "review_from_families", 2, 4)
        return RuleSet(code, int(families), numbers, lists)

    def switched_on(self, values: Mapping[str, Any], where: str) -> bool:
        on = values.get("on", True)
        if not isinstance(on, bool):
            self.fault(f"{where}.on", gettext_noop("must be true or false"))
        return on is not False

    def check(
        self, check: Check, values: Mapping[str, Any]
    ) -> tuple[Mapping[str, float], Mapping[str, tuple[str, ...]]]:
        where = f"checks.{check.code}"
        self.known(values, {"on", *check.numbers, *check.lists}, where)
        numbers = {
            name: self.number(values.get(name), f"{where}.{name}", lowest, highest)
            for name, (lowest, highest) in check.numbers.items()
        }
        lists = {name: self.texts(values.get(name), f"{where}.{name}") for name in check.lists}
        for network in lists.get("networks", ()):
            try:
                ip_network(network)
            except ValueError:
                self.fault(
                    f"{where}.networks",
                    gettext_noop("%(network)s is not a network such as 203.0.113.0/24"),
                    network=network,
                )
        return numbers, lists
