"""Sums of departments: after answers at the same moment, and when a filled database gets them."""

from __future__ import annotations

import threading

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from surveys import services
from surveys.models import DepartmentRollup
from surveys.services import Proposed
from surveys.services.rollups import Deltas
from surveys.services.verifying import verify_rollups
from tests.surveys.conftest import World, answer
from tests.surveys.summing import FILL, departments_follow
from tests.surveys.test_partitions import application_role  # noqa: F401 - a fixture

SCORE, ADVICE, REPAIR = 92_500_000, 87_500_000, 100_000_000
AT_ONCE = 8


def rows() -> list[tuple[object, ...]]:
    return [
        (
            f"{row.month:%m}", row.department.code if row.department else None, row.n, row.total,
            int(row.sumsq), dict(zip(row.dimensions, row.totals, strict=True)),
        )
        for row in DepartmentRollup.objects.order_by("month", "department__code")
    ]  # fmt: skip


def test_answers_of_a_department_stand_in_one_row(world):
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(
        answer(1, event_no="EV1"),  # of two persons, counted once
        answer(2),
        answer(3, employee_no=None, department_code="S2"),
        answer(4, submitted_at="2026-04-01T08:00:00", started_at=None),
    )
    assert rows() == [
        ("03", "S1", 2, 2 * SCORE, 2 * SCORE**2, {"advice": 2 * ADVICE, "repair": 2 * REPAIR}),
        ("03", "S2", 1, SCORE, SCORE**2, {"advice": ADVICE, "repair": REPAIR}),
        ("04", "S1", 1, SCORE, SCORE**2, {"advice": ADVICE, "repair": REPAIR}),
    ]
    excluded = world.response(2)
    services.apply_verdicts(
        world.survey,
        [Proposed(excluded.answered_on, excluded.id, "excluded", ["partial"])],
        rule_set=None,
    )
    assert rows()[0] == ("03", "S1", 1, SCORE, SCORE**2, {"advice": ADVICE, "repair": REPAIR})
    assert verify_rollups() is None


def test_a_filled_database_gets_the_sums_it_would_have(world):
    world.send(
        answer(1), answer(2, employee_no="E3"), answer(3, q_fixed="na"),
        answer(4, employee_no=None, department_code="S2"),
        answer(5, submitted_at="2026-04-01T08:00:00", started_at=None),
    )  # fmt: skip
    gone = world.response(5)
    services.apply_verdicts(
        world.survey, [Proposed(gone.answered_on, gone.id, "excluded", ["partial"])], rule_set=None
    )
    before = rows()
    assert [row[:3] for row in before] == [("03", "S1", 1), ("03", "S2", 2), ("04", "S1", 0)]
    departments_follow()
    assert rows() == before[:2]  # what counts no longer is left out
    assert verify_rollups() is None
    keep = list(DepartmentRollup.objects.order_by("pk").values())
    services.rebuild_rollups(actor=None)
    assert list(DepartmentRollup.objects.order_by("pk").values()) == keep


def test_the_migration_can_be_undone_and_done_again(world):
    world.send(answer(1), answer(2, employee_no="E3"))
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("migrate", "surveys", "0010", verbosity=0)
    assert "surveys_departmentrollup" not in connection.introspection.table_names()
    call_command("migrate", "surveys", verbosity=0)
    assert rows() == before
    world.send(answer(3))
    assert verify_rollups() is None
    assert rows()[0][2] == 2


def test_arrays_of_unequal_length_are_refused_and_so_is_a_second_row(world):
    world.send(answer(1, employee_no=None, department_code=None))
    world.send(answer(2))
    for statement, constraint in (
        ("UPDATE surveys_departmentrollup SET ns = ns || 1::bigint", "_places"),
        (FILL, "_unique"),
    ):
        with (
            pytest.raises(DatabaseError, match=f"surveys_department_rollup{constraint}"),
            transaction.atomic(), connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(statement)


def test_the_application_may_change_them(world, application_role):  # noqa: F811
    world.send(answer(1))
    world.send(answer(2))
    assert rows()[0][2] == 2


# --- at the same moment --------------------------------------------------------------------------


def together(world: World) -> list[object]:
    """Each of several sends an answer about the same department, at the same moment."""
    barrier, found = threading.Barrier(AT_ONCE), []

    def send(number: int) -> None:
        try:
            barrier.wait()
            found.append(world.send(answer(number)).counted)
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_answers_at_the_same_moment_are_all_in_the_sums(world):
    assert together(world) == [1] * AT_ONCE
    assert rows() == [
        ("03", "S1", AT_ONCE, AT_ONCE * SCORE, AT_ONCE * SCORE**2,
         {"advice": AT_ONCE * ADVICE, "repair": AT_ONCE * REPAIR}),
    ]  # fmt: skip
    assert verify_rollups() is None


@pytest.mark.django_db(transaction=True)
def test_control_sums_that_do_not_follow_are_found(world, monkeypatch):
    monkeypatch.setattr(Deltas, "_of_departments", lambda self: {})
    assert together(world) == [1] * AT_ONCE
    assert str(verify_rollups()) == (
        "sums of MARCH 2026-03, department S1, all persons, advice: n 0, total 0, squares 0 "
        f"stored, those of the persons give n {AT_ONCE}, total {AT_ONCE * ADVICE}, "
        f"squares {AT_ONCE * ADVICE**2}"
    )
