"""The "what if" rows are the engine's own results for facts that differ in one figure."""

from decimal import Decimal as D

import pytest

from assessments.queries.recompute import score_again, what_if_of
from assessments.rules.curves import Bands, Deduction, Linear, Piecewise
from assessments.rules.whatif import COUNT, MEAN, MINUTES_MEAN, best_value, changed
from tests.assessments.world import Company

ITEMS = [
    {
        "indicator": "satisfaction",
        "weight": 40,
        "value": "raw",
        "curve": {"type": "linear", "floor": 40, "target": 80, "cap": 100},
        "min_n": 5,
    },
    {
        "indicator": "courtesy_rate",
        "weight": 30,
        "value": "raw",
        "curve": {"type": "linear", "floor": 85, "target": 95, "cap": 100},
        "min_n": 20,
    },
    {
        "indicator": "handling_time",
        "weight": 20,
        "value": "raw",
        "curve": {"type": "linear", "floor": 480, "target": 300, "cap": 100},
        "min_n": 10,
    },
    {
        "indicator": "error_rate",
        "weight": 10,
        "value": "raw",
        "curve": {"type": "linear", "floor": 6, "target": 1, "cap": 100},
        "min_n": 30,
    },
]
FIGURES = {
    "courtesy_rate": (46, 50),
    "handling_time": (12240, 34),
    "error_rate": (2, 60),
}


@pytest.fixture
def company(db):
    found = Company()
    found.scheme(items=ITEMS)
    return found


def hire_measured(company, number, **figures):
    company.hire(number)
    company.answer(number, *([4, 3] * 4))  # mean 62.50
    company.measure(
        *((code, number, "2025-11", *pair) for code, pair in (FIGURES | figures).items())
    )


def test_each_row_is_what_the_engine_gives_for_somebody_with_that_figure(company):
    """E2..E4 really have what E1's rows suppose: their scorecards are the rows, to the cent."""
    hire_measured(company, "E1")
    hire_measured(company, "E2", courtesy_rate=(48, 50))
    hire_measured(company, "E3", handling_time=(330 * 34, 34))
    hire_measured(company, "E4", error_rate=(1, 60))
    company.score()
    card = company.card("E1")
    # satisfaction 56.25, courtesy 70.00, handling 66.67, errors 53.33
    assert card.composite == D("62.17")
    found = {row.changes[0].indicator: row for row in what_if_of(card) if len(row.changes) == 1}
    shown = {
        code: (row.changes[0].kind, row.changes[0].before, row.changes[0].after)
        for code, row in found.items()
    }
    assert shown == {
        "courtesy_rate": (COUNT, D(46), D(48)),
        "handling_time": (MINUTES_MEAN, D(360), D(330)),
        "error_rate": (COUNT, D(2), D(1)),
        "satisfaction": (MEAN, D("62.5"), D(66)),
    }
    for code, number in (("courtesy_rate", "E2"), ("handling_time", "E3"), ("error_rate", "E4")):
        assert found[code].composite == company.card(number).composite
    # satisfaction: 40 % of (66 - 62.5) * 100 / 40
    assert found["satisfaction"].gain == D("3.50")


def test_the_best_come_first_and_the_last_row_does_the_first_two_together(company):
    hire_measured(company, "E1")
    company.score()
    card = company.card("E1")
    rows = what_if_of(card)
    singles, both = rows[:-1], rows[-1]
    assert [row.gain for row in singles] == sorted((row.gain for row in singles), reverse=True)
    assert both.changes == (singles[0].changes[0], singles[1].changes[0])
    again = score_again(card.run, changed(card.facts, both.changes))
    assert (again.composite, again.grade) == (both.composite, both.grade)
    assert both.gain == both.composite - card.composite


def test_nothing_is_promised_where_nothing_was_scored(company):
    company.hire("E9")
    company.score()
    assert what_if_of(company.card("E9")) == []


@pytest.mark.parametrize(
    ("curve", "best"),
    [
        (Linear(D(480), D(300)), 300),
        (Piecewise((D(60), D(75), D(90), D(95)), (D(0), D(65), D(100), D(100))), 90),
        (Piecewise((D(1), D(5), D(9)), (D(100), D(100), D(0))), 5),
        (Bands((D(60), D(80)), (D(0), D(50), D(100))), 80),
        (Deduction(D(100), D(10)), 0),
    ],
)
def test_the_target_of_a_curve_is_where_it_gives_its_most(curve, best):
    assert best_value(curve) == best
