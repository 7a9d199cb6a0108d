"""Scores of a response: worked values, and both ways of computing them agree in every digit."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.rules.questionnaires import NA, Dimension, Question, Questionnaire
from surveys.rules.scoring import half_up_micro, parts_for, score, score_columns


def item(code, dimension="d", scale=(1, 5), weight=1, **more):
    values = {
        "type": "rating",
        "required": True,
        "reverse": False,
        "attention": False,
        "instructed": None,
        "accountable": None,
        "text_zh": "文",
        "text_en": "text",
        "options": (),
        "allow_na": False,
        "construct": None,
        "fact": None,
        "max_length": None,
    } | more
    return Question(
        code=code, dimension=dimension, scale=scale, weight=Decimal(str(weight)), **values
    )


def survey_of(*questions, weights=None):
    codes = dict.fromkeys(q.dimension for q in questions if q.dimension)
    dimensions = tuple(Dimension(c, c, c, Decimal(str((weights or {}).get(c, 1)))) for c in codes)
    return Questionnaire("Q", "问", "Q", dimensions, questions)


def scores(questionnaire, answers, whom=None):
    parts = parts_for(questionnaire) if whom is None else parts_for(questionnaire, whom)
    return score(parts, answers)


@pytest.mark.parametrize(
    ("scale", "answer", "reverse", "micro"),
    [
        ((1, 5), 4, False, 75_000_000),
        ((1, 5), 4, True, 25_000_000),
        ((1, 5), 1, False, 0),
        ((1, 5), 5, False, 100_000_000),
        ((1, 7), 5, False, 66_666_667),
        ((1, 7), 2, False, 16_666_667),
        ((0, 10), 0, False, 0),
        ((0, 3), 1, True, 66_666_667),
    ],
)
def test_a_rating_becomes_points_between_0_and_100(scale, answer, reverse, micro):
    one = survey_of(item("a", scale=scale, reverse=reverse))
    assert scores(one, {"a": answer}).overall == micro


def test_a_mean_of_4_2_is_80_points():
    five = survey_of(*(item(code) for code in "abcde"))
    assert scores(five, {"a": 4, "b": 4, "c": 4, "d": 4, "e": 5}).overall == 80_000_000


def test_items_are_weighted_inside_their_dimension():
    two = survey_of(item("a", weight=2), item("b"))
    assert scores(two, {"a": 5, "b": 1}).dimensions == {"d": 66_666_667}


def test_a_dimension_needs_half_of_its_item_weight():
    three = survey_of(item("a", weight=2), item("b"), item("c"))
    assert scores(three, {"a": 5}).dimensions == {"d": 100_000_000}
    assert scores(three, {"b": 5}).dimensions == {"d": None}
    assert scores(three, {"a": NA, "b": 5, "c": 3}).dimensions == {"d": 75_000_000}
    assert scores(three, {"a": NA, "b": 5}).dimensions == {"d": None}


def test_the_overall_score_needs_80_percent_of_the_dimension_weight():
    three = survey_of(
        item("a", "x"), item("b", "y"), item("c", "z"), weights={"x": 50, "y": 30, "z": 20}
    )
    assert scores(three, {"a": 5, "b": 1}).overall == 62_500_000  # 50*100 / 80
    assert scores(three, {"a": 5, "c": 1}).overall is None  # 70 %
    assert scores(three, {}).overall is None


def test_nps_attention_and_items_outside_the_dimensions_have_no_part():
    mixed = survey_of(
        item("a"),
        item("look", attention=True, instructed=2),
        item("n", None, (0, 10), type="nps"),
        item("o", None),
    )
    assert scores(mixed, {"a": 4, "look": 1, "n": 0, "o": 1}).overall == 75_000_000


def test_a_person_is_scored_over_the_items_the_position_answers_for():
    three = survey_of(
        item("a", "x", accountable=frozenset({"seller"})),
        item("b", "x", accountable=frozenset({"seller", "fitter"})),
        item("c", "y", accountable=frozenset()),
        item("e", "z"),
        weights={"x": 50, "y": 30, "z": 20},
    )
    answers = {"a": 5, "b": 1, "e": 3}
    seller = scores(three, answers, "seller")
    assert seller.dimensions == {"x": 50_000_000, "z": 50_000_000}
    assert seller.overall == 50_000_000  # x and z are all of the seller's weight
    assert scores(three, answers, "fitter").dimensions == {"x": 0, "z": 50_000_000}
    assert scores(three, answers, "fitter").overall == 14_285_714  # 20*50 / 70
    assert scores(three, answers, "driver").dimensions == {"z": 50_000_000}
    assert scores(three, answers).overall is None  # 70 of 100: y is missing


def test_the_shares_of_a_person_are_taken_over_the_accountable_items():
    items = survey_of(
        *(item(c, accountable=frozenset({"seller"})) for c in "ab"),
        *(item(c, accountable=frozenset()) for c in "cdef"),
    )
    assert scores(items, {"a": 5}).overall is None  # 1 of 6
    assert scores(items, {"a": 5}, "seller").overall == 100_000_000  # 1 of 2


def test_somebody_who_answers_for_nothing_has_no_score():
    one = survey_of(item("a", accountable=frozenset()))
    assert scores(one, {"a": 5}, "seller").dimensions == {}
    assert scores(one, {"a": 5}, "seller").overall is None


def test_a_half_is_rounded_up():
    assert half_up_micro(Fraction(1, 2_000_000)) == 1
    assert half_up_micro(Fraction(1, 2_000_001)) == 0
    assert half_up_micro(Fraction(200, 3)) == 66_666_667


@st.composite
def questionnaires(draw):
    weight = st.sampled_from(["1", "2", "0.5", "3.7", "12.345678", "0.000001", "999999"])
    scale = st.sampled_from([(1, 5), (1, 7), (0, 10), (1, 6), (-3, 4), (0, 997)])
    whom = st.sampled_from([None, frozenset(), frozenset({"s"}), frozenset({"s", "t"})])
    questions = [
        item(
            f"q{i}",
            draw(st.sampled_from(["x", "y", "z", None])),
            draw(scale),
            draw(weight),
            reverse=draw(st.booleans()),
            attention=draw(st.integers(0, 9)) == 0,
            accountable=draw(whom),
        )
        for i in range(draw(st.integers(1, 8)))
    ]
    weights = {d: draw(st.sampled_from(["30", "15", "0.1", "33.333333", "0"])) for d in "xyz"}
    return survey_of(*questions, weights=weights)


@settings(max_examples=200, deadline=None)
@given(questionnaires(), st.data())
def test_columns_and_single_responses_give_the_same_integers(questionnaire, data):
    codes = [q.code for q in questionnaire.questions]
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    q.code: st.none() | st.just(NA) | st.integers(*q.scale)
                    for q in questionnaire.questions
                }
            ),
            max_size=12,
        )
    )
    values = np.array(
        [[r[c] if isinstance(r[c], int) else 0 for c in codes] for r in rows], np.int64
    ).reshape(len(rows), len(codes))
    answered = np.array([[isinstance(r[c], int) for c in codes] for r in rows], bool).reshape(
        values.shape
    )
    for whom in ("everybody", "s", "t", None):
        parts = parts_for(questionnaire, whom) if whom != "everybody" else parts_for(questionnaire)
        columns = score_columns(parts, codes, values, answered)
        for i, row in enumerate(rows):
            single = score(parts, row)
            for d, code in enumerate(columns.codes):
                found = int(columns.scores[i, d]) if columns.present[i, d] else None
                assert found == single.dimensions[code]
            overall = int(columns.overall[i]) if columns.overall_present[i] else None
            assert overall == single.overall
            assert overall is None or 0 <= overall <= 100_000_000


@settings(max_examples=50, deadline=None)
@given(questionnaires(), st.randoms(), st.data())
def test_the_order_of_items_never_changes_a_score(questionnaire, random, data):
    answers = {
        q.code: data.draw(st.none() | st.integers(*q.scale)) for q in questionnaire.questions
    }
    shuffled = list(questionnaire.questions)
    random.shuffle(shuffled)
    dimensions = list(questionnaire.dimensions)
    random.shuffle(dimensions)
    other = Questionnaire("Q", "问", "Q", tuple(dimensions), tuple(shuffled))
    assert scores(other, answers).overall == scores(questionnaire, answers).overall
