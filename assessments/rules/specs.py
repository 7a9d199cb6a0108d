"""Checks a scheme file: every fault is named, an unknown key is one."""

import datetime
import itertools
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from assessments.rules import scheme as s
from assessments.rules.canonical import number_text
from assessments.rules.faults import SpecError, gettext_noop
from assessments.rules.spec_curves import curve
from assessments.rules.spec_reader import Reader

HUNDRED = Decimal(100)
_WHY = frozenset({"rationale_zh", "rationale_en"})  # allowed beside every number that needs one
_TEXTS = _WHY | {"name_zh", "name_en", "content_version"}
_REQUIRED = frozenset({"code", "effective_from", "quantitative_weight", "qualitative_weight"}) | {
    "items",
    "grades",
}
_OPTIONAL = (
    frozenset({"position_codes", "applies_to", "department_types", "min_assessed_weight"})
    | {"min_working_days_present", "qualitative", "gates", "deduction_cap"}
    | _TEXTS
)
EMPLOYEE, DEPARTMENT = "employee", "department"


def parse_scheme(spec: Any, indicators: Collection[str]) -> s.SchemeSpec:
    """A checked scheme of a file's content (numbers as int or Decimal) or of a stored one.

    `indicators` are the known codes. Raises SpecError with every fault found.
    """
    read = Reader()
    data = read.mapping("scheme", spec, _REQUIRED, _OPTIONAL)
    if read.faults:
        raise SpecError(read.faults)
    applies = read.text(
        "applies_to", data.get("applies_to", EMPLOYEE), choices=(EMPLOYEE, DEPARTMENT)
    )
    quantitative = read.number("quantitative_weight", data["quantitative_weight"], high=100)
    qualitative = read.number("qualitative_weight", data["qualitative_weight"], high=100)
    if quantitative + qualitative != HUNDRED:
        read.fault("qualitative_weight", gettext_noop("both weights together must be 100"))
    if not quantitative:
        read.fault("quantitative_weight", gettext_noop("must be more than 0"))
    grades = _grades(read, data["grades"])
    items = _items(read, data["items"], indicators)
    result = s.SchemeSpec(
        code=read.text("code", data["code"]),
        applies_to=applies,
        position_codes=_positions(read, data.get("position_codes", []), applies),
        effective_from=_day(read, data["effective_from"]),
        quantitative_weight=quantitative,
        qualitative_weight=qualitative,
        min_assessed_weight=_percent(
            read, data, "min_assessed_weight", s.DEFAULT_MIN_ASSESSED_WEIGHT
        ),
        min_working_days_present=read.number(
            "min_working_days_present",
            data.get("min_working_days_present", s.DEFAULT_MIN_WORKING_DAYS),
            high=31,
        ),
        items=items,
        grades=grades,
        opinions=_opinions(read, data.get("qualitative")),
        gates=_gates(read, data.get("gates", []), grades, items),
        deduction_cap=(
            _percent(read, data, "deduction_cap", HUNDRED) if "deduction_cap" in data else None
        ),
    )
    _texts(read, data)
    if read.faults:
        raise SpecError(read.faults)
    return result


def _texts(read: Reader, data: Mapping[str, Any]) -> None:
    for key in sorted(_TEXTS & set(data)):
        read.text(key, data[key])
    for number, code in enumerate(read.rows("department_types", data.get("department_types", []))):
        read.text(f"department_types[{number}]", code)


def _percent(read: Reader, data: Mapping[str, Any], key: str, default: Decimal) -> Decimal:
    return read.number(key, data.get(key, default), high=100)


def _day(read: Reader, value: Any) -> str:
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        read.fault("effective_from", gettext_noop("must be a day such as 2026-01-01"))
        return ""


def _positions(read: Reader, value: Any, applies_to: str) -> tuple[str, ...]:
    rows = read.rows("position_codes", value)
    codes = [read.text(f"position_codes[{i}]", code) for i, code in enumerate(rows)]
    if len(set(codes)) < len(codes):
        read.fault("position_codes", gettext_noop("a code stands twice"))
    if applies_to == EMPLOYEE and not codes:
        read.fault("position_codes", gettext_noop("a scheme for employees names their positions"))
    if applies_to == DEPARTMENT and codes:
        read.fault("position_codes", gettext_noop("a scheme for departments names no positions"))
    return tuple(codes)


def _items(read: Reader, value: Any, indicators: Collection[str]) -> tuple[s.Item, ...]:
    items = []
    required = {"indicator", "weight", "value", "curve"}
    optional = {"min_n", "example", *_WHY}
    for number, row in enumerate(read.rows("items", value, least=1)):
        where = f"items[{number}]"
        before = len(read.faults)
        data = read.mapping(where, row, required, optional)
        if len(read.faults) > before:
            continue
        items.append(_item(read, where, data, indicators))
    names = [item.indicator for item in items]
    for name in sorted({name for name in names if names.count(name) > 1}):
        read.fault("items", gettext_noop('"%(name)s" stands twice'), name=name)
    if items and sum(item.weight for item in items) != HUNDRED:
        total = number_text(sum((item.weight for item in items), Decimal(0)))
        read.fault(
            "items", gettext_noop("weights together must be 100, not %(total)s"), total=total
        )
    return tuple(items)


def _item(read: Reader, where: str, data: Mapping[str, Any], indicators: Collection[str]) -> s.Item:
    indicator = read.text(f"{where}.indicator", data["indicator"], choices=indicators)
    value = read.text(f"{where}.value", data["value"], choices=(s.RAW, s.FAIR))
    if value == s.FAIR and indicator != s.SATISFACTION:
        read.fault(f"{where}.value", gettext_noop("only satisfaction has a fair value; write raw"))
    if "example" in data:
        example = read.mapping(f"{where}.example", data["example"], {"value", "score"})
        for key, number in example.items():
            read.number(f"{where}.example.{key}", number)
    min_n = data.get("min_n", s.DEFAULT_MIN_N.get(value, 1))
    return s.Item(
        indicator=indicator,
        weight=read.number(f"{where}.weight", data["weight"], high=100),
        value=value,
        curve=curve(read, f"{where}.curve", data["curve"]),
        min_n=read.whole(f"{where}.min_n", min_n, low=1),
    )


def _grades(read: Reader, value: Any) -> tuple[s.Grade, ...]:
    grades = []
    for number, row in enumerate(read.rows("grades", value, least=1)):
        where = f"grades[{number}]"
        before = len(read.faults)
        data = read.mapping(where, row, {"grade", "from", "coefficient"}, _WHY)
        if len(read.faults) > before:
            continue
        grades.append(
            s.Grade(
                read.text(f"{where}.grade", data["grade"]),
                read.number(f"{where}.from", data["from"]),
                read.number(f"{where}.coefficient", data["coefficient"], high=10),
            )
        )
    starts = [grade.start for grade in grades]
    if any(a <= b for a, b in itertools.pairwise(starts)):
        read.fault("grades", gettext_noop("must descend from the best grade to the lowest"))
    if starts and starts[-1] != 0:
        read.fault("grades", gettext_noop("the lowest grade must begin at 0"))
    if len({grade.grade for grade in grades}) < len(grades):
        read.fault("grades", gettext_noop("a grade stands twice"))
    return tuple(grades)


def _opinions(read: Reader, value: Any) -> tuple[s.OpinionGroup, ...]:
    if value is None:
        return ()
    groups = []
    outer = read.mapping("qualitative", value, {"groups"}, _WHY)
    for number, row in enumerate(read.rows("qualitative.groups", outer.get("groups", []), least=1)):
        where = f"qualitative.groups[{number}]"
        before = len(read.faults)
        data = read.mapping(where, row, {"group", "weight"}, {"form", "min_raters", *_WHY})
        if len(read.faults) > before:
            continue
        name = read.text(f"{where}.group", data["group"])
        default = s.SUPERIOR_MIN_RATERS if name == s.SUPERIOR else s.DEFAULT_MIN_RATERS
        if "form" in data:
            read.text(f"{where}.form", data["form"])
        groups.append(
            s.OpinionGroup(
                name,
                read.number(f"{where}.weight", data["weight"], high=100),
                read.whole(f"{where}.min_raters", data.get("min_raters", default), low=1),
            )
        )
    if len({group.group for group in groups}) < len(groups):
        read.fault("qualitative.groups", gettext_noop("a group stands twice"))
    if groups and sum(group.weight for group in groups) != HUNDRED:
        read.fault("qualitative.groups", gettext_noop("weights together must be 100"))
    return tuple(groups)


def _gates(
    read: Reader, value: Any, grades: tuple[s.Grade, ...], items: tuple[s.Item, ...]
) -> tuple[s.Gate, ...]:
    gates = []
    optional = {"lasts", "needs", "text_zh", "text_en", "indicator", *_WHY}
    for number, row in enumerate(read.rows("gates", value)):
        where = f"gates[{number}]"
        before = len(read.faults)
        data = read.mapping(where, row, {"event", "cap", "value"}, optional)
        if len(read.faults) > before:
            continue
        cap = read.text(f"{where}.cap", data["cap"], choices=("item", "composite", "grade"))
        indicator = ""
        if cap == "grade":
            names = [grade.grade for grade in grades]
            limit = read.text(f"{where}.value", data["value"], choices=names)
        else:
            limit = number_text(read.number(f"{where}.value", data["value"], high=200))
        if cap == "item":
            known = [item.indicator for item in items]
            indicator = read.text(f"{where}.indicator", data.get("indicator"), choices=known)
        elif "indicator" in data:
            read.fault(where, gettext_noop("only an item gate names an indicator"))
        for key in sorted({"lasts", "needs", "text_zh", "text_en"} & set(data)):
            read.text(f"{where}.{key}", data[key])
        gates.append(s.Gate(read.text(f"{where}.event", data["event"]), cap, limit, indicator))
    return tuple(gates)
