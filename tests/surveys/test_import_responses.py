"""Answers from files: for whom they count, what is refused, and that the same again is no news."""

import datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.errors import BadRows, InvalidInput
from customers.models import Customer
from organization.models import Placement
from surveys import services
from surveys.models import (
    DataLock,
    Rating,
    RatingRollup,
    Response,
    ResponseKey,
    ResponsePersonal,
    Verdict,
)
from surveys.services.verifying import verify_rollups
from tests.surveys.conftest import answer, spec_of, table_of


def errors(world, *rows):
    with pytest.raises(BadRows) as caught:
        world.send(*rows)
    return [(e.row, e.column, e.message) for e in caught.value.errors]


def said(rating):
    """(dimension, score, person's score), the overall one if there is any."""
    yield from zip(rating.dimensions, rating.scores, rating.person_scores, strict=True)
    if (rating.score, rating.person_score) != (None, None):
        yield "overall", rating.score, rating.person_score


def ratings(number):
    rows = Rating.objects.filter(response__response_no=f"R{number}", counted_to=None)
    return {
        (r.employee.employee_no if r.employee else None, dimension): tuple(scores)
        for r in rows.select_related("employee")
        for dimension, *scores in said(r)
    }


def stored():
    tables = (Response, ResponseKey, ResponsePersonal, Verdict, Rating, RatingRollup, Customer)
    return [model.objects.count() for model in tables]


def test_an_answer_is_stored_scored_judged_and_summed(world):
    report = world.send(answer(1, q_nps="9", q_why="price", q_words="谢谢", device="d1"))
    assert (report.new, report.unchanged, report.counted, report.late) == (1, 0, 1, [])
    response = world.response(1)
    assert response.people == [list(world.person("E1"))]
    assert (response.employee.employee_no, response.department.code) == ("E1", "S1")
    assert response.answered_on == datetime.date(2026, 3, 10)
    assert response.answers == {"clear": 4, "pushed": 1, "fixed": 7, "nps": 9, "why": ["price"]}
    assert response.score_micro == 92_500_000
    personal = ResponsePersonal.objects.get()
    assert (personal.device, personal.texts) == ("d1", {"words": "谢谢"})
    assert ratings(1) == {
        ("E1", "advice"): (87_500_000, 87_500_000),
        ("E1", "repair"): (100_000_000, None),
        ("E1", "overall"): (92_500_000, 87_500_000),
    }
    overall = RatingRollup.objects.get()
    assert (overall.n, overall.total, overall.sumsq) == (1, 92_500_000, 92_500_000**2)
    assert (overall.person_n, overall.person_total) == (1, 87_500_000)
    assert overall.dimensions == ["advice", "repair"]
    assert (overall.totals, overall.person_ns) == ([87_500_000, 100_000_000], [1, 0])
    assert Verdict.objects.get().verdict == "counted"
    assert verify_rollups() is None


def test_the_day_of_an_answer_is_the_day_in_shanghai(world):
    world.send(answer(1, started_at=None, submitted_at="2026-03-10T16:30:00Z"))
    assert world.response(1).answered_on == datetime.date(2026, 3, 11)


def test_people_come_from_the_event_before_the_file(world):
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(answer(1, event_no="EV1", employee_no="E3", department_code="S2"))
    response = world.response(1)
    assert response.people == [list(world.person("E2")), list(world.person("E1"))]
    assert (response.department.code, response.customer.customer_no) == ("S1", "C1")
    assert ratings(1) == {
        ("E2", "advice"): (87_500_000, None),
        ("E2", "repair"): (100_000_000, 100_000_000),
        ("E2", "overall"): (92_500_000, 100_000_000),
        ("E1", "advice"): (None, 87_500_000),
        ("E1", "overall"): (None, 87_500_000),
    }
    assert sum(r.n for r in RatingRollup.objects.all()) == 1


def test_beside_an_event_the_file_may_name_whom_it_likes_if_known(world):
    world.event("EV1", "E2", customer="C1")
    Placement.objects.filter(employee__employee_no="E3").update(starts_on=datetime.date(2027, 1, 1))
    world.send(answer(1, event_no="EV1", employee_no="E3"))
    assert world.response(1).people == [list(world.person("E2"))]
    assert errors(world, answer(2, event_no="EV1", customer_no="C1", employee_no="E9")) == [
        (2, "employee_no", "E9 is unknown")
    ]


def test_people_of_the_file_keep_the_position_of_the_day_and_the_files_department(world):
    Placement.objects.filter(employee__employee_no="E1").update(ends_on=datetime.date(2026, 3, 31))
    Placement.objects.create(
        employee=world.people["E1"],
        department=world.shops["S2"],
        position=world.positions["technician"],
        starts_on=datetime.date(2026, 4, 1),
    )
    world.send(
        answer(1),
        answer(2, submitted_at="2026-04-01T08:00:00", started_at=None),
        answer(3, submitted_at="2026-04-01T08:00:00", started_at=None, department_code="S1"),
    )
    places = {
        number: (r.department.code, r.position.code)
        for number in (1, 2, 3)
        for r in [world.response(number)]
    }
    assert places == {
        1: ("S1", "advisor"),
        2: ("S2", "technician"),
        3: ("S1", "technician"),
    }


def test_an_answer_after_the_last_day_still_finds_the_last_placement(world):
    Placement.objects.filter(employee__employee_no="E1").update(ends_on=datetime.date(2026, 3, 5))
    world.send(answer(1))
    assert world.response(1).department.code == "S1"


def test_several_people_of_a_file_stand_in_their_order(world):
    world.send(answer(1, employee_no="E2; E1"))
    assert [p[0] for p in world.response(1).people] == [
        world.people["E2"].pk,
        world.people["E1"].pk,
    ]


def test_an_answer_about_nobody_counts_for_its_department(world):
    world.send(answer(1, employee_no=None, customer_no=None, department_code="S2"))
    response = world.response(1)
    assert (response.people, response.department.code, response.customer) == ([], "S2", None)
    assert ratings(1)[(None, "overall")] == (92_500_000, None)


def test_not_applicable_is_stored_and_not_scored(world):
    world.send(answer(1, q_fixed="na"))
    assert world.response(1).answers["fixed"] == "na"
    assert ratings(1) == {
        ("E1", "advice"): (87_500_000, 87_500_000),
        ("E1", "overall"): (None, 87_500_000),
    }


def test_every_fault_of_a_file_is_named_and_nothing_is_stored(world):
    world.event("EV1", "E1", customer="C9")
    found = errors(
        world,
        answer(1),
        answer(2, response_no=None, channel="fax", submitted_at="soon"),
        answer(3, employee_no="E9", department_code="S9"),
        answer(4, event_no="EV9"),
        answer(5, event_no="EV1"),
        answer(6, employee_no="E8", q_clear="6", q_pushed="x", q_nps="11", q_why="rain"),
        answer(7, employee_no="E1;E3"),
        answer(8, employee_no="E1;E1"),
        answer(9, submitted_at=None, started_at=None),
        answer(10, started_at="2026-03-10T11:00:00"),
        answer(1, q_clear="5"),
        answer(12, submitted_at="2019-12-31T00:00:00", started_at=None),
        answer(13, submitted_at="1999-12-31T00:00:00", started_at=None),
        answer(14, interviewer_no="x" * 65),
        answer(15, customer_no="\ud800"),
    )
    assert found == [
        (3, "channel", "must be one of phone, online, on_site"),
        (3, "response_no", "is missing"),
        (3, "submitted_at", "'soon' is not a time like 2026-03-31T09:30"),
        (4, "department_code", "S9 is unknown"),
        (4, "employee_no", "E9 is unknown"),
        (5, "event_no", "EV9 is unknown"),
        (6, "customer_no", "is not the customer of the event"),
        (7, "employee_no", "E8 is unknown"),
        (7, "q_clear", "6 is not on the scale from 1 to 5"),
        (7, "q_nps", "11 is not on the scale from 0 to 10"),
        (7, "q_pushed", "x is not a whole number"),
        (7, "q_why", "rain is not an option"),
        (8, "employee_no", "at most one person per position"),
        (9, "employee_no", "somebody is named twice"),
        (10, "submitted_at", "is missing"),
        (11, "started_at", "is later than submitted_at"),
        (12, "response_no", "R1 stands in row 2 with other content"),
        (13, "employee_no", "E1 was not employed on 2019-12-31"),
        (14, "submitted_at", "is not in the years 2000 to 2099"),
        (15, "interviewer_no", "is longer than 64 characters"),
        (16, "customer_no", "holds a character that is not allowed"),
    ]
    assert stored() == [0, 0, 0, 0, 0, 0, 1]


def test_unknown_columns_and_questions_are_refused_at_the_header(world):
    assert errors(world, answer(1, q_colour="red", colour="red")) == [
        (1, "colour", "the column is unknown")
    ]
    assert errors(world, answer(1, q_colour="red")) == [(1, "q_colour", "the question is unknown")]


def test_the_same_file_twice_changes_nothing(world):
    rows = [answer(i, q_words="hello", device="d") for i in range(1, 4)]
    world.send(*rows)
    before = stored()
    report = world.send(*rows)
    assert (report.new, report.unchanged) == (0, 3)
    assert stored() == before


def test_an_empty_line_between_rows_is_no_fault(world):
    report = world.send(answer(1), dict.fromkeys(answer(1)), answer(2))
    assert report.new == 2


def test_the_same_answer_twice_in_a_file_is_stored_once(world):
    report = world.send(answer(1), answer(1))
    assert (report.new, report.unchanged) == (1, 1)


def test_the_way_of_writing_is_not_content(world):
    world.send(answer(1))
    again = answer(1, q_clear="4.0", submitted_at="2026-03-10T02:02:00Z", employee_no="E1 ")
    assert world.send(again).unchanged == 1


@pytest.mark.parametrize(
    "change",
    [
        {"q_clear": "5"},
        {"q_nps": "3"},
        {"employee_no": "E3"},
        {"customer_no": "C7"},
        {"channel": "phone"},
        {"submitted_at": "2026-03-10T10:02:01"},
        {"q_words": "other"},
        {"device": "other"},
    ],
)
def test_other_content_under_a_known_number_is_refused(world, change):
    world.send(answer(1))
    before = stored()
    assert errors(world, answer(2), answer(1, **change)) == [
        (3, "response_no", "R1 is stored with other content")
    ]
    assert stored() == before


def test_an_answer_whose_personal_data_were_erased_is_still_known(world):
    world.send(answer(1, q_words="hello", device="d"))
    ResponsePersonal.objects.update(
        device="", texts={}, erased_at=datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
    )
    assert world.send(answer(1, q_words="hello", device="d")).unchanged == 1


def test_a_moved_employee_does_not_make_a_stored_answer_new(world):
    world.send(answer(1))
    Placement.objects.filter(employee__employee_no="E1").update(department=world.shops["S2"])
    assert world.send(answer(1)).unchanged == 1
    assert world.response(1).department.code == "S1"


def test_a_dry_run_checks_and_stores_nothing(world):
    report = world.send(answer(1), dry_run=True)
    assert (report.new, report.unchanged) == (1, 0)
    assert stored() == [0, 0, 0, 0, 0, 0, 0]


def test_a_late_answer_is_stored_marked_and_listed(world):
    world.send(answer(1))
    services.lock_data("2026-03", datetime.date(2026, 3, 1), datetime.date(2026, 3, 31), actor=None)
    report = world.send(answer(2), answer(3, submitted_at="2026-04-01T00:00:00", started_at=None))
    assert report.late == ["R2"]
    assert [world.response(i).late for i in (1, 2, 3)] == [False, True, False]
    services.unlock_data("2026-03", None)
    assert world.send(answer(4)).late == []
    assert DataLock.objects.get().released_at is not None


def test_a_month_without_a_table_gets_one(world):
    world.send(answer(1, submitted_at="2031-07-09T00:00:00", started_at=None))
    assert world.response(1).answered_on == datetime.date(2031, 7, 9)


def test_an_anonymous_questionnaire_takes_nothing_that_names_somebody(world):
    services.import_questionnaire(spec_of(code="STAFF", anonymous=True), actor=None)
    services.open_survey(
        "STAFF-1",
        questionnaire="STAFF",
        first=datetime.date(2026, 3, 1),
        last=datetime.date(2026, 3, 31),
        actor=world.operator,
    )
    with pytest.raises(BadRows) as caught:
        services.import_responses([table_of(answer(1, device="d"))], "STAFF-1", actor=None)
    assert {e.column for e in caught.value.errors} == {"customer_no", "employee_no", "device"}
    report = services.import_responses(
        [table_of(answer(1, customer_no=None, employee_no=None, department_code="S1"))],
        "STAFF-1",
        actor=None,
    )
    assert report.new == 1


def test_a_second_answer_to_a_case_is_stored_and_not_counted(world):
    world.event("EV1", "E1", customer="C1")
    world.send(answer(1, event_no="EV1"))
    later = answer(2, event_no="EV1", customer_no="C1", submitted_at="2026-03-11T10:00:00")
    assert world.send(later).excluded == 1
    assert ratings(2) == {}
    assert ratings(1)[("E1", "overall")] == (92_500_000, 87_500_000)
    assert Verdict.objects.get(response__response_no="R2").checks == ["duplicate"]
    assert ResponseKey.objects.filter(event__event_no="EV1").count() == 1


def test_items_of_the_api_are_taken_in_like_rows(world):
    item = {key: value for key, value in answer(1).items() if not key.startswith("q_")}
    item["answers"] = {"clear": 4, "pushed": 1, "fixed": 7}
    assert services.accept_responses("MARCH", [item], actor=None).new == 1
    assert world.send(answer(1)).unchanged == 1
    with pytest.raises(BadRows) as caught:
        services.accept_responses(
            "MARCH",
            [
                item | {"colour": "red", "customer_no": 5, "answers": {"x": 1}},
                item | {"answers": 3},
            ],
            actor=None,
        )
    assert [(e.row, e.column, e.message) for e in caught.value.errors] == [
        (1, "colour", "the key is unknown"),
        (1, "customer_no", "must be a text"),
        (1, "q_x", "the question is unknown"),
        (2, "answers", "must be an object"),
    ]
    with pytest.raises(InvalidInput, match="between 1 and 500"):
        services.accept_responses("MARCH", [], actor=None)


def test_the_command_reports_and_names_every_fault(world, tmp_path, capsys):
    good = tmp_path / "good.csv"
    good.write_text(
        "response_no,employee_no,channel,submitted_at,q_clear,q_pushed,q_fixed\n"
        "R1,E1,online,2026-03-10,4,1,7\nR2,E1,online,2026-03-10,4,1,7\n",
        encoding="utf-8",
    )
    call_command("import_responses", str(good), "--survey", "MARCH")
    assert capsys.readouterr().out == (
        "Answers: 2 new, 0 unchanged.\nVerdicts: 2 counted, 0 in review, 0 excluded.\n"
    )
    call_command("import_responses", str(good), "--survey", "MARCH")
    assert capsys.readouterr().out == "Answers: 0 new, 2 unchanged.\n"
    bad = tmp_path / "bad.csv"
    bad.write_text(good.read_text().replace("R2,E1", "R3,E9").replace("R1,", ","), "utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("import_responses", str(bad), "--survey", "MARCH")
    assert str(caught.value).splitlines() == [
        "row 2, column response_no: is missing",
        "row 3, column employee_no: E9 is unknown",
    ]
    with pytest.raises(CommandError, match="There is no survey X"):
        call_command("import_responses", str(good), "--survey", "X")


@pytest.mark.parametrize("column", ["response_no", "customer_no", "interviewer_no"])
def test_a_number_with_an_invisible_sign_makes_no_second_answer_or_customer(world, column):
    world.send(answer(1, interviewer_no="I7"))
    row = answer(2, interviewer_no="I7")
    with pytest.raises(BadRows, match=f"column {column}: holds an invisible character"):
        world.send(row | {column: f"{row[column][0]}\u200b{row[column][1:]}"})
    assert list(Response.objects.values_list("response_no", flat=True)) == ["R1"]
