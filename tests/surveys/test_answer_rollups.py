"""Counts of answers by score band and NPS point follow every verdict."""

from __future__ import annotations

import datetime

from django.db import connection

from surveys import services
from surveys.models import AnswerRollup
from surveys.queries.comments import comments_of
from surveys.services.rollups import POINTS
from surveys.services.verifying import verify_rollups
from tests.surveys.cleaning_world import make_survey, rating, staff, take_in
from tests.surveys.conftest import answer

MARCH = datetime.date(2026, 3, 1)


def numbers():
    rows = AnswerRollup.objects.filter(n__gt=0).order_by("measure", "point")
    return {(row.measure, row.point): (row.month, row.department.code, row.n) for row in rows}


def judge(world, number, verdict):
    response = world.response(number)
    from core.models import User

    actor, _made = User.objects.get_or_create(username="judge")
    if _made:
        from organization.services import assign_role

        assign_role(actor, "supervision", actor=world.operator)
    services.record_verdict(response, verdict, reason="because", actor=actor)


def test_answers_are_counted_by_band_and_point(world):
    world.send(answer(1, q_nps="10"), answer(2, q_nps="6"), answer(3))
    assert numbers() == {
        ("nps", 6): (MARCH, "S1", 1),
        ("nps", 10): (MARCH, "S1", 1),
        ("score", 18): (MARCH, "S1", 3),  # 92.5 points
    }


def test_a_verdict_takes_an_answer_out_and_back_in(world):
    world.send(answer(1, q_nps="10"), answer(2, q_nps="6"))
    judge(world, 1, "excluded")
    assert numbers() == {("nps", 6): (MARCH, "S1", 1), ("score", 18): (MARCH, "S1", 1)}
    judge(world, 1, "counted")
    assert numbers()["nps", 10] == (MARCH, "S1", 1)
    assert verify_rollups() is None


def test_the_numbers_can_be_made_anew_and_a_wrong_one_is_found(world):
    world.send(answer(1, q_nps="10"), answer(2, q_nps="6"))
    right = numbers()
    AnswerRollup.objects.filter(measure="nps", point=6).update(n=7)
    broken = verify_rollups()
    assert broken is not None
    assert str(broken) == (
        "numbers of MARCH 2026-03, department S1, nps 6: n 7 stored, the answers give 1"
    )
    services.rebuild_rollups(actor=None)
    assert numbers() == right
    assert verify_rollups() is None


def test_long_numbers_in_a_comment_are_blanked(world):
    world.send(answer(1, q_words="call 138 0013-8000"), answer(2, q_words="3 hours"))
    pairs = [(MARCH, world.shops["S1"].pk)]
    found = comments_of(pairs, datetime.date(2026, 3, 31))
    assert [one.texts for one in found] == [("call •••",), ("3 hours",)]


def test_no_answer_is_read_where_no_survey_asks_whether_customers_recommend(db):
    people = staff()
    survey = make_survey([rating("q1")])
    take_in(survey, [{"response_no": "R1", "employee_no": people[0].employee_no, "q_q1": 5}])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # as when all are made anew
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {POINTS}")
        plan = [row[0] for row in cursor.fetchall()]
    reads = [line for line in plan if " on surveys_response" in line]
    assert reads
    assert all("never executed" in line for line in reads)
    assert any("never executed" not in line for line in plan if " on surveys_rating" in line)
    services.rebuild_rollups(actor=None)
    assert [(each.measure, each.point, each.n) for each in AnswerRollup.objects.all()] == [
        ("score", 19, 1)
    ]
