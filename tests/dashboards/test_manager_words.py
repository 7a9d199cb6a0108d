"""How differences are said: in words, with p in brackets, never "significant"."""

from __future__ import annotations

import pytest
from django.utils import translation

from assessments.rules.periods import parse
from core.stats import Mean
from dashboards.queries.manager.frame import Figure
from dashboards.queries.manager.parts import Cell, against_rest
from dashboards.queries.manager.words import change_sentence, heat_cells, p_text
from surveys.analysis.rules.comparison import Change, change
from surveys.rules.sums import NOTHING, Sums

NOW, BEFORE = Mean(210, 82.4, 17.5, 80, 84.8), Mean(180, 79.1, 19.2, 76.3, 81.9)


def figure(n: int) -> Figure:
    return Figure(Sums(n, 0, 0), n)


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.3, ".30"), (0.0788, ".08"), (0.0478, ".048"), (0.0002, "< .001"), (1.0, ".99")],
)
def test_p_is_short_where_it_decides_nothing(p, text):
    assert p_text(p) == text


def test_a_change_within_chance_is_said_so():
    said = change_sentence(figure(210), figure(180), change(NOW, BEFORE), parse("2026-10"))
    assert said == (
        "Satisfaction is <b>82.4</b>: the change on September 2026, +3.3, is <b>no more than "
        "chance would give</b> (p .08)."
    )


def test_a_period_before_that_is_not_there_in_full_is_not_compared():
    said = change_sentence(figure(210), figure(180), Change(NOW, BEFORE, None, None), parse("2026"))
    assert said == (
        "Satisfaction is <b>82.4</b>; 2025 does not have answers in every month, so the two are "
        "not compared."
    )


def test_too_few_answers_are_named_and_not_compared():
    few = Mean(12, 82.4, 17.5, 71.3, 93.5)
    said = change_sentence(
        figure(12), figure(180), Change(few, BEFORE, 0.5, None), parse("2026-10")
    )
    assert said == "Satisfaction is <b>82.4</b> from 12 answers: too few to compare."
    none = change_sentence(Figure(NOTHING, 3), figure(180), None, parse("2026-10"))
    assert none.startswith("3 answers so far: too few for a figure.")
    assert change_sentence(Figure(NOTHING, 0), figure(0), None, parse("2026-10")) == (
        "Nobody has answered yet."
    )


def test_a_part_is_tested_against_the_rest_and_its_distance_is_to_the_whole():
    """40 answers of 100 and 0 in turn against 40 of 50: the rest is half of the whole."""
    million = 1_000_000
    part = Sums(40, 20 * 100 * million, 20 * (100 * million) ** 2)
    rest = Sums(40, 40 * 60 * million, 20 * (50 * million) ** 2 + 20 * (70 * million) ** 2)
    difference, interval, p = against_rest(part, part.plus(rest))
    assert difference == pytest.approx(-5)
    assert interval is not None
    assert p is not None
    assert (interval.low + interval.high) / 2 == pytest.approx(-5)
    assert interval.low < 0 < interval.high
    assert p > 0.05
    assert against_rest(part, part) == (None, None, None)


def test_a_cell_of_the_heat_table_holds_value_distance_and_what_is_hidden():
    cells = [
        Cell(400, 81.26, 1.24, None, 0.001, 3), Cell(400, 78.0), Cell(4), Cell(40), Cell(0),
        Cell(400, 70.0, -2.5, None, 0.2, 0),
    ]  # fmt: skip
    assert heat_cells(cells) == (
        '<td class="h"><span class="q3">81.3<small>+1.2</small></span></td>'
        '<td class="h"><span class="q0">78.0</span></td>'
        '<td class="h"><span class="qx">n &lt; 5</span></td>'
        '<td class="h"><span class="qx">hidden</span></td>'
        '<td class="h">–</td>'
        '<td class="h"><span class="q0">70.0<small>−2.5</small></span></td>'
    )
    with translation.override("zh-hans"):
        assert heat_cells([Cell(40)]) == '<td class="h"><span class="qx">已隐藏</span></td>'
