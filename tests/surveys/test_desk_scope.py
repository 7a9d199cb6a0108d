"""A desk role that was given for a part of the company opens the answers of that part only."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from core.models import AuditEntry, User
from core.permissions import Denied
from organization.services import assign_role
from surveys.analysis import services as analysis
from surveys.cleaning.queries.review import queue_of
from surveys.models import Response, ResponsePersonal, Verdict
from surveys.queries import surveys_to_judge
from surveys.services import open_survey, reattribute_response, record_verdict
from tests.surveys.conftest import answer
from tests.surveys.test_desk_pages import account, browser, doubt, seen, text

DECISION = {"verdict": "excluded", "reason": "careless", "whole": "on"}


@pytest.fixture
def two_shops(world):
    """Six answers about E1 of shop S1, six about E3 of shop S2; one of each shop, R1 and R7,
    waits for a person."""
    world.send(
        *(answer(n) for n in range(1, 7)), *(answer(n, employee_no="E3") for n in range(7, 13))
    )
    doubt(world, 1)
    doubt(world, 7, checks=("too_fast", "same_text"))
    return world


@pytest.fixture
def limited(two_shops) -> Client:
    """An analyst of shop S1."""
    user = User.objects.create_user("ana", language="en")
    assign_role(user, "analyst", actor=None, department=two_shops.shops["S1"])
    return browser(user)


def test_an_answer_of_another_department_is_not_there(two_shops, limited) -> None:
    assert limited.get("/responses/R2/").status_code == 200
    assert limited.get("/responses/R8/").status_code == 404
    before = Verdict.objects.count()
    posted = limited.post("/responses/R8/", {**DECISION, "seen": "1"})
    assert (posted.status_code, Verdict.objects.count()) == (404, before)


def test_the_review_shows_and_takes_decisions_of_the_own_part(two_shops, limited) -> None:
    page = text(limited.get("/surveys/MARCH/review/"))
    assert "R1" in page
    assert "R7" not in page
    mine, other = two_shops.response(1), two_shops.response(7)
    before = Verdict.objects.count()
    posted = limited.post(
        "/surveys/MARCH/review/", {**DECISION, "seen": [*seen(mine), *seen(other)]}
    )
    assert (posted.status_code, Verdict.objects.count()) == (404, before)
    posted = limited.post("/surveys/MARCH/review/", {**DECISION, "seen": seen(mine)})
    assert (posted.status_code, Verdict.objects.count()) == (302, before + 1)


def test_the_verdicts_leave_with_the_own_part_alone(two_shops, limited) -> None:
    answer = limited.post("/surveys/MARCH/verdicts/")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [f"R{n}" for n in range(1, 7)]


def passed_on(world) -> None:
    """R1, about E1, is decided to be about E3, then about E2."""
    for person in ("E3", "E2"):
        reattribute_response(
            world.response(1),
            [world.person(person)],
            reason="the roster of the day",
            actor=world.operator,
        )


def test_the_verdicts_leave_without_those_about_who_takes_them(two_shops) -> None:
    """E3 is evaluated by R7 to R12, and was by R1 for a while."""
    passed_on(two_shops)
    own = account("E3", "executor", employee=two_shops.people["E3"])
    posted = browser(own).post("/surveys/MARCH/verdicts/")
    lines = b"".join(posted.streaming_content).decode().splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [f"R{n}" for n in range(2, 7)]
    assert AuditEntry.objects.get(verb="survey.verdicts_exported").data["rows"] == 5


def test_an_analysis_leaves_with_the_people_and_places_the_page_names(two_shops, limited) -> None:
    def figures(client):
        posted = client.post("/surveys/MARCH/analysis/export/", {"format": "json"})
        found = json.loads(posted.content)
        return sorted(found["by_employee"]), sorted(found["by_department"]), found["n"]

    assert figures(limited) == (["E1"], ["S1"], 6)
    page = text(limited.get("/surveys/MARCH/analysis/"))
    assert "E1 E1" in page
    assert "E3 E3" not in page
    assert "S2" not in page
    assert figures(browser(account("all", "analyst"))) == (["E1", "E3"], ["S1", "S2"], 12)


def test_who_names_the_front_line_exports_nobody_else(two_shops) -> None:
    """An executor sees the people of front-line positions: neither shop's advisor is one here."""
    posted = browser(account("run", "executor")).post("/surveys/MARCH/analysis/export/")
    found = json.loads(posted.content)
    assert (found["by_employee"], sorted(found["by_department"])) == ({}, ["S1", "S2"])


def test_a_missing_analysis_is_said_in_the_language_of_the_page(two_shops, monkeypatch) -> None:
    monkeypatch.setattr(analysis, "ONLINE", 0)
    user = account("all", "analyst")
    User.objects.filter(pk=user.pk).update(language="zh-hans")
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user)
    page = client.post("/surveys/MARCH/analysis/export/")
    assert page.status_code == 400
    assert "还没有统计结果" in page.content.decode()


def test_a_file_is_named_after_a_survey_with_a_chinese_code(two_shops) -> None:
    first, last = two_shops.survey.opens_on, two_shops.survey.closes_on
    open_survey("三月回访", questionnaire="VISIT", first=first, last=last, actor=two_shops.operator)
    posted = browser(account("all", "analyst")).post("/surveys/三月回访/analysis/export/")
    name = "%E4%B8%89%E6%9C%88%E5%9B%9E%E8%AE%BF-all.json"
    assert posted["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"


@pytest.mark.parametrize("seen", ["9" * 25, "9" * 5000, "x"])
def test_a_forged_verdict_number_is_no_error_page(two_shops, seen) -> None:
    client = browser(account("all", "analyst"))
    before = Verdict.objects.count()
    one = client.post("/responses/R1/", {**DECISION, "seen": seen})
    whole = client.post("/surveys/MARCH/review/", {**DECISION, "seen": f"{seen}:{seen}"})
    assert one.status_code in (302, 409)
    assert whole.status_code == 422
    assert Verdict.objects.count() - before == (one.status_code == 302)


@pytest.fixture
def one_phone(two_shops):
    """R1 about E1 and R8 about E3 came from one phone; R8 has words."""
    pair = ResponsePersonal.objects.filter(response__response_no__in=("R1", "R8"))
    assert pair.count() == 0
    for no in ("R1", "R8"):
        row = Response.objects.get(response_no=no)
        ResponsePersonal.objects.create(
            answered_on=row.answered_on,
            response_id=row.id,
            device="phone-1",
            texts={"words": "态度冷淡"} if no == "R8" else {},
        )
    return two_shops


def test_the_answer_beside_is_none_about_the_reviewer(one_phone) -> None:
    """Who is evaluated by an answer never reads it, not as the evidence about another either."""
    page = "/surveys/MARCH/review/?g="
    key = next(g.key for g in queue_of(one_phone.operator, one_phone.survey) if len(g.rows) == 1
               and g.rows[0].response_no == "R1")  # fmt: skip
    other = text(browser(account("run", "executor")).get(page + key))
    assert "R8" in other
    assert "态度冷淡" in other
    own = account("E3", "executor", employee=one_phone.people["E3"])
    mine = text(browser(own).get(page + key))
    assert "R8" not in mine
    assert "态度冷淡" not in mine


def test_the_answer_beside_is_of_the_own_part(one_phone, limited) -> None:
    page = text(limited.get("/surveys/MARCH/review/"))
    assert "R1 " in page
    assert "R8" not in page
    assert "态度冷淡" not in page


def test_whom_an_answer_counted_for_in_between_does_not_judge_it(two_shops) -> None:
    """R1 was about E1, by decision about E3, by another one about E2: none of them decides."""
    passed_on(two_shops)
    between = account("E3", "executor", employee=two_shops.people["E3"])
    before = Verdict.objects.count()
    with pytest.raises(Denied):
        record_verdict(two_shops.response(1), "excluded", reason="x", actor=between)
    assert Verdict.objects.count() == before
    groups = queue_of(between, two_shops.survey)
    assert [row.response_no for group in groups for row in group.rows] == []
    own = account("E9", "executor")
    groups = queue_of(own, two_shops.survey)
    assert sorted(row.response_no for group in groups for row in group.rows) == ["R1", "R7"]
    assert surveys_to_judge(own) == ["MARCH"]
    assert surveys_to_judge(between) == []
