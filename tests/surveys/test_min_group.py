"""A questionnaire may ask for larger groups than five: then nothing of its survey shows smaller."""

from datetime import date

import pytest

from assessments.rules.periods import parse
from dashboards.queries.manager.comments import Asked, find
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.staff import staff_of
from organization.models import Department
from surveys import services
from surveys.analysis.queries.guarded import guarded, guarded_scores
from surveys.models import ResponsePersonal, Survey
from surveys.queries.facts import minimums
from tests.surveys.conftest import answer, spec_of, table_of
from tests.surveys.test_desk_pages import account, browser, text

DAYS = {"first": date(2026, 3, 1), "last": date(2026, 4, 30)}
SPAN = parse("2026-03")


def asking_for(world, n: int | None, *, first: int = 7, second: int = 12) -> Survey:
    """A survey whose questionnaire asks for groups of `n`, with seven answers about E1 of S1 and
    twelve about E3 of S2."""
    changes = {} if n is None else {"min_group": n}
    spec = spec_of(code="GROUPS", **changes)
    services.import_questionnaire(spec, actor=world.operator)
    survey, _ = services.open_survey("GROUPS", questionnaire="GROUPS", actor=world.operator, **DAYS)
    rows = [answer(i, q_words="gut") for i in range(1, first + 1)]
    rows += [
        answer(100 + i, employee_no="E3", q_clear="2", q_words="so") for i in range(1, second + 1)
    ]
    services.import_responses([table_of(*rows)], "GROUPS", actor=world.operator)
    return survey


def shown(figures) -> dict[str, bool]:
    return {code: one["mean"] is not None for code, one in figures["by_department"].items()}


@pytest.mark.parametrize(("n", "least"), [(None, 5), (3, 5), (5, 5), (10, 10), (25, 25)])
def test_never_fewer_than_everywhere(world, n, least) -> None:
    survey = asking_for(world, n)
    assert minimums([survey.pk, world.survey.pk]) == {survey.pk: least, world.survey.pk: 5}


def test_groups_of_five_are_shown_where_nothing_else_is_asked_for(world) -> None:
    figures = guarded(asking_for(world, None))
    assert shown(figures) == {"S1": True, "S2": True}
    assert (figures["n"], figures["overall"]["mean"] is not None) == (19, True)


def test_the_analysis_hides_what_is_smaller_and_what_would_tell_it(world) -> None:
    """Seven are too few; the twelve would be subtracted from the whole."""
    figures = guarded(asking_for(world, 10))
    assert shown(figures) == {"S1": False, "S2": False}
    assert {one["mean"] for one in figures["by_employee"].values()} == {None}
    assert (figures["n"], figures["overall"]["mean"] is not None) == (19, True)


def test_a_whole_smaller_than_asked_for_is_told_to_nobody(world) -> None:
    survey = asking_for(world, 25)
    figures = guarded(survey)
    assert (figures["n"], figures["overall"]["mean"]) == (19, None)
    assert {one["mean"] for one in figures["dimensions"].values()} == {None}
    assert {one["value"] for one in figures["top2"].values()} == {None}
    assert guarded_scores([survey.pk])[survey.pk][0].mean is None
    page = text(browser(account("ana", "analyst")).get("/surveys/GROUPS/analysis/"))
    assert "There are 19 counted answers; figures are shown of months with 25 or more." in page


def test_a_question_few_answered_is_hidden(world) -> None:
    """Nineteen answers, of which eight say whether they recommend."""
    survey = asking_for(world, 10, first=0, second=11)
    rows = [answer(200 + i, employee_no="E3", q_nps="9") for i in range(1, 9)]
    services.import_responses([table_of(*rows)], "GROUPS", actor=world.operator)
    figures = guarded(survey)
    assert (figures["n"], figures["overall"]["mean"] is not None) == (19, True)
    assert (figures["nps"]["nps"]["value"], figures["nps"]["nps"]["n"]) == (None, 8)


@pytest.mark.parametrize(("n", "seen"), [(None, True), (10, False)])
def test_the_page_of_a_department_and_its_people(world, n, seen) -> None:
    asking_for(world, n)
    shop = world.shops["S1"]
    frame = Frame(shop, Department.objects.all(), SPAN, date(2026, 3, 1))
    figure = frame.total(SPAN.months)
    assert (figure.shown, figure.n_all) == (seen, 7)
    people = {one.employee.employee_no: one for one in staff_of(frame, account("a", "analyst"))}
    assert (people["E1"].n, people["E1"].mean is not None) == (7, seen)


def test_a_survey_that_asks_for_more_does_not_hide_another(world) -> None:
    asking_for(world, 10)
    world.send(*(answer(300 + i) for i in range(6)))
    frame = Frame(world.shops["S1"], Department.objects.all(), SPAN, date(2026, 3, 1))
    figure = frame.total(SPAN.months)
    assert (figure.sums.n, figure.n_all) == (6, 13)


@pytest.mark.parametrize(("n", "comments"), [(None, 19), (10, 12), (25, 0)])
def test_comments_of_a_survey_open_with_as_many_answers_as_it_asks_for(world, n, comments) -> None:
    asking_for(world, n)
    assert ResponsePersonal.objects.exclude(texts={}).count() == 19
    found = find(Department.objects.all(), Asked(), date(2026, 5, 3))
    assert len(found.comments) == comments
