"""A transfer that is planned and does not come, because the person leaves before; an empty cell."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import BadRows
from organization.models import Employee, PayProfile, Placement
from organization.services import import_roster, preview_roster
from tests.organization.conftest import EMPLOYEES, changed, table

JULY = date(2026, 7, 1)
MAY = date(2026, 5, 20)


def take(company, lines, **options):
    return import_roster([table(lines)], actor=company, **options)


def places(number="E4"):
    rows = Placement.objects.filter(employee__employee_no=number).order_by("starts_on")
    return [tuple(row) for row in rows.values_list("department__code", "starts_on", "ends_on")]


def pay(number="E4"):
    rows = PayProfile.objects.filter(employee__employee_no=number).order_by("starts_on")
    return [tuple(row) for row in rows.values_list("base_wage", "starts_on", "ends_on")]


@pytest.fixture
def planned(company):
    """E4 works in S01 and is to go to S02 on the first of July, for more money."""
    lines = changed(EMPLOYEES, "E4", "S01,sales_consultant", "S02,sales_consultant")
    take(company, changed(lines, "E4", "4200,1800", "4400,1800"), effective=JULY)
    assert places() == [("S01", date(2021, 5, 1), date(2026, 6, 30)), ("S02", JULY, None)]
    return company


def leaving(day, *, shop="S01", wage="4200"):
    lines = changed(EMPLOYEES, "E4", "2021-05-01,,", f"2021-05-01,{day},")
    if shop != "S01":
        lines = changed(lines, "E4", "S01,sales_consultant", f"{shop},sales_consultant")
    return lines if wage == "4200" else changed(lines, "E4", "4200,1800", f"{wage},1800")


@pytest.mark.parametrize("wage", ["4200", ""])
@pytest.mark.parametrize("day", ["2026-05-31", "2026-06-30"])
def test_who_leaves_before_a_planned_transfer_is_not_transferred(planned, day, wage):
    lines, last = leaving(day), date.fromisoformat(day)
    if not wage:  # what is left empty is what holds, not what was planned
        lines = changed(changed(lines, "E4", "4200,1800", ","), "E4", "云屿市", "")
    shown = preview_roster([table(lines)], actor=planned, effective=MAY)
    assert [(one.kind, one.day, one.after) for one in shown.changes[:2]] == [
        ("transfer", last, ()),
        ("pay", last, ()),
    ]
    report = take(planned, lines, effective=MAY)
    assert places() == [("S01", date(2021, 5, 1), last)]
    assert pay() == [(Decimal("4200.00"), date(2021, 5, 1), last)]
    assert (report.employees_changed, report.placements_opened) == (1, 0)
    assert report.placements_closed >= 1
    assert Employee.objects.get(employee_no="E4").left_on == last
    assert take(planned, lines, effective=MAY).changes == 0


@pytest.mark.parametrize(
    ("shop", "wage", "column"),
    [("S02", "4200", "department_code"), ("S01", "4400", "base_wage")],
)
def test_a_row_that_states_what_was_planned_is_a_fault(planned, shop, wage, column):
    """Taken once it would drop the plan; taken again it would open it at once."""
    before = (places(), pay())
    with pytest.raises(BadRows) as raised:
        take(planned, leaving("2026-05-31", shop=shop, wage=wage), effective=MAY)
    assert [(error.column, error.message) for error in raised.value.errors] == [
        (column, "is planned from 2026-07-01, after the last day: state what holds until then")
    ]
    assert (places(), pay()) == before


def test_who_stays_after_all_works_on_where_they_were(planned):
    take(planned, leaving("2026-05-31"), effective=MAY)
    take(planned, EMPLOYEES, effective=MAY)
    assert places() == [("S01", date(2021, 5, 1), None)]


def test_a_transfer_that_has_come_is_not_undone_by_leaving_before_it(planned):
    before = places()
    with pytest.raises(BadRows) as raised:
        take(planned, leaving("2026-05-31", shop="S02", wage="4400"), effective=date(2026, 7, 10))
    assert {error.column for error in raised.value.errors} == {"left_on"}
    assert places() == before


def test_leaving_after_the_planned_transfer_keeps_it(planned):
    take(planned, leaving("2026-08-31", shop="S02", wage="4400"), effective=MAY)
    assert places() == [
        ("S01", date(2021, 5, 1), date(2026, 6, 30)),
        ("S02", JULY, date(2026, 8, 31)),
    ]


def test_an_empty_city_says_nothing_about_the_city(company):
    """Empty is missing, as everywhere in files: what is known stays, and nothing opens."""
    for empty in (changed(EMPLOYEES, "E4", "云屿市", ""), changed(EMPLOYEES, "E4", "青穗", "")):
        assert take(company, empty, effective=MAY).changes == 0
    moved = changed(EMPLOYEES, "E4", "S01,sales_consultant", "S02,sales_consultant")
    take(company, changed(moved, "E4", "云屿市", ""), effective=MAY)
    rows = Placement.objects.filter(employee__employee_no="E4").order_by("starts_on")
    assert list(rows.values_list("department__code", "city", "legal_entity")) == [
        ("S01", "云屿市", "青穗"),
        ("S02", "云屿市", "青穗"),
    ]
