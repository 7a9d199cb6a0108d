"""Sums follow what begins and ends to count, whatever dimensions a row holds already."""

from __future__ import annotations

import datetime
from itertools import count as count_up

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import DepartmentRollup, RatingRollup
from surveys.rules.rating import RatingRow
from surveys.services.rollups import Deltas
from surveys.services.verifying import _verify_departments

DAYS = (datetime.date(2026, 3, 31), datetime.date(2026, 4, 1))
DIMENSIONS = ("Zeal", "advice", "care", "é", "护")  # in the order of their code points
FIGURES = ("n", "total", "sumsq", "person_n", "person_total", "person_sumsq")


def rating(
    world, day=DAYS[0], who="E1", score=None, own=None, **dimensions: tuple[int | None, int | None]
) -> RatingRow:
    employee, department, position = world.person(who) if who else (None, None, None)
    return RatingRow(
        day, 1, employee, department, position, None, score, own, tuple(dimensions),
        tuple(one for one, _ in dimensions.values()), tuple(one for _, one in dimensions.values()),
    )  # fmt: skip


def count(world, *rows: RatingRow, sign: int = 1) -> None:
    deltas = Deltas(world.survey.pk)
    deltas.add(rows, {}, sign)
    deltas.write()


def stored() -> dict[tuple[object, ...], list[int]]:
    """(month, employee, dimension) -> six figures, without those that are all zero."""
    found = {}
    for row in RatingRollup.objects.all():
        assert row.dimensions == sorted(set(row.dimensions))
        arrays = [getattr(row, f"{name}s") for name in FIGURES]
        each = dict(zip(row.dimensions, map(list, zip(*arrays, strict=True)), strict=True))
        each["overall"] = [getattr(row, name) for name in FIGURES]
        found |= {
            (row.month, row.employee_id, name): [int(figure) for figure in figures]
            for name, figures in each.items()
            if any(figures)
        }
    return found


def of_departments() -> dict[tuple[object, ...], list[int]]:
    """(month, department, dimension) -> n, total and sum of squares, where there is any."""
    found = {}
    for row in DepartmentRollup.objects.all():
        assert row.dimensions == sorted(set(row.dimensions))
        listed = zip(row.dimensions, row.ns, row.totals, row.sumsqs, strict=True)
        for name, *figures in [("overall", row.n, row.total, row.sumsq), *listed]:
            if any(figures):
                found[row.month, row.department_id, name] = [int(one) for one in figures]
    return found


def test_dimensions_that_a_row_does_not_hold_yet_are_added_in_order(world):
    march, who = datetime.date(2026, 3, 1), world.person("E1")[0]
    count(world, rating(world, score=5, own=3, care=(4, None), Zeal=(2, 2)))
    count(world, rating(world, score=6, advice=(7, 7), care=(1, None)))
    row = RatingRollup.objects.get()
    assert row.dimensions == ["Zeal", "advice", "care"]
    assert (row.n, row.total, row.sumsq, row.person_total) == (2, 11, 61, 3)
    assert (row.ns, row.totals, row.sumsqs) == ([1, 1, 2], [2, 7, 5], [4, 49, 17])
    assert (row.person_ns, row.person_totals, row.person_sumsqs) == (
        [1, 1, 0], [2, 7, 0], [4, 49, 0],
    )  # fmt: skip
    count(world, rating(world, care=(4, None)), sign=-1)  # a part of what the row holds
    assert stored()[march, who, "care"] == [1, 1, 1, 0, 0, 0]
    shop = world.person("E1")[1]
    assert of_departments() == {
        (march, shop, "overall"): [2, 11, 61],
        (march, shop, "Zeal"): [1, 2, 4],
        (march, shop, "advice"): [1, 7, 49],
        (march, shop, "care"): [1, 1, 1],
    }
    assert RatingRollup.objects.get().dimensions == ["Zeal", "advice", "care"]


def test_the_same_dimensions_in_another_order_are_the_same(world):
    count(world, rating(world, score=5, care=(4, None), advice=(2, 2)))
    count(world, rating(world, score=5, advice=(2, 2), care=(4, None)))
    row = RatingRollup.objects.get()
    assert (row.dimensions, row.totals) == (["advice", "care"], [4, 8])


def test_a_rating_without_dimensions_and_one_without_an_overall_score(world):
    count(world, rating(world, own=9))
    row = RatingRollup.objects.get()
    assert (row.dimensions, row.person_n, row.person_sumsq) == ([], 1, 81)
    count(world, rating(world, care=(None, 4)))
    row = RatingRollup.objects.get()
    assert (row.n, row.person_n, row.dimensions) == (0, 1, ["care"])
    assert (row.ns, row.person_ns) == ([0], [1])
    assert not DepartmentRollup.objects.exists()  # nothing but a person's own part


def test_a_department_has_what_its_persons_and_nobody_have(world):
    april, shop = datetime.date(2026, 4, 1), world.person("E3")[1]
    own = rating(world, own=9, care=(None, 9))
    count(world, rating(world, who="E3", score=5, care=(4, 4)), own)
    nobody = rating(world, DAYS[1], None, score=7)._replace(department=shop)
    nowhere = rating(world, DAYS[1], None, score=8, care=(6, None))
    count(world, rating(world, DAYS[1], "E3", score=6), nobody, nowhere)
    assert of_departments() == {
        (DAYS[0].replace(day=1), shop, "overall"): [1, 5, 25],
        (DAYS[0].replace(day=1), shop, "care"): [1, 4, 16],
        (april, shop, "overall"): [2, 13, 85],
        (april, None, "overall"): [1, 8, 64],
        (april, None, "care"): [1, 6, 36],
    }


def test_what_comes_to_nothing_is_not_written(world):
    deltas = Deltas(world.survey.pk)
    one = rating(world, score=5, care=(4, None))
    deltas.add([one], {})
    deltas.add([one], {}, -1)
    deltas.write()
    assert not RatingRollup.objects.exists()
    assert not DepartmentRollup.objects.exists()


SCORES = st.none() | st.integers(0, 100_000_000)
RATINGS = st.fixed_dictionaries({
    "day": st.sampled_from(DAYS),
    "who": st.sampled_from(("E1", "E3", None)),
    "score": SCORES,
    "own": SCORES,
    "dimensions": st.lists(
        st.tuples(st.sampled_from(DIMENSIONS), st.tuples(SCORES, SCORES)),
        max_size=5, unique_by=lambda each: each[0],
    ),
})  # fmt: skip
# Rounds of writing; of each rating whether it is counted out again in a later round.
ROUNDS = st.lists(st.lists(st.tuples(RATINGS, st.booleans()), max_size=4), max_size=4)


def plain(rows: list[RatingRow]) -> dict[tuple[object, ...], list[int]]:
    """As `stored`, summed one score after the other."""
    found: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        for name, score, own in row.by_dimension():
            key = (row.answered_on.replace(day=1), row.employee, name)
            sums = found.setdefault(key, [0] * 6)
            for at, value in ((0, score), (3, own)):
                if value is not None:
                    sums[at] += 1
                    sums[at + 1] += value
                    sums[at + 2] += value * value
    return {key: sums for key, sums in found.items() if any(sums)}


def added_up(rows: list[RatingRow]) -> dict[tuple[object, ...], list[int]]:
    """As `of_departments`, likewise."""
    found: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        for name, score, _own in row.by_dimension():
            if score is not None:
                key = (row.answered_on.replace(day=1), row.department, name)
                sums = found.setdefault(key, [0] * 3)
                found[key] = [sums[0] + 1, sums[1] + score, sums[2] + score * score]
    return found


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds=ROUNDS)
def test_sums_are_those_of_what_counts(world, rounds):
    with transaction.atomic():
        numbers = count_up()
        live: list[RatingRow] = []
        leaving: list[RatingRow] = []
        for chosen in rounds:
            made = [
                (rating(world, **{k: v for k, v in one.items() if k != "dimensions"},
                        **dict(one["dimensions"]))._replace(response_id=next(numbers)), goes)
                for one, goes in chosen
            ]  # fmt: skip
            deltas = Deltas(world.survey.pk)
            deltas.add([row for row, _ in made], {})
            deltas.add(leaving, {}, -1)
            deltas.write()
            live = [row for row in live if row not in leaving] + [row for row, _ in made]
            leaving = [row for row, goes in made if goes]
            assert stored() == plain(live)
            assert of_departments() == added_up(live)
            assert _verify_departments() is None
        transaction.set_rollback(True)
