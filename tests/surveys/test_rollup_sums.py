"""Sums of months and departments are exact integers, however large."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organization.models import Department
from surveys.models import DepartmentRollup, Survey
from surveys.queries.rollups import department_cells, overall_by_month, survey_cells
from surveys.rules.sums import NOTHING, Sums, added

MARCH, APRIL = datetime.date(2026, 3, 1), datetime.date(2026, 4, 1)
LARGEST = 2**63 - 1
SQUARES = 10**38 - 1  # what the column holds


@given(st.lists(st.tuples(*[st.integers(0, 10**40)] * 3).map(Sums._make), max_size=9))
def test_many_sums_are_added_as_one_after_the_other(many: list[Sums]) -> None:
    one_by_one = NOTHING
    for each in many:
        one_by_one = one_by_one.plus(each)
    assert added(many) == one_by_one


@pytest.fixture
def shops(world) -> list[Department]:
    """Fifty of them: a long list is looked up otherwise than a short one."""
    survey = Survey.objects.get(code=world.survey.code)
    made = [
        Department.objects.create(
            code=f"X{i}", name_zh=f"店{i}", name_en=f"Shop {i}", path=f"/X{i}/"
        )
        for i in range(50)
    ]
    DepartmentRollup.objects.bulk_create(
        DepartmentRollup(
            month=month, survey=survey, department=shop, n=LARGEST - i, total=LARGEST - 2 * i,
            sumsq=SQUARES - i, dimensions=["care", "gone", "tact"], ns=[LARGEST - i, 0, 1],
            totals=[LARGEST - 2 * i, 0, 2], sumsqs=[SQUARES - i, 0, 4],
        )
        for i, shop in enumerate(made)
        for month in (MARCH, APRIL)
    )  # fmt: skip
    return made


def expected(i: int) -> Sums:
    return Sums(LARGEST - i, LARGEST - 2 * i, SQUARES - i)


def test_the_cells_of_departments_are_exact(shops):
    chosen = [shop.pk for shop in shops[5:]]
    cells = department_cells(chosen, MARCH, MARCH, overall=False)
    assert {one.month for one in cells} == {MARCH}
    assert {(one.department, one.dimension): one.sums for one in cells} == {
        (shop.pk, dimension): sums
        for i, shop in enumerate(shops)
        if i >= 5
        for dimension, sums in (("care", expected(i)), ("tact", Sums(1, 2, 4)))
    }
    few = overall_by_month(chosen[:1], MARCH, APRIL)
    assert few == {month: {chosen[0]: expected(5)} for month in (MARCH, APRIL)}
    assert department_cells([], MARCH, APRIL, overall=True) == []


def test_the_cells_of_a_survey_are_exact(shops):
    survey = DepartmentRollup.objects.values_list("survey", flat=True).first()
    cells = survey_cells([survey], overall=True)
    assert {one.dimension for one in survey_cells([survey])} == {"overall", "care", "tact"}
    assert len(survey_cells([survey])) == 3 * len(cells)
    assert {(one.month, one.department): one.sums for one in cells} == {
        (month, shop.pk): expected(i) for i, shop in enumerate(shops) for month in (MARCH, APRIL)
    }
