"""Spans of days and paths of the tree, without a database."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organization.rules import (
    Employment,
    Refusal,
    RosterRefused,
    Span,
    plan_spans,
    resolve_paths,
)

HIRED = date(2020, 1, 1)
STAYS = Employment(HIRED, None, HIRED, None)


def facts(spans):
    return [(span.key, span.value, span.starts_on, span.ends_on) for span in spans]


def test_a_new_employee_holds_the_value_from_hiring_to_the_last_day():
    plan = plan_spans([], ("S01",), Employment(HIRED, date(2024, 6, 30)), date(2026, 1, 1))
    assert facts(plan.opened) == [(None, ("S01",), HIRED, date(2024, 6, 30))]
    assert plan.changed == []


def test_an_equal_value_changes_nothing():
    plan = plan_spans([Span(("S01",), HIRED, None, 7)], ("S01",), STAYS, date(2026, 1, 1))
    assert (plan.changed, plan.opened) == ([], [])


def test_another_value_opens_on_the_effective_day_and_closes_the_day_before():
    plan = plan_spans([Span(("S01",), HIRED, None, 7)], ("S02",), STAYS, date(2026, 3, 1))
    assert facts(plan.changed) == [(7, ("S01",), HIRED, date(2026, 2, 28))]
    assert facts(plan.opened) == [(None, ("S02",), date(2026, 3, 1), None)]


def test_on_the_day_a_span_began_it_is_corrected_in_place():
    plan = plan_spans([Span(("S01",), HIRED, None, 7)], ("S02",), STAYS, HIRED)
    assert facts(plan.changed) == [(7, ("S02",), HIRED, None)]
    assert plan.opened == []


def test_a_change_before_the_current_span_is_refused():
    later = Span(("S02",), date(2026, 5, 1), None, 8)
    with pytest.raises(RosterRefused) as refused:
        plan_spans([Span(("S01",), HIRED, date(2026, 4, 30), 7), later], ("S03",), STAYS, HIRED)
    assert (refused.value.refusal, refused.value.day) == (
        Refusal.EFFECTIVE_BEFORE_CURRENT,
        date(2026, 5, 1),
    )


def test_leaving_closes_the_span_and_coming_back_without_a_new_hiring_day_reopens_it():
    leaves = Employment(HIRED, date(2026, 4, 30), HIRED, None)
    plan = plan_spans([Span(("S01",), HIRED, None, 7)], ("S01",), leaves, date(2026, 4, 1))
    assert facts(plan.changed) == [(7, ("S01",), HIRED, date(2026, 4, 30))]
    back = Employment(HIRED, None, HIRED, date(2026, 4, 30))
    plan = plan_spans(
        [Span(("S01",), HIRED, date(2026, 4, 30), 7)], ("S01",), back, date(2026, 5, 1)
    )
    assert facts(plan.changed) == [(7, ("S01",), HIRED, None)]


def test_a_rehire_opens_a_span_on_the_new_hiring_day():
    again = Employment(date(2026, 7, 1), None, HIRED, date(2026, 4, 30))
    plan = plan_spans(
        [Span(("S01",), HIRED, date(2026, 4, 30), 7)], ("S01",), again, date(2026, 8, 1)
    )
    assert plan.changed == []
    assert facts(plan.opened) == [(None, ("S01",), date(2026, 7, 1), None)]


def test_a_corrected_hiring_day_moves_the_first_span_only():
    first = Span(("S01",), HIRED, date(2022, 12, 31), 7)
    last = Span(("S02",), date(2023, 1, 1), None, 8)
    earlier = Employment(date(2019, 7, 1), None, HIRED, None)
    plan = plan_spans([first, last], ("S02",), earlier, date(2026, 1, 1))
    assert facts(plan.changed) == [(7, ("S01",), date(2019, 7, 1), date(2022, 12, 31))]


@pytest.mark.parametrize(
    ("work", "value", "refusal"),
    [
        (Employment(HIRED, date(2020, 6, 1), HIRED, None), ("A",), Refusal.LEFT_BEFORE_CURRENT),
        (
            Employment(HIRED, date(2026, 1, 31), HIRED, None),
            ("B",),
            Refusal.EFFECTIVE_AFTER_LEAVING,
        ),
        (
            Employment(date(2021, 2, 1), None, HIRED, None),
            ("A",),
            Refusal.HIRED_AFTER_FIRST_ENDED,
        ),
    ],
)
def test_days_that_collide_are_refused(work, value, refusal):
    spans = [Span(("0",), HIRED, date(2020, 12, 31), 7), Span(("A",), date(2021, 1, 1), None, 8)]
    with pytest.raises(RosterRefused) as refused:
        plan_spans(spans, value, work, date(2026, 3, 1))
    assert refused.value.refusal is refusal


days = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(days, st.integers(0, 3)), max_size=12))
def test_spans_never_overlap_whatever_the_order_of_imports(steps):
    spans: list[Span] = []
    for effective, value in steps:
        try:
            plan = plan_spans(
                spans, (value,), STAYS if spans else Employment(HIRED, None), effective
            )
        except RosterRefused:
            continue
        spans += plan.opened
    for before, after in pairwise(spans):
        assert before.ends_on is not None
        assert before.starts_on <= before.ends_on < after.starts_on


def test_paths_are_the_codes_from_the_root():
    parents = {"S01": "SALES", "SALES": "HQ", "HQ": None, "X": "GONE"}
    paths, cyclic = resolve_paths(parents)
    assert paths == {"HQ": "/HQ/", "SALES": "/HQ/SALES/", "S01": "/HQ/SALES/S01/", "X": "/X/"}
    assert cyclic == set()


def test_a_circle_and_everything_below_it_is_found():
    paths, cyclic = resolve_paths({"A": "B", "B": "C", "C": "A", "D": "A", "E": None, "F": "F"})
    assert cyclic == {"A", "B", "C", "D", "F"}
    assert paths == {"E": "/E/"}
