"""A row changed behind the application's back is found and named."""

import re

import pytest
from django.core.management import call_command
from django.db import connection

from surveys import services
from surveys.models import DepartmentRollup
from surveys.services import Proposed
from tests.surveys.conftest import answer


def behind_the_back(statement):
    """As somebody who owns the tables would: triggers and foreign keys look away."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        changed = cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert changed


@pytest.fixture
def filled(world):
    world.send(answer(1), answer(2, employee_no="E3"), answer(3))
    third = world.response(3)
    services.apply_verdicts(
        world.survey,
        [Proposed(third.answered_on, third.id, "excluded", ["partial"])],
        rule_set=None,
    )
    return world


def test_when_all_agree_the_command_says_so(filled, capsys):
    call_command("verify_rollups")
    assert capsys.readouterr().out == "Answers, ratings and sums agree.\n"


R1 = "(SELECT id FROM surveys_response WHERE response_no = 'R1')"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE surveys_response SET answers = jsonb_set(answers, '{clear}', '5') "
            "WHERE response_no = 'R1'",
            r"response R1 of MARCH \(2026-03-10\): score 92500000 stored, "
            r"its answers give 100000000",
        ),
        (
            "UPDATE surveys_response SET score_micro = 1 WHERE response_no = 'R2'",
            r"response R2 of MARCH \(2026-03-10\): score 1 stored, its answers give 92500000",
        ),
        (
            f"UPDATE surveys_rating SET person_score = 1 WHERE response_id = {R1}",
            r"response R1 .*: rating overall of employee id \d+: score 92500000, person's score 1 ",
        ),
        (
            f"UPDATE surveys_rating SET scores[2] = 7 WHERE response_id = {R1}",
            r"response R1 .*: rating repair of employee id \d+: score 7, person's score None .* "
            r"give score 100000000, person's score None ",
        ),
        (
            f"UPDATE surveys_rating SET employee_id = 1 WHERE response_id = {R1}",
            r"response R1 .*: rating advice of employee id \d+: ",
        ),
        (
            f"DELETE FROM surveys_rating WHERE response_id = {R1}",
            r"response R1 .*: rating advice of employee id \d+: nothing stored, its answers and "
            r"verdict give score 87500000",
        ),
        (
            f"UPDATE surveys_verdict SET verdict = 'excluded' WHERE response_id = {R1}",
            r"response R1 .*: rating advice of employee id \d+: score 87500000, .* give nothing",
        ),
        (
            f"DELETE FROM surveys_verdict WHERE response_id = {R1}",
            r"response R1 of MARCH \(2026-03-10\): has no verdict",
        ),
        (
            f"DELETE FROM surveys_responsekey WHERE response_id = {R1}",
            r"response R1 of MARCH \(2026-03-10\): has no key",
        ),
        (
            "DELETE FROM surveys_response WHERE response_no = 'R1'",
            r"response id \d+ \(2026-03-10\): a key stands without it",
        ),
        (
            f"UPDATE surveys_verdict SET survey_id = survey_id + 1000 WHERE response_id = {R1}",
            r"response id \d+ \(2026-03-10\): a verdict names another survey or case",
        ),
        (
            "UPDATE surveys_rating SET survey_id = survey_id + 1000 WHERE counted_to IS NOT NULL",
            r"response id \d+ \(2026-03-10\): a rating names another survey or case",
        ),
        (
            f"UPDATE surveys_responsekey SET event_id = 77 WHERE response_id = {R1}",
            r"response id \d+ \(2026-03-10\): a key names another survey or case",
        ),
        (
            f"UPDATE surveys_responsekey SET survey_id = survey_id + 1000 WHERE response_id = {R1}",
            r"response R1 of MARCH \(2026-03-10\): has no key",
        ),
        (
            f"UPDATE surveys_verdict SET rule_set_id = 1000000 WHERE response_id = {R1}",
            r"response id \d+ \(2026-03-10\): a verdict names a rule set that is not there",
        ),
        (
            "UPDATE surveys_ratingrollup SET total = total + 1",
            r"sums of MARCH 2026-03, department S1, employee E1, position advisor, overall: "
            r"n 1, total 92500001, person's n 1, total 87500000 stored, the ratings give "
            r"n 1, total 92500000, person's n 1, total 87500000",
        ),
        (
            "UPDATE surveys_ratingrollup SET dimensions = '{advice}', ns = ns[:1], "
            "totals = totals[:1], sumsqs = sumsqs[:1], person_ns = person_ns[:1], "
            "person_totals = person_totals[:1], person_sumsqs = person_sumsqs[:1]",
            r"sums of MARCH 2026-03, department S1, employee E1, position advisor, repair: "
            r"n 0, total 0, .* give n 1, total 100000000",
        ),
        (
            "INSERT INTO surveys_ratingrollup (month, survey_id, n, total, sumsq, person_n, "
            "person_total, person_sumsq, dimensions, ns, totals, sumsqs, person_ns, "
            "person_totals, person_sumsqs) SELECT '2026-05-01', id, 0, 0, 0, 0, 0, 0, '{x}', "
            "'{1}', '{0}', '{0}', '{0}', '{0}', '{0}' FROM surveys_survey",
            r"sums of MARCH 2026-05, department None, employee None, position None, x: n 1",
        ),
        (
            "UPDATE surveys_departmentrollup SET total = total + 1",
            r"sums of MARCH 2026-03, department S1, all persons, overall: n 1, total 92500001, "
            r"squares 8556250000000000 stored, those of the persons give n 1, total 92500000, ",
        ),
        (
            "UPDATE surveys_departmentrollup SET sumsqs[2] = 7",
            r"sums of MARCH 2026-03, department S1, all persons, repair: .*, squares 7 stored, "
            r"those of the persons give .*, squares 10000000000000000$",
        ),
        (
            "DELETE FROM surveys_departmentrollup",
            r"sums of MARCH 2026-03, department S1, all persons, advice: n 0, total 0, ",
        ),
        (
            "INSERT INTO surveys_departmentrollup (month, survey_id, n, total, sumsq, dimensions, "
            "ns, totals, sumsqs) SELECT '2026-05-01', id, 0, 0, 0, '{x}', '{1}', '{0}', '{0}' "
            "FROM surveys_survey",
            r"sums of MARCH 2026-05, department None, all persons, x: n 1, total 0, ",
        ),
    ],
)
def test_what_was_changed_is_named(filled, statement, message, capsys):
    behind_the_back(statement)
    with pytest.raises(SystemExit) as caught:
        call_command("verify_rollups")
    assert caught.value.code == 1
    assert re.match("Broken: " + message, capsys.readouterr().err)


def test_rebuilding_repairs_the_sums_only(filled, capsys):
    right = list(DepartmentRollup.objects.order_by("pk").values())
    behind_the_back("UPDATE surveys_ratingrollup SET n = 7")
    behind_the_back("UPDATE surveys_departmentrollup SET total = 7, ns[1] = 7")
    call_command("rebuild_rollups")
    assert capsys.readouterr().out == "Sums: 2 rows rebuilt.\n"
    call_command("verify_rollups")
    assert [row["n"] for row in right] == [1, 1]
    assert list(DepartmentRollup.objects.order_by("pk").values()) == right
