"""The explanation of a score: exact figures, who sees it, what stays hidden, the printed pack."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import services as assessments
from assessments.models import Scorecard
from core import pdf
from core.models import AuditEntry
from incentives.services import appeals
from organization.models import Department
from tests.dashboards.appealing import browser_of, me, scene  # noqa: F401
from tests.incentives.company import account
from tests.incentives.filed import BAD, decided

URL = "/my/scores/2025-11/"
OTHER = "/people/E0001/scores/2025-11/"


def text(answer) -> str:
    """The page as a reader sees it: tags off, blanks as one."""
    main = answer.content.decode().split("<main", 1)[-1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("&nbsp;", " ").split())


def test_the_page_says_the_result_and_then_shows_it(scene, me):  # noqa: F811
    shown = text(me.get(URL))
    # mean 65.625 -> 100 * 25.625 / 40 = 64.06 -> D, C from 70
    assert "you have grade D , 5.94 points from grade C" in shown
    assert "What costs most: Customer satisfaction score" in shown
    assert "Satisfaction rests on 8 counted responses: too few to compare" in shown
    assert "64.06 Composite score out of 100" in shown
    # performance pay 2000.00 * 0.6, the whole month
    assert "Performance pay 2,000.00 × 0.6" in shown
    assert "1,200.00 CNY" in shown
    assert "All 8 Counted 8 Not counted 0" in shown
    # without the single bad answer the mean would be 75: the row of the formula, 66 + 3 = 69
    assert "a raw mean of 69 instead of 65.63 72.50 +8.44 C" in shown
    assert BAD in shown
    assert f"/my/scores/2025-11/appeal/?response=L11%2F{BAD}" in me.get(URL).content.decode()


def test_the_same_sentence_in_chinese(scene):  # noqa: F811
    shown = text(browser_of(scene.user("E0001"), "zh-hans").get(URL))
    assert "您在 2025 年 11 月为 D 级 ，离 C 级差 5.94 分 。" in shown
    assert "满意度来自 8 份有效答卷， 样本少，不作比较 。" in shown


def test_eight_answers_stand_in_no_comparison(scene, me):  # noqa: F811
    shown = text(me.get(URL))
    assert "8 counted responses are too few to compare with others; 30 are needed." in shown
    assert "nobody can say who is better" not in shown


def test_who_sees_whose_score_and_pay(scene):  # noqa: F811
    pay = "1,200.00"
    seen = {
        "own": (scene.user("E0001"), 200, True),
        "head above": (scene.user("E0008"), 200, True),  # holds the role group too
        "assessment": (account("dan"), 200, False),
        "hr": (account("hana"), 200, True),
        "colleague": (scene.user("E0005"), 404, False),
        "admin": (account("op"), 404, False),
        "executor": (account("eve", "executor"), 404, False),
        "handler": (account("hal", "handler"), 404, False),
        "nobody": (account("nob"), 404, False),
    }
    got = {}
    for who, (user, _status, _pay) in seen.items():
        answer = browser_of(user).get(OTHER)
        shown = answer.content.decode()
        got[who] = (answer.status_code, answer.status_code == 200 and pay in shown)
    assert got == {who: (status, sees) for who, (_user, status, sees) in seen.items()}


def test_a_head_without_the_office_sees_the_score_and_no_pay(scene):  # noqa: F811
    head = scene.user("E0008")
    head.role_assignments.all().delete()
    assert Department.objects.get(code="D01").head.user == head
    answer = browser_of(head).get(OTHER)
    assert answer.status_code == 200
    shown = text(answer)
    assert "64.06" in shown
    assert "1,200.00" not in shown
    assert "Pay is shown to the person, HR and the management group only." in shown


def test_unknown_periods_and_people_are_not_there(scene, me):  # noqa: F811
    paths = (
        "/my/scores/1950-01/",
        "/my/scores/abc/",
        URL + "?version=7",
        "/people/X/scores/2025-11/",
    )
    assert [me.get(path).status_code for path in paths] == [404] * 4
    assert me.get("/my/scores/2025/").status_code == 200
    assert "no result yet" in text(me.get("/my/scores/2025/"))


def test_under_five_answers_nothing_of_satisfaction_is_shown(scene, me):  # noqa: F811
    card = scene.card("E0001")
    few = [f"R-E0001-{n}" for n in range(1, 6)]
    appeal = decided(scene, *few)
    appeals.execute_appeal(appeal, actor=account("dan"))
    now = scene.card("E0001")
    assert (now.version, now.satisfaction_n, now.status) == (2, 3, "not_assessed")
    page = me.get(URL)
    shown = text(page)
    assert "You are not assessed for November 2025: too few observations." in shown
    assert "Satisfaction has 3 counted responses; under 5 it is not shown." in shown
    assert "too few" in shown
    # neither a mean nor a single answer's score can be read anywhere
    rows = [line.score for line in page.context["answers"].lines]
    assert rows == [None] * 8
    assert page.context["rows"][0].value is None
    old = text(me.get(URL + "?version=1"))
    assert "This is version 1. Version 2 has replaced it and counts now." in old
    assert f"{card.composite}" in old


def test_both_versions_stand_beside_each_other_after_an_appeal(scene, me):  # noqa: F811
    appeal = appeals.execute_appeal(decided(scene, BAD), actor=account("dan"))
    shown = text(me.get(URL))
    assert "you have grade B , 2.50 points from grade A" in shown
    assert "v2 : 87.50 B · valid" in shown.replace("v2:", "v2 :")
    assert f"after appeal {appeal.appeal_no}" in shown
    assert "taken out by the decision on an appeal" in shown
    assert "64.06 D" in shown


def test_seeing_it_is_said_once_and_only_by_the_person(scene, me):  # noqa: F811
    other = browser_of(scene.user("E0005"))
    assert other.post(URL + "seen/").status_code == 302  # E0005's own
    assert scene.card("E0001").state == "released"
    assert me.get(URL + "seen/").status_code == 405
    for _time in range(2):
        assert me.post(URL + "seen/").status_code == 302
    card = scene.card("E0001")
    assert card.state == "acknowledged"
    entries = AuditEntry.objects.filter(verb="scorecard.acknowledged", object_id=str(card.pk))
    assert entries.count() == 1
    assert "You said on" in text(me.get(URL))
    assessments.put_under_appeal(card, actor=None)
    assert me.post(URL + "seen/").status_code == 409
    assert scene.card("E0001").state == "under_appeal"


def test_the_answers_are_filtered_and_paged(scene, me):  # noqa: F811
    appeals.execute_appeal(decided(scene, BAD), actor=account("dan"))
    page = me.get(URL + "?show=not_counted")
    assert [line.number for line in page.context["page"]] == [BAD]
    assert len(me.get(URL + "?show=counted").context["page"]) == 7
    assert len(me.get(URL + "?show=nonsense").context["page"]) == 8


def test_the_list_has_every_period_with_its_change_and_pay(scene, me):  # noqa: F811
    shown = text(me.get("/my/scores/"))
    assert "November 2025 64.06 D – 66.28 8 1,200.00" in shown
    assert "By month 1 By quarter 0 By year 0" in shown
    assert browser_of(account("op")).get("/my/scores/").status_code == 404


def test_home_shows_the_last_result_and_the_way_to_an_appeal(scene, me):  # noqa: F811
    shown = text(me.get("/"))
    assert "Your score of November 2025" in shown
    assert "Composite 64.06 Grade D" in shown
    assert "/my/scores/2025-11/appeal/" in me.get("/").content.decode()
    assert "Your score of" not in text(browser_of(account("dan")).get("/"))


def test_a_page_costs_the_same_however_many_answers(scene, me):  # noqa: F811
    me.get(URL)  # schemes are read once a process
    with CaptureQueriesContext(connection) as queries:
        me.get(URL)
    assert len(queries) <= 25, [query["sql"][:120] for query in queries]


def test_the_pack_is_a_pdf_with_every_answer(scene, me):  # noqa: F811
    answer = me.get(URL + "explanation.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="E0001-2025-11-v1.pdf"' in answer["Content-Disposition"]
    assert browser_of(account("eve", "executor")).get(OTHER + "explanation.pdf").status_code == 404


def test_without_pango_the_page_says_what_to_install(scene, me, monkeypatch):  # noqa: F811
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    answer = me.get(URL + "explanation.pdf")
    assert answer.status_code == 503
    assert "libpango-1.0-0" in answer.content.decode()


@pytest.mark.parametrize("path", ["/my/awards/", "/my/comments/", "/my/appeals/"])
def test_the_other_own_pages_open(scene, me, path):  # noqa: F811
    assert me.get(path).status_code == 200
    assert browser_of(account("op")).get(path).status_code == 404


def test_awards_and_pay_with_their_reasons(scene, me):  # noqa: F811
    shown = text(me.get("/my/awards/"))
    assert "Performance pay +1,200.00 Grade D (64.06 points): coefficient 0.6" in shown
    assert "waits for the next payroll batch" in shown
    assert Scorecard.objects.filter(employee__employee_no="E0001").count() == 1
