"""The invented people: 120 in the order of the departments, the cast under their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from core.tables import Table
from dashboards.services.demo.parameters import parameters, random_for

FOUNDED = date(2018, 1, 1)
STAFF_PHONES = 9_880  # from here on the invented numbers are those of the staff


@dataclass(frozen=True)
class Person:
    number: str
    name: str
    department: str
    position: str
    city: str
    hired_on: date
    true_mean: float  # what customers would say of this person if one could ask all of them


@cache
def people() -> tuple[Person, ...]:
    """Everybody, by employee number."""
    given = parameters()
    cast = {one["employee_no"]: one for one in given["cast"]}
    rng = random_for("people")
    scores = given["scores"]
    person_sd = scores["response_sd"] * scores["icc"] ** 0.5
    names = _names(rng, {one["name"] for one in cast.values()})
    found: list[Person] = []
    for department in given["departments"]:
        shop = float(rng.normal(0, scores["shop_sd"]))
        for position, count in department["headcount"].items():
            for _place in range(count):
                number = f"E{len(found) + 1:04d}"
                name = next(names)
                if number in cast:
                    name = cast[number]["name"]
                    found_at = (cast[number]["department_code"], cast[number]["position_code"])
                    assert found_at == (department["code"], position), number
                days = int(rng.integers(0, 5 * 365))
                found.append(
                    Person(
                        number,
                        name,
                        department["code"],
                        position,
                        department["city_zh"],
                        date(2019, 3, 1) + timedelta(days=days),
                        scores["mean"] + shop + float(rng.normal(0, person_sd)),
                    )
                )
    return tuple(found)


def _names(rng: Any, taken: set[str]) -> Any:
    """Surname and given name in a mixed order, none twice, none of the cast."""
    lists = parameters()["names"]
    every = [surname + given for surname in lists["surnames"] for given in lists["given"]]
    for place in rng.permutation(len(every)):
        if every[place] not in taken:
            yield every[place]


def heads() -> dict[str, str]:
    """Department -> who heads it: its manager or head, the first of the list where it has none."""
    leading = {"general_manager", "department_head", "shop_manager"}
    found: dict[str, str] = {}
    for person in people():
        if person.position in leading:
            found.setdefault(person.department, person.number)
    for person in people():
        found.setdefault(person.department, person.number)
    return found


def phone(number: str) -> str:
    """The invented telephone number of an employee."""
    return f"{parameters()['company']['phone_prefix']}{STAFF_PHONES + int(number[1:]) - 1:04d}"


def roster(
    hired: Mapping[str, date], left: Mapping[str, date], elsewhere: Mapping[str, str]
) -> list[Table]:
    """The two tables of import_roster. `hired` and `left`: days the story gives; `elsewhere`: the
    department of who was not yet transferred."""
    given = parameters()
    head, domain = heads(), given["company"]["email_domain"]
    units = Table(
        "departments",
        (
            *("department_code", "name_zh", "name_en", "parent_code", "head_employee_no"),
            "department_type",
        ),
        [
            (
                *(one["code"], one["name_zh"], one["name_en"], one["parent"]),
                *(head[one["code"]], one["type"]),
            )
            for one in given["departments"]
        ],
    )
    columns = (
        *("employee_no", "name", "department_code", "position_code", "hired_on", "left_on"),
        *("email", "phone", "city", "legal_entity", "base_wage", "performance_pay"),
    )
    entity = given["company"]["legal_entity_zh"]
    rows: list[tuple[str | None, ...]] = []
    for person in people():
        pay, number = given["pay"][person.position], person.number
        last = left.get(number)
        rows.append(
            (
                *(number, person.name, elsewhere.get(number, person.department), person.position),
                hired.get(number, person.hired_on).isoformat(),
                last.isoformat() if last else None,
                *(f"{number.lower()}@{domain}", phone(number), person.city, entity),
                *(pay["base_wage"], pay["performance_pay"]),
            )
        )
    return [units, Table("employees", columns, rows)]


def at(position: str, department: str | None = None) -> list[Person]:
    """People of a position, of one department or all."""
    return [
        person
        for person in people()
        if person.position == position and department in (None, person.department)
    ]
