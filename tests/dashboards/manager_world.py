"""HQ over three shops, with answers whose figures can be worked out by hand.

April: S1 40 answers (20 of 100, 20 of 92.5 points), S2 30 (15 of 0, 15 of 50), S3 6 of 92.5.
March: S1 10, S2 8, S3 3 answers of 92.5 points.
"""

from __future__ import annotations

import datetime
from typing import Any

from core.models import User
from organization.models import Department, Employee, Placement
from organization.services import create_user
from tests.surveys.conftest import World, answer


def people_world() -> World:
    """The survey world with a tree of departments and a third shop."""
    world = World()
    hq = Department.objects.create(code="HQ", name_zh="总部", name_en="Head office")
    world.shops["S3"] = Department.objects.create(code="S3", name_zh="S3", name_en="S3")
    person = Employee.objects.create(
        employee_no="E4", name="E4", hired_on=datetime.date(2020, 1, 1)
    )
    Placement.objects.create(
        employee=person,
        department=world.shops["S3"],
        position=world.positions["advisor"],
        starts_on=datetime.date(2020, 1, 1),
    )
    world.people["E4"] = person
    world.shops["HQ"] = hq
    for code in ("S1", "S2", "S3"):
        shop = world.shops[code]
        shop.parent, shop.path = hq, f"/HQ/{code}/"
        shop.save()
    return world


def send_answers(world: World) -> None:
    best, worst = {"q_clear": "5", "q_nps": "10"}, {"q_clear": "1", "q_pushed": "5", "q_fixed": "1"}
    middle = {"q_clear": "3", "q_pushed": "3", "q_fixed": "4"}
    rows: list[dict[str, Any]] = []

    def add(person: str, day: str, count: int, **values: str) -> None:
        for _each in range(count):
            moment = f"2026-{day}T10:0"
            rows.append(
                answer(
                    len(rows) + 1,
                    employee_no=person,
                    started_at=moment + "0:00",
                    submitted_at=moment + "2:00",
                    **values,
                )
            )

    add("E1", "04-10", 20, **best)
    add("E1", "04-11", 20, q_nps="9")
    add("E3", "04-12", 15, q_nps="0", q_words="等太久", **worst)
    add("E3", "04-13", 15, q_nps="3", **middle)
    add("E4", "04-14", 6)
    add("E1", "03-10", 10)
    add("E3", "03-11", 8)
    add("E4", "03-12", 3, q_words="电话 13800138000")
    world.send(*rows)


def account(world: World, number: str, *roles: str, heads: str = "") -> User:
    """The account of an employee, in English; `heads` names the department they lead."""
    user = create_user(
        number,
        roles=roles or ["employee"],
        employee_no=number,
        password="a long enough pass phrase",
        actor=world.operator,
    )
    User.objects.filter(pk=user.pk).update(language="en")
    if heads:
        Department.objects.filter(code=heads).update(head=world.people[number])
    return user
