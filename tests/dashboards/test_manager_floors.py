"""No page of a department tells what another page of it, or another period, hides."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from assessments.rules.periods import parse
from dashboards.queries.manager.department import department_page
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.parts import compared, heat
from dashboards.queries.manager.spans import picker
from dashboards.queries.manager.staff import staff_of
from organization.models import Department, Employee
from organization.services import assign_role
from surveys.models import AnswerRollup, RatingRollup, Survey
from tests.dashboards.manager_world import account, people_world
from tests.surveys.summing import departments_follow

MILLION = 1_000_000
APRIL, MAY, JUNE, JULY = (datetime.date(2026, month, 1) for month in (4, 5, 6, 7))


class Figures:
    """HQ over S1, S2 and S3; S2 over S21 and S22. Figures are stored as cleaning leaves them."""

    def __init__(self) -> None:
        self.world = people_world()
        self.survey = Survey.objects.get()
        for code in ("S21", "S22"):
            shop = Department.objects.create(code=code, name_zh=code, name_en=code)
            shop.parent, shop.path = self.world.shops["S2"], f"/HQ/S2/{code}/"
            shop.save()
            self.world.shops[code] = shop
        self.viewer = account(self.world, "E3")
        assign_role(self.viewer, "analyst", actor=self.world.operator)
        self.seen = list(Department.objects.all())

    def add(self, month: datetime.date, shop: str, dimension: str, points: float, n: int,
            who: str = "") -> None:  # fmt: skip
        score = int(points * MILLION)
        sums = {"n": n, "total": n * score, "sumsq": n * score * score}
        person = {f"person_{name}": value if who else 0 for name, value in sums.items()}
        row, _made = RatingRollup.objects.get_or_create(
            month=month, survey=self.survey, department=self.world.shops[shop],
            employee=self.world.people[who] if who else None,
        )  # fmt: skip
        if dimension != "overall":
            row.dimensions.append(dimension)
        for name, value in (sums | person).items():
            if dimension == "overall":
                setattr(row, name, value)
            else:
                getattr(row, f"{name}s").append(value)
        row.save()
        departments_follow()

    def nps(self, month: datetime.date, shop: str, n: int) -> None:
        for measure in ("nps", "score"):
            AnswerRollup.objects.create(
                month=month, survey=self.survey, department=self.world.shops[shop],
                measure=measure, point=9, n=n if measure == "nps" else 30,
            )  # fmt: skip

    def frame(self, shop: str, key: str) -> Frame:
        return Frame(self.world.shops[shop], self.seen, parse(key), JULY)

    def staff(self, shop: str, key: str) -> dict[str, tuple[int, Any]]:
        found = staff_of(self.frame(shop, key), self.viewer)
        return {
            one.employee.employee_no: (one.n, one.mean.mean if one.mean else None)
            for one in found
            if one.n
        }


@pytest.fixture
def figures(db: None) -> Figures:
    return Figures()


def test_a_dimension_hidden_beside_its_siblings_is_hidden_on_its_own_page(figures: Figures) -> None:
    for shop, n in (("S1", 30), ("S21", 20), ("S22", 20), ("S3", 20)):
        figures.add(MAY, shop, "overall", 80, n)
    for shop, n in (("S1", 30), ("S21", 6), ("S22", 6), ("S3", 3)):
        figures.add(MAY, shop, "repair", 70, n)

    def grid(shop: str) -> tuple[list[Any], dict[str, list[Any]]]:
        frame = figures.frame(shop, "2026-05")
        found = heat(frame, [MAY], compared(frame, [MAY]))
        if found is None:
            return [], {}
        rows = {
            part.department.code: [cell.value for cell in cells]
            for part, cells in found.rows
            if part.department
        }
        return [cell.value for cell in found.totals], rows

    # S3 has three answers: S2 hides with it, or HQ less S1 less S2 would tell them.
    assert grid("HQ") == ([70.0], {"S1": [70.0], "S2": [None], "S3": [None]})
    # So S2's own page may not say what HQ's hides.
    assert grid("S2") == ([], {})


def test_whether_customers_recommend_is_hidden_on_the_own_page_too(figures: Figures) -> None:
    for shop in ("S1", "S2", "S3"):
        figures.add(MAY, shop, "overall", 80, 30)
    for shop, n in (("S1", 20), ("S2", 8), ("S3", 3)):
        figures.nps(MAY, shop, n)

    def asked(shop: str) -> tuple[int, int]:
        chosen = picker([MAY], "2026-05", JULY)
        assert chosen is not None
        page = department_page(figures.world.shops[shop], figures.seen, chosen, figures.viewer)
        return page.nps.now.n, page.satisfied.now.n

    assert {shop: asked(shop) for shop in ("HQ", "S1", "S2", "S3")} == {
        "HQ": (31, 90),
        "S1": (20, 30),
        "S2": (0, 30),
        "S3": (0, 30),
    }


def test_a_quarter_less_its_months_tells_no_small_month_of_a_person(figures: Figures) -> None:
    for month, points, n in ((APRIL, 80, 5), (MAY, 85, 6), (JUNE, 20, 1)):
        figures.add(month, "S1", "overall", points, n, who="E1")
    assert figures.staff("S1", "2026-06") == {"E1": (1, None)}
    assert figures.staff("S1", "2026-04") == {"E1": (5, 80.0)}
    # The quarter and the year hold the two months that are told.
    assert figures.staff("S1", "2026-Q2") == {"E1": (11, pytest.approx((400 + 510) / 11))}
    assert figures.staff("S1", "2026") == {"E1": (11, pytest.approx((400 + 510) / 11))}


def test_answers_that_name_nobody_are_not_told_by_those_that_do(figures: Figures) -> None:
    figures.add(MAY, "S1", "overall", 80, 20, who="E1")
    figures.add(MAY, "S1", "overall", 90, 12, who="E2")
    figures.add(MAY, "S1", "overall", 10, 3)
    # 35 less 20 less 12 would leave the three.
    assert figures.staff("S1", "2026-05") == {"E1": (20, 80.0), "E2": (12, None)}


def test_people_are_hidden_where_their_department_is(figures: Figures) -> None:
    for shop, n, who in (("S1", 30, "E1"), ("S2", 8, "E3"), ("S3", 3, "E4")):
        figures.add(MAY, shop, "overall", 80, n, who=who)
    assert figures.staff("S2", "2026-05") == {"E3": (8, None)}
    assert Employee.objects.count() == 4
