"""Sums and details that the other apps read."""

import datetime

from surveys import queries, services
from surveys.services import Proposed
from tests.surveys.conftest import answer

MARCH = (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))


def rows(frame):
    return [tuple(row) for row in frame.itertuples(index=False)]


def test_person_totals_are_exact_sorted_and_by_place(world):
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(
        answer(1, event_no="EV1"),
        answer(2, employee_no="E3"),
        answer(3, employee_no="E3", department_code="S1"),
        answer(4, employee_no="E3", q_clear="5"),
        answer(5, employee_no="E3", submitted_at="2026-04-01", started_at=None),
        answer(6, employee_no=None, department_code="S1"),
    )
    e1, e2, e3 = (world.person(no) for no in ("E1", "E2", "E3"))
    frame = queries.person_totals(*MARCH)
    assert list(frame.columns) == [
        "employee_id",
        "department_id",
        "position_id",
        "n",
        "total",
        "sumsq",
    ]
    assert rows(frame) == [
        (*e1, 1, 87_500_000, 87_500_000**2),
        (*e2, 1, 100_000_000, 100_000_000**2),
        (e3[0], world.shops["S1"].pk, e3[2], 1, 87_500_000, 87_500_000**2),
        (*e3, 2, 187_500_000, 87_500_000**2 + 100_000_000**2),
    ]
    assert all(type(value) is int for value in frame["sumsq"])
    assert rows(queries.person_totals(*MARCH, dimension="repair")) == [
        (*e2, 1, 100_000_000, 100_000_000**2)
    ]


def test_department_totals_hold_each_answer_once(world):
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(answer(1, event_no="EV1"), answer(2, employee_no="E3"))
    assert rows(queries.department_totals(*MARCH)) == [
        (world.shops["S1"].pk, 1, 92_500_000, 92_500_000**2),
        (world.shops["S2"].pk, 1, 92_500_000, 92_500_000**2),
    ]


def test_empty_days_have_empty_totals(world):
    frame = queries.person_totals(*MARCH)
    assert (len(frame), list(frame.columns)[3:]) == (0, ["n", "total", "sumsq"])
    assert len(queries.department_totals(*MARCH)) == 0
    assert queries.undecided(*MARCH) == 0
    assert queries.late_responses(*MARCH) == []


def test_the_answers_of_a_person_are_listed_counted_or_not(world, director):
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(
        answer(1, event_no="EV1"),
        answer(2, employee_no="E3"),
        answer(3, submitted_at="2026-03-11T09:00:00", started_at=None),
        answer(4, submitted_at="2026-03-12T09:00:00", started_at=None),
    )
    moment = services.lock_data("2026-03", *MARCH, actor=None).cutoff_at
    third = world.response(3)
    services.apply_verdicts(
        world.survey,
        [Proposed(third.answered_on, third.id, "excluded", ["partial"], {"share": 0.5})],
        rule_set=None,
    )
    services.reattribute_response(
        world.response(2), [world.person("E1")], reason="mix-up", actor=director
    )
    services.reattribute_response(
        world.response(4), [world.person("E3")], reason="mix-up", actor=director
    )
    world.send(answer(5, submitted_at="2026-03-13T09:00:00", started_at=None))
    e1 = world.people["E1"].pk

    def listed(as_of):
        return [
            (r["response_no"], r["verdict"], r["counted"], r["score"], r["person_score"], r["late"])
            for r in queries.responses_of(e1, *MARCH, as_of)
        ]

    scores = (92_500_000, 87_500_000)
    assert listed(None) == [
        ("R1", "counted", True, *scores, False),
        ("R2", "counted", True, *scores, False),
        ("R3", "excluded", False, *scores, False),
        ("R5", "counted", True, *scores, True),
    ]
    assert listed(moment) == [
        ("R1", "counted", True, *scores, False),
        ("R3", "counted", True, *scores, False),
        ("R4", "counted", True, *scores, False),
    ]
    line = queries.responses_of(e1, *MARCH)[2]
    assert (line["checks"], line["evidence"], line["dimensions"]) == (
        ["partial"],
        {"share": 0.5},
        {"advice": 87_500_000},
    )
    assert [late["response_no"] for late in queries.late_responses(*MARCH)] == ["R5"]


def test_the_listed_answers_of_a_person_add_up_to_the_totals(world):
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(
        answer(1, event_no="EV1"),
        *(answer(i, q_clear=str(1 + i % 5), q_fixed=None) for i in range(2, 9)),
    )
    for frame_row in rows(queries.person_totals(*MARCH)):
        scores = [
            r["person_score"]
            for r in queries.responses_of(frame_row[0], *MARCH)
            if r["counted"] and r["person_score"] is not None
        ]
        assert (len(scores), sum(scores)) == (frame_row[3], frame_row[4])


def test_one_answer_is_shown_down_to_its_items_without_personal_data(world):
    world.send(answer(1, q_nps="0", q_fixed="na", q_words="private", device="secret"))
    detail = queries.response_detail("R1", survey="MARCH")
    assert detail == queries.response_detail(response_id=world.response(1).id)
    assert (detail["questionnaire"], detail["version"], detail["score"]) == ("VISIT", 1, None)
    assert detail["people"] == [world.person("E1")]
    items = {item["code"]: item for item in detail["items"]}
    assert {code: (i["answer"], i["score"]) for code, i in items.items()} == {
        "clear": (4, 75_000_000),
        "pushed": (1, 100_000_000),
        "fixed": ("na", None),
        "nps": (0, None),
        "why": (None, None),
        "words": (None, None),
    }
    assert (items["fixed"]["not_applicable"], items["clear"]["accountable"]) == (True, ["advisor"])
    assert [v["verdict"] for v in detail["verdicts"]] == ["counted"]
    assert "private" not in str(detail)
    assert "secret" not in str(detail)
    assert queries.response_detail("R9") is None
