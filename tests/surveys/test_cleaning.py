"""Cleaning a stored survey: at arrival, again at any time, beside people's decisions."""

import random
from datetime import date

import pytest

from core.errors import InvalidTransition
from core.models import Job
from organization.models import Employee
from surveys.analysis.queries import analyse
from surveys.cleaning import services
from surveys.cleaning.queries.export import verdict_rows
from surveys.cleaning.queries.summary import summary
from surveys.models import Rating, Response, Survey, Verdict
from tests.surveys.cleaning_world import (
    NOW,
    answers,
    comment,
    event,
    make_survey,
    nps,
    rating,
    staff,
    sums_agree,
    take_in,
)

pytestmark = pytest.mark.django_db

EIGHT = [*(rating(f"q{i}", reverse=i == 3) for i in range(1, 9)), nps("q9"), comment()]


@pytest.fixture
def people():
    return staff(2)


@pytest.fixture
def survey(people):
    return make_survey(EIGHT)


def row(number, values=(5, 4, 1, 5, 4, 5, 5, 4, 9), **more):
    return {"response_no": number, "employee_no": "E1"} | answers(values) | more


def valid():
    """Response number -> (verdict, checks) of the valid verdicts."""
    found = {}
    for verdict in Verdict.objects.select_related("response").order_by("seq"):
        found[verdict.response.response_no] = (verdict.verdict, tuple(verdict.checks))
    return found


def clean(survey):
    survey = Survey.objects.get(pk=survey.pk)
    return services.clean_survey(survey, actor=None, now=NOW)


def live(number):
    response = Response.objects.get(response_no=number)
    return Rating.objects.filter(response_id=response.id, counted_to=None).exists()


def test_arrival_excludes_by_the_hard_checks_of_the_answer_alone(survey, people):
    event("EV1", people[:1])
    take_in(
        survey,
        [
            row("R1"),
            row("R2", submitted_at="2025-12-01T00:00:00"),
            row("R3", channel="on_site", submitted_at="2025-12-03T23:59:59"),
            row("R4", (5, 4, 1, None, None, None, None, None, None)),
            row("R5", event_no="EV1", submitted_at="2025-11-10T10:06:00"),
            row("R6", event_no="EV1", submitted_at="2025-11-10T10:05:00"),
            row("R7", [5] * 8 + [9]),
        ],
    )
    assert valid() == {
        "R1": ("counted", ()),
        "R2": ("excluded", ("out_of_window",)),
        "R3": ("counted", ()),
        "R4": ("excluded", ("partial",)),
        "R5": ("excluded", ("duplicate",)),
        "R6": ("counted", ()),
        "R7": ("counted", ()),
    }
    assert [live(f"R{i}") for i in range(1, 8)] == [True, False, True, False, False, True, True]


def test_arrival_excludes_what_the_questionnaire_does_not_ask_about(people):
    survey = make_survey(EIGHT, spec={"trigger": {"event_stage": "after_sale"}})
    event("EV1", people[:1], stage="sale")
    event("EV2", people[:1], stage="after_sale")
    take_in(survey, [row("R1", event_no="EV1"), row("R2", event_no="EV2"), row("R3")])
    assert valid()["R1"] == ("excluded", ("not_eligible",))
    assert valid()["R2"] == valid()["R3"] == ("counted", ())


def test_an_earlier_answer_that_arrives_later_is_the_one_kept(survey, people):
    event("EV1", people[:1])
    take_in(survey, [row("R1", event_no="EV1", submitted_at="2025-11-10T10:06:00")])
    take_in(survey, [row("R2", event_no="EV1", submitted_at="2025-11-10T10:05:30")])
    assert valid() == {"R1": ("excluded", ("duplicate",)), "R2": ("counted", ())}
    clean(survey)
    assert valid() == {"R1": ("excluded", ("duplicate",)), "R2": ("counted", ())}
    assert Verdict.objects.get(response__response_no="R1", seq=2).evidence == {
        "duplicate": {"kept": "R2"}
    }
    assert sums_agree()


def test_cleaning_judges_by_all_checks_and_a_second_run_writes_nothing(survey):
    take_in(
        survey,
        [
            row("R1"),
            row("R2", [4] * 8 + [9], started_at="2025-11-10T10:04:50"),
            row("R3", [4] * 8 + [9]),
            row("R4", started_at="2025-11-10T10:04:52"),
            row("R5", started_at="2025-11-10T10:04:43"),
        ],
    )
    result = clean(survey)
    assert valid() == {
        "R1": ("counted", ()),
        "R2": ("review", ("too_fast", "straight_line", "irv")),
        "R3": ("counted", ("straight_line", "irv")),
        "R4": ("excluded", ("too_fast",)),
        "R5": ("counted", ("too_fast",)),
    }
    assert (result["responses"], result["changed"], result["kept"]) == (5, 4, 0)
    assert result["checks"]["too_fast"] == [5, 3]
    assert result["checks"]["mahalanobis"] == [0, 0]
    assert not live("R4")
    assert live("R2")
    before = list(Verdict.objects.order_by("response_id", "seq").values())
    assert clean(survey)["changed"] == 0
    assert list(Verdict.objects.order_by("response_id", "seq").values()) == before
    assert Job.objects.filter(kind=services.KIND, status="done").count() == 2
    assert sums_agree()


def test_what_a_person_decided_stays(survey, hr_admin):
    take_in(survey, [row("R1", started_at="2025-11-10T10:04:52")])
    clean(survey)
    response = Response.objects.get(response_no="R1")
    Verdict.objects.create(
        answered_on=response.answered_on,
        response_id=response.id,
        seq=3,
        survey=survey,
        verdict="counted",
        decided_by=hr_admin,
        reason="Called back: answered in full.",
        decided_at=NOW,
    )
    assert clean(survey) | {"checks": None} == {
        "responses": 1,
        "changed": 0,
        "kept": 1,
        "checks": None,
    }
    assert valid()["R1"] == ("counted", ())


def test_duplicates_are_found_across_months(people):
    survey = make_survey(EIGHT, opens_on=date(2025, 10, 1))
    event("EV1", people[:1])
    late = {"started_at": "2025-11-01T00:00:00", "submitted_at": "2025-11-01T00:05:00"}
    early = {"started_at": "2025-10-31T23:00:00", "submitted_at": "2025-10-31T23:05:00"}
    take_in(survey, [row("R1", event_no="EV1", **late), row("R2", event_no="EV1", **early)])
    clean(survey)
    assert valid() == {"R1": ("excluded", ("duplicate",)), "R2": ("counted", ())}


def test_identity_checks_look_over_the_whole_survey(people):
    survey = make_survey(EIGHT, opens_on=date(2025, 10, 1))
    text = "下次还会来这里，服务非常周到。"
    times = ["2025-10-31T12:00:00", "2025-10-31T23:59:00", "2025-11-01T11:59:00"]
    take_in(
        survey,
        [
            *(
                row(f"R{i}", device="phone-1", started_at=None or times[0], submitted_at=t)
                for i, t in enumerate(times, 1)
            ),
            row("R4", device="phone-2", q_comment=text),
            row("R5", device="phone-2", q_comment=f" {text} "),
            row("R6", q_comment="很好"),
            row("R7", q_comment="很好"),
        ],
    )
    clean(survey)
    found = valid()
    assert [found[f"R{i}"] for i in (2, 3)] == [("counted", ("same_device",))] * 2
    assert "same_device" in found["R1"][1]
    assert [found[f"R{i}"] for i in (4, 5)] == [("counted", ("same_text",))] * 2
    assert [found[f"R{i}"] for i in (6, 7)] == [("counted", ())] * 2


def test_a_staff_contact_is_sent_to_review(survey, people):
    Employee.objects.filter(pk=people[0].pk).update(phone="13800000001", email="li@example.com")
    event("EV1", people[:1], customer="C1", phone="+86 138 0000 0001")
    event("EV2", people[:1], customer="C2", email="LI@example.com", phone="13911112222")
    event("EV3", people[:1], customer="C3", phone="13911113333")
    take_in(survey, [row(f"R{i}", event_no=f"EV{i}") for i in (1, 2, 3)])
    result = clean(survey)
    assert valid() == {
        "R1": ("review", ("staff_contact",)),
        "R2": ("review", ("staff_contact",)),
        "R3": ("counted", ()),
    }
    assert result["checks"]["staff_contact"] == [3, 2]
    evidence = Verdict.objects.get(response__response_no="R1", seq=2).evidence
    assert evidence == {"staff_contact": {"match": "phone"}}


def test_summary_shows_three_scores_and_the_hits_of_each_rule(survey):
    take_in(
        survey,
        [
            row("R1", (5, 5, 1, 5, 5, 5, 5, 5, 9)),
            row("R2", [3] * 8 + [9], started_at="2025-11-10T10:04:50"),
            row("R3", (1, 1, 5, 1, 1, 1, 1, 1, 1), started_at="2025-11-10T10:04:55"),
        ],
    )
    clean(survey)
    figures = summary(survey)
    assert (figures["raw"].n, figures["raw"].mean) == (3, 50.0)
    assert (figures["hard"].n, figures["hard"].mean) == (2, 75.0)
    assert (figures["all"].n, figures["all"].mean) == (1, 100.0)
    assert (figures["counted"].n, figures["counted"].mean) == (2, 75.0)
    assert figures["verdicts"] == {"counted": 1, "review": 1, "excluded": 1}
    assert figures["hits"]["too_fast"] == 2
    assert figures["hits"]["partial"] == 0


def test_a_survey_opened_without_rules_gets_the_products_own(survey):
    take_in(survey, [row("R1")])
    survey.refresh_from_db()
    assert (survey.rule_set.code, survey.rule_set.version) == ("DEFAULT", 1)
    assert services.default_rule_set(actor=None, now=NOW) == survey.rule_set


def test_new_thresholds_are_a_new_version_and_judge_anew(survey, hr_admin):
    take_in(survey, [row("R1", started_at="2025-11-10T10:04:46")])
    clean(survey)
    assert valid()["R1"] == ("counted", ("too_fast",))
    spec = dict(services._default_spec())
    spec["checks"] = spec["checks"] | {"too_fast": {"on": False}}
    newer = services.import_rule_set(spec, actor=hr_admin, now=NOW)
    assert (newer.version, newer.approved_by) == (2, hr_admin)
    Survey.objects.filter(pk=survey.pk).update(rule_set=newer)
    clean(survey)
    assert valid()["R1"] == ("counted", ())


def test_a_closed_survey_judges_by_the_figures_it_closed_with(survey):
    def slow(i, minutes):
        return row(
            f"R{i:02}",
            started_at="2025-11-10T10:00:00",
            submitted_at=f"2025-11-10T10:{minutes:02}:00",
        )

    take_in(survey, [slow(i, 2) for i in range(30)])
    survey = services.close_survey(survey, actor=None, now=NOW)
    assert survey.baseline.figures["medians"] == {"online": [30, 120.0]}
    take_in(survey, [slow(i, 50) for i in range(30, 70)])
    take_in(survey, [row("R99", started_at="2025-11-10T10:04:01")])
    clean(survey)
    assert valid()["R99"] == ("counted", ("too_fast",))  # 59 s, half of 120 s
    assert valid()["R00"] == ("counted", ())  # half of today's median would be 25 minutes
    with pytest.raises(InvalidTransition):
        services.close_survey(survey, actor=None, now=NOW)


def test_the_order_of_arrival_changes_neither_verdicts_nor_figures(people):
    event("EV1", people[:1])
    event("EV2", people[1:])
    rng = random.Random(5)
    rows = []
    for i in range(60):
        minute, second = rng.randrange(10, 50), rng.randrange(0, 20)
        rows.append(
            row(
                f"R{i:02}",
                [rng.randrange(1, 6) for _ in range(8)] if i % 3 else [4] * 8,
                event_no=("EV1", "EV2", "")[min(2, i // 4)],
                employee_no=f"E{1 + i % 2}" if i >= 8 else "",
                device=f"d{i % 9}",
                started_at=f"2025-11-10T10:{minute}:00",
                submitted_at=f"2025-11-10T10:{minute}:{second:02}",
            )
        )
    outcomes = []
    for code, order in (("A", rows), ("B", rows[::-1]), ("C", rng.sample(rows, 60))):
        survey = make_survey(EIGHT, code=code)
        take_in(survey, order[:25])
        take_in(survey, order[25:])
        clean(survey)
        outcomes.append((list(verdict_rows(survey)), analyse(survey)))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert {verdict for _, verdict, *_ in outcomes[0][0]} == {"counted", "review", "excluded"}
    assert sums_agree()


def test_option_codes_that_look_like_numbers_stay_codes(people):
    check = {
        "code": "s",
        "type": "single",
        "text_zh": "s",
        "text_en": "s",
        "attention": "2",
        "options": [{"code": code, "text_en": code} for code in ("1", "2")],
    }
    survey = make_survey([*EIGHT, check])
    take_in(survey, [row("R1", q_s="2"), row("R2", q_s="1")])
    assert clean(survey)["checks"]["attention"] == [2, 1]
    assert valid() == {"R1": ("counted", ()), "R2": ("counted", ("attention",))}


def test_a_cleaning_left_behind_does_not_stand_for_the_next_one(survey):
    take_in(survey, [row("R1")])
    services.start_cleaning(survey, actor=None, now=NOW)  # and its worker is killed
    take_in(survey, [row("R2", started_at="2025-10-31T23:59", submitted_at="2025-10-31T23:59:59")])
    assert clean(survey)["responses"] == 2
    assert Job.objects.filter(kind=services.KIND, status="done").count() == 2
