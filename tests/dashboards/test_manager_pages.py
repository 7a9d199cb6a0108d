"""Figures of departments as their heads see them: exact, small groups hidden, exports the same."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from organization.models import Look
from organization.services import assign_role
from surveys.models import ResponsePersonal
from tests.dashboards.manager_world import account, people_world, send_answers

APRIL, MARCH = "/dashboard/HQ/?period=2026-04", "/dashboard/HQ/?period=2026-03"


@pytest.fixture
def company(db):
    world = people_world()
    send_answers(world)
    return world


@pytest.fixture
def head(company, browser):
    """E2 works in shop S1 and leads the whole house."""
    browser.force_login(account(company, "E2", heads="HQ"))
    return browser


def parts(answer):
    return {
        part.department.code: (part.n, part.mean.mean if part.mean else None)
        for part in answer.context["page"].parts
    }


def test_the_head_comes_to_the_own_department_in_the_last_finished_month(head):
    answer = head.get("/dashboard/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/dashboard/HQ/")
    assert head.get("/dashboard/HQ/").context["page"].picker.span.key == "2026-04"


def test_a_month_says_its_figures_and_which_shops_differ(head):
    answer = head.get(APRIL)
    page, text = answer.context["page"], answer.content.decode()
    assert page.total.sums.n == 76
    assert page.mean.mean == pytest.approx(5155 / 76, abs=1e-9)
    assert parts(answer) == {"S1": (40, 96.25), "S2": (30, 25.0), "S3": (6, 92.5)}
    assert [part.department.code for part in page.real] == ["S1", "S2"]
    say = " ".join(answer.context["say"].split())
    assert "Satisfaction is <b>67.8</b>; March 2026 has too few answers to compare it with." in say
    assert 'Above the others: <a href="/dashboard/S1/?period=2026-04">S1</a>.' in say
    assert 'Below them: <a href="/dashboard/S2/?period=2026-04">S2</a>.' in say
    assert page.nps.now.n == 70
    assert page.nps.now.value == pytest.approx(100 * 10 / 70)
    assert page.satisfied.now.value == pytest.approx(100 * 46 / 76)
    assert page.unhappy.now.value == pytest.approx(100 * 15 / 76)
    assert page.bands == {0: 15, 10: 0, 20: 0, 30: 0, 40: 0, 50: 15, 60: 0, 70: 0, 80: 0, 90: 46}
    assert "67.8" in text
    assert "+14" in text


def test_the_heat_table_colours_only_what_holds(head):
    heat = head.get(APRIL).context["page"].heat
    assert list(heat.dimensions) == ["advice", "repair"]
    tones = {
        part.department.code: [(round(cell.value, 1), cell.tone) for cell in cells]
        for part, cells in heat.rows
    }
    assert tones == {
        "S1": [(93.8, 3), (100.0, 3)],
        "S3": [(87.5, 0), (100.0, 0)],
        "S2": [(25.0, -3), (25.0, -3)],
    }


def test_a_small_shop_takes_the_smallest_other_one_with_it(head):
    answer = head.get(MARCH)
    assert parts(answer) == {"S1": (10, 92.5), "S2": (8, None), "S3": (3, None)}
    cells = {part.department.code: cells for part, cells in answer.context["page"].heat.rows}
    assert [cell.value for cell in cells["S2"] + cells["S3"]] == [None] * 4
    assert [cell.css for cell in cells["S3"]] == ["qx", "qx"]
    assert head.get("/dashboard/S2/?period=2026-03").context["page"].mean is None
    assert head.get("/dashboard/S2/?period=2026-03").context["page"].bands == {}


def test_a_year_adds_up_the_months_that_can_be_shown(head):
    answer = head.get("/dashboard/HQ/?period=2026")
    page = answer.context["page"]
    assert (page.total.sums.n, page.total.left_out) == (97, 0)
    assert parts(answer) == {
        "S1": (50, pytest.approx((3850 + 925) / 50)),
        "S2": (30, 25.0),
        "S3": (6, 92.5),
    }
    quarter = head.get("/dashboard/S3/?period=2026-Q2").context["page"]
    assert quarter.total.sums.n == 6
    shop = head.get("/dashboard/S3/?period=2026")
    assert shop.context["page"].total.left_out == 3
    assert "3 more answers are left out" in " ".join(shop.content.decode().split())


def test_people_under_the_minimum_stay_hidden_and_under_thirty_unranked(head):
    people = head.get("/dashboard/S1/?period=2026-04").context["page"].people
    assert [(one.employee.employee_no, one.n) for one in people] == [("E1", 40), ("E2", 0)]
    assert people[0].mean.mean == 93.75
    few = head.get("/dashboard/S3/?period=2026-04").context["page"].people
    assert [(one.n, one.mean.mean, one.few) for one in few] == [(6, 87.5, True)]
    hidden = head.get("/dashboard/S3/?period=2026-03").context["page"].people
    assert [(one.n, one.mean) for one in hidden] == [(3, None)]


def test_the_head_of_a_shop_sees_that_shop_only(company, browser):
    browser.force_login(account(company, "E1", heads="S1"))
    assert browser.get("/dashboard/").headers["Location"] == "/dashboard/S1/"
    assert browser.get("/dashboard/S1/").status_code == 200
    for path in ("/dashboard/HQ/", "/dashboard/S2/", "/dashboard/S2/export/?format=csv"):
        assert browser.get(path).status_code == 404
    numbers = {row["person"].employee_no for row in browser.get("/people/").context["rows"]}
    assert numbers == {"E1", "E2"}


def test_an_employee_is_told_who_may_look(company, browser):
    browser.force_login(account(company, "E3"))
    for path in (
        "/dashboard/",
        "/dashboard/S2/",
        "/dashboard/S2/export/",
        "/people/",
        "/comments/",
    ):
        answer = browser.get(path)
        assert answer.status_code == 403, path
        assert "for heads of departments" in answer.content.decode()
    assert not AuditEntry.objects.filter(verb__in=("comments.read", "dashboard.exported")).exists()


def test_the_offices_of_the_company_see_the_root(company, browser):
    user = account(company, "E3")
    assign_role(user, "analyst", actor=company.operator)
    browser.force_login(user)
    assert browser.get("/dashboard/").headers["Location"] == "/dashboard/HQ/"


def test_only_periods_with_answers_exist(head):
    assert head.get("/dashboard/HQ/?period=2026-05").status_code == 404
    assert head.get("/dashboard/HQ/?period=nonsense").status_code == 404
    picker = head.get(MARCH).context["page"].picker
    assert (picker.previous, picker.next) == (None, "2026-04")


def test_the_export_holds_what_the_page_shows_and_is_audited(head):
    answer = head.get("/dashboard/HQ/export/?period=2026-03&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    shown = {
        (row["code"], row["item"]): (row["value"], row["n"])
        for row in rows
        if row["section"] in ("parts", "dimensions")
    }
    assert shown == {
        ("S1", "satisfaction"): ("92.5", "10"),
        ("S2", "satisfaction"): ("", "8"),
        ("S3", "satisfaction"): ("", "3"),
        ("HQ", "advice"): ("87.5", "21"),
        ("HQ", "repair"): ("100.0", "21"),
        ("S1", "advice"): ("87.5", "10"),
        ("S1", "repair"): ("100.0", "10"),
        ("S2", "advice"): ("", "8"),
        ("S2", "repair"): ("", "8"),
        ("S3", "advice"): ("", "3"),
        ("S3", "repair"): ("", "3"),
    }
    entry = AuditEntry.objects.get(verb="dashboard.exported")
    assert entry.data == {"period": "2026-03", "format": "csv"}
    workbook = head.get("/dashboard/HQ/export/?period=2026-03&format=xlsx")
    assert workbook.content[:2] == b"PK"
    assert head.get("/dashboard/HQ/export/?format=pdf").status_code == 400


def test_pages_cost_the_same_queries_whatever_they_show(head, company):
    def cost(path):
        with CaptureQueriesContext(connection) as found:
            assert head.get(path).status_code == 200
        return len(found)

    cost(APRIL)  # warm caches
    paths = (APRIL, "/dashboard/HQ/?period=2026", "/dashboard/S1/", "/people/", "/comments/", "/")
    costs = [cost(path) for path in paths]
    assert costs[0] == costs[1]
    assert max(costs) <= 25
    assert cost("/dashboard/S3/?period=2026-03") <= costs[2]


def test_comments_open_with_five_answers_after_the_month_and_reading_is_noted(head):
    answer = head.get("/comments/")
    text = answer.content.decode()
    assert [row[0].texts for row in answer.context["rows"]] == [("等太久",)] * 15
    assert {row[1].code for row in answer.context["rows"]} == {"S2"}
    assert answer.context["closed"] == 1  # S3 in March has three answers
    assert "13800138000" not in text
    entry = AuditEntry.objects.get(verb="comments.read")
    assert len(entry.data["responses"]) == 15
    head.get("/comments/?department=S2")
    head.get("/comments/?department=S2&page=2")
    looks = Look.objects.order_by("id").values_list("kind", "page", "subject", "person")
    assert list(looks) == [("comments", "comments", "", None), ("comments", "comments", "S2", None)]


def test_comments_can_be_filtered(head):
    def found(query):
        return len(head.get(f"/comments/?{query}").context["rows"])

    assert found("band=low") == 15
    assert found("band=best") == 0
    assert found("q=太久") == 15
    assert found("q=%25") == 0
    assert found("department=S1") == 0
    assert found("department=HQ&period=2026-04&survey=MARCH") == 15
    assert found("period=2026-03") == 0


def test_a_number_that_is_blanked_cannot_be_looked_for(head):
    """Else whoever knows a customer's telephone number learns which comment is theirs."""
    rows = ResponsePersonal.objects.filter(texts__words="等太久").order_by("response_id")
    row = rows.first()
    row.texts = {"words": "请打 13900139000，等太久，2 小时"}
    row.save(update_fields=["texts"])

    def found(words):
        return len(head.get("/comments/", {"q": words}).context["rows"])

    assert found("等太久") == 15
    assert found("2 小时") == 1
    assert found("•••，等太久") == 1
    for digits in ("13900139000", "1390", "139001390001", "9"):
        assert found(digits) == 0


def test_the_home_says_how_the_department_stands(head):
    text = " ".join(head.get("/").content.decode().split())
    assert "Satisfaction is <b>67.8</b>" in text
    assert 'href="/dashboard/HQ/"' in text
