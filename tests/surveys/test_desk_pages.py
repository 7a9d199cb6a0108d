"""The survey desk as its people see it: who gets in, what stands there, what a verdict does."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.test import Client

from core.models import AuditEntry, Job, User
from organization.models import Look
from organization.services import assign_role
from surveys import services
from surveys.models import ResponsePersonal, Survey, Verdict
from surveys.queries.effects import effects
from surveys.services import Proposed, apply_verdicts
from tests.surveys.cleaning_world import sums_agree

SECOND = {"device": "phone-1", "q_clear": "5", "q_fixed": "7"}


def account(name: str, *roles: str, employee=None) -> User:
    user = User.objects.create_user(name, language="en")
    for role in roles:
        assign_role(user, role, actor=None)
    if employee is not None:
        employee.user = user
        employee.save(update_fields=["user"])
    return user


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def doubt(world, *numbers, checks=("too_fast", "same_device")):
    """The rules send these answers to a person."""
    rows = [world.response(number) for number in numbers]
    apply_verdicts(
        world.survey,
        [
            Proposed(
                row.answered_on,
                row.id,
                "review",
                checks,
                {"too_fast": {"seconds": 12, "limit": 30}, "same_device": {"uses": 3}},
            )
            for row in rows
        ],
        rule_set=world.survey.rule_set,
    )
    return rows


def text(answer) -> str:
    """What the page says, without tags and runs of blanks."""
    plain = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plain))
    return html.unescape(words).replace(" ,", ",")


def seen(*rows) -> list[str]:
    """What the form of the review sends back for these answers."""
    latest = {v.response_id: v.seq for v in Verdict.objects.order_by("seq")}
    return [f"{row.id}:{latest[row.id]}" for row in rows]


@pytest.fixture
def answers(world):
    """Seven answers about E1: three on one device wait for a person."""
    rows = [
        {"response_no": f"R{n}", "customer_no": f"C{n}", "employee_no": "E1", "channel": "online",
         "started_at": "2026-03-10T10:00:00", "submitted_at": f"2026-03-10T10:0{n}:00",
         "q_clear": "4", "q_pushed": "1", "q_fixed": "7"}
        for n in range(1, 8)
    ]  # fmt: skip
    for row in rows[4:]:
        row.update(device="phone-1", q_clear="1", q_pushed="5")
    world.send(*rows)
    doubt(world, 5, 6, 7)
    return world


@pytest.fixture
def executor(answers) -> User:
    return account("runner", "executor")


def test_the_list_counts_what_became_of_answers(answers, executor) -> None:
    services.record_verdict(
        answers.response(7), "excluded", reason="not the customer", actor=answers.operator
    )
    page = text(browser(executor).get("/surveys/"))
    assert re.search(
        r"Visit MARCH · version 1 in the field 1 Mar 2026–30 Apr 2026 7 4 2 1", page
    ), page
    assert "10 Mar 2026, 10:07" in page
    assert "MARCH" not in text(browser(executor).get("/surveys/?status=closed"))
    assert "MARCH" in text(browser(executor).get("/surveys/?q=visit"))
    assert "No survey like this" in text(browser(executor).get("/surveys/?q=winter"))


def test_who_is_shown_words_of_a_customer_is_recorded(answers, executor) -> None:
    def looks():
        return list(Look.objects.order_by("id").values_list("kind", "page", "subject"))

    stranger = account("E2", "employee")
    for path in ("/responses/R5/", "/surveys/MARCH/review/"):
        assert browser(executor).get(path).status_code == 200
    assert looks() == []  # nobody wrote anything
    ResponsePersonal.objects.filter(response__response_no="R5").update(texts={"clear": "太久"})
    for path in ("/responses/R5/", "/responses/R6/", "/surveys/MARCH/review/?at=1") * 2:
        assert browser(executor).get(path).status_code == 200
        assert browser(stranger).get(path).status_code == 403
    assert looks() == [
        ("comments", "response", "R5"),
        ("comments", "survey_review", "MARCH"),
    ]
    assert set(Look.objects.values_list("reader__username", "person")) == {("runner", None)}


def test_one_survey_shows_its_rates_and_three_readings_of_the_score(answers, executor) -> None:
    page = text(browser(executor).get("/surveys/MARCH/"))
    assert "Counted 4 57.1 %" in page
    assert "In review 3 42.9 %" in page
    # advice 87.5 and repair 100 by 60 : 40 is 92.5, advice 0 is 40
    assert "Raw 70.00" in page
    assert "All rules 92.50 92.50–92.50 4" in page
    assert "answered too fast soft · time 3 – 3" in page
    assert "one device soft · identity 3 – 3" in page


@pytest.mark.parametrize(
    "path",
    [
        "/surveys/", "/surveys/MARCH/", "/surveys/MARCH/responses/", "/surveys/MARCH/review/",
        "/responses/R1/", "/review/", "/analysis/", "/surveys/MARCH/analysis/", "/questionnaires/",
        "/questionnaires/VISIT/1/",
    ],
)  # fmt: skip
def test_the_desk_is_closed_to_others_and_says_to_whom_it_is_open(answers, path) -> None:
    answer = browser(account("E2", "employee")).get(path)
    assert answer.status_code == 403
    assert "read by those who run, analyse, supervise or decide" in text(answer)


@pytest.mark.parametrize(
    "path",
    ["/surveys/X/", "/surveys/X/review/", "/responses/X/", "/questionnaires/VISIT/9/",
     "/surveys/X/analysis/", "/surveys/X/responses/"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(answers, executor, path) -> None:
    assert browser(executor).get(path).status_code == 404


def test_answers_are_narrowed_by_verdict_check_department_channel_day_and_number(
    answers, executor
) -> None:
    def numbers(query: str) -> list[str]:
        return re.findall(
            r">(R\d)</a>",
            browser(executor).get(f"/surveys/MARCH/responses/?{query}").content.decode(),
        )

    assert numbers("") == ["R7", "R6", "R5", "R4", "R3", "R2", "R1"]
    assert numbers("verdict=review") == ["R7", "R6", "R5"]
    assert numbers("verdict=counted&q=r2") == ["R2"]
    assert numbers("check=same_device&verdict=counted") == []
    assert numbers("check=same_device") == ["R7", "R6", "R5"]
    assert numbers("department=S1&channel=online&first=2026-03-10&last=2026-03-10&q=R1") == ["R1"]
    assert numbers("channel=phone") == []
    assert numbers("first=2026-03-11") == []
    assert numbers("first=nonsense&q=R3") == ["R3"]


def test_nobody_reads_or_decides_about_answers_about_themselves(answers) -> None:
    own = browser(account("E1", "analyst", employee=answers.people["E1"]))
    assert "R5" not in text(own.get("/surveys/MARCH/responses/"))
    answer = own.get("/responses/R5/")
    assert answer.status_code == 403
    assert "You cannot decide about an answer that evaluates you." in text(answer)
    assert "Nothing to review" in text(own.get("/surveys/MARCH/review/"))
    rows = [answers.response(n) for n in (5, 6)]
    answer = own.post(
        "/surveys/MARCH/review/",
        {"verdict": "excluded", "whole": "on", "seen": seen(*rows), "reason": "proxy"},
    )
    assert answer.status_code == 403
    assert Verdict.objects.filter(decided_by__isnull=False).count() == 0


def test_one_answer_with_every_figure_verdict_and_reason(answers, executor) -> None:
    services.record_verdict(
        answers.response(5), "excluded", reason="not the customer", actor=answers.operator
    )
    page = text(browser(executor).get("/responses/R5/?survey=MARCH"))
    assert "The explanation was clear. 1 / 5 0.0" in page
    assert "I felt pushed. reverse-keyed 5 / 5 0.0" in page
    assert "Advice 60 0.00 0.00" in page
    assert "Repair 40 100.00 –" in page  # an advisor does not answer for the workshop
    assert "Overall 40.00 0.00" in page
    assert "not the customer" in page
    assert "By the rules DEFAULT v1" in page
    assert "one device: 3 answers within a day" in page


def test_answers_of_one_source_stand_together_with_their_evidence(answers, executor) -> None:
    page = text(browser(executor).get("/surveys/MARCH/review/"))
    assert "3 answers wait" in page
    assert "One device, 3 answers time · identity S1" in page
    assert "This answer R5 Most alike R6, 100 % the same one device Usual" in page
    assert "Time taken 5 min 0 s 6 min 0 s median 4 min 0 s" in page
    assert "Decide all 3 of the group at once" in page


def test_the_effect_before_the_click_is_the_effect_after(answers, executor) -> None:
    rows = [answers.response(n) for n in (5, 6, 7)]
    refs = [(row.answered_on, row.id) for row in rows]
    before = effects(answers.survey, refs, "excluded")
    assert [(e.kind, e.before.n, e.after.n) for e in before] == [
        ("survey", 7, 4), ("department", 7, 4), ("person", 7, 4),
    ]  # fmt: skip
    assert before[0].before.mean == 70.0
    assert before[0].after.mean == 92.5
    assert before[2].before.mean == pytest.approx((4 * 87.5) / 7, abs=1e-6)
    client = browser(executor)
    page = text(client.get("/surveys/MARCH/review/"))
    assert "Whole survey 70.00 92.50 +22.50 7 → 4" in page
    answer = client.post(
        "/surveys/MARCH/review/",
        {"verdict": "excluded", "whole": "on", "seen": seen(*rows), "one": seen(rows[0]),
         "reason": "proxy", "note": "one phone"},
    )  # fmt: skip
    assert answer.status_code == 302
    after = effects(answers.survey, refs, "excluded")
    assert [e.before for e in after] == [e.after for e in before]
    assert sums_agree()
    decided = Verdict.objects.filter(decided_by=executor)
    assert {v.reason for v in decided} == {"[proxy] one phone"}
    assert sorted(v.response_id for v in decided) == sorted(row.id for row in rows)
    assert AuditEntry.objects.filter(verb="response.excluded").count() == 3
    assert "Nothing to review" in text(client.get("/surveys/MARCH/review/"))


def test_one_of_a_group_may_be_decided_alone(answers, executor) -> None:
    rows = [answers.response(n) for n in (5, 6, 7)]
    browser(executor).post(
        "/surveys/MARCH/review/",
        {"verdict": "counted", "seen": seen(*rows), "one": seen(rows[1]), "reason": "plausible"},
    )
    decided = Verdict.objects.get(decided_by=executor)
    assert (decided.response_id, decided.verdict) == (rows[1].id, "counted")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"verdict": "excluded", "reason": ""}, "This field is required."),
        ({"reason": "proxy"}, "This field is required."),
        ({"verdict": "counted", "reason": "proxy"}, "does not belong to the verdict"),
        ({"verdict": "excluded", "reason": "other", "note": " "}, "Write the reason here."),
    ],
)
def test_a_verdict_needs_its_reason(answers, executor, form, words) -> None:
    rows = [answers.response(5)]
    answer = browser(executor).post(
        "/surveys/MARCH/review/", {"one": seen(*rows), "seen": seen(*rows), **form}
    )
    assert answer.status_code == 422
    assert words in text(answer)
    assert Verdict.objects.filter(decided_by__isnull=False).count() == 0


def test_who_comes_second_is_told_who_was_first(answers, executor) -> None:
    rows = [answers.response(n) for n in (5, 6)]
    form = {"verdict": "excluded", "whole": "on", "seen": seen(*rows), "reason": "proxy"}
    other = account("first", "supervision")
    services.record_verdict(rows[0], "counted", reason="she called back", actor=other)
    answer = browser(executor).post("/surveys/MARCH/review/", form)
    assert answer.status_code == 409
    page = text(answer)
    assert "first decided about R5 on" in page
    assert "counted. Reason: she called back" in page
    assert "Nothing of yours was stored." in page
    assert Verdict.objects.filter(decided_by=executor).count() == 0


def test_a_locked_period_is_said(answers, executor) -> None:
    services.lock_data(
        "2026-03", datetime.date(2026, 3, 1), datetime.date(2026, 3, 31), actor=answers.operator
    )
    page = text(browser(executor).get("/surveys/MARCH/review/"))
    assert "The data of March 2026 were locked on" in page
    assert "reaches that period only through an appeal" in page


def test_an_answer_is_decided_anew_from_its_own_page(answers, executor) -> None:
    client, row = browser(executor), answers.response(1)
    assert "If it is excluded:" in text(client.get("/responses/R1/"))
    answer = client.post(
        "/responses/R1/?survey=MARCH", {"verdict": "excluded", "reason": "stranger", "seen": "1"}
    )
    assert answer.status_code == 302
    assert Verdict.objects.get(decided_by=executor).response_id == row.id
    again = client.post(
        "/responses/R1/?survey=MARCH", {"verdict": "counted", "reason": "confirmed", "seen": "1"}
    )
    assert again.status_code == 409
    assert "Somebody else has decided" in text(again)
    assert Verdict.objects.filter(decided_by=executor).count() == 1


def test_waiting_reviews_stand_at_home_and_in_the_queue(answers, executor) -> None:
    client = browser(executor)
    assert "Answers to review MARCH 1" in text(client.get("/"))
    assert re.search(
        r"Visit MARCH 3 10 Mar 2026 answered too fast one device", text(client.get("/review/"))
    )
    own = browser(account("E1", "analyst", employee=answers.people["E1"]))
    assert "Answers to review" not in text(own.get("/"))


def test_cleaning_runs_as_a_job_and_closing_needs_the_right(
    answers, executor, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    monkeypatch.setattr("core.jobs.ring", lambda job_id, copies: None)
    client, reader = browser(executor), browser(account("looks", "supervision"))
    for path in ("clean", "close"):
        answer = reader.post(f"/surveys/MARCH/{path}/")
        assert answer.status_code == 403
        assert "Survey executors, analysts and the administration" in text(answer)
    assert (Job.objects.count(), Survey.objects.get(code="MARCH").status) == (0, "open")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/surveys/MARCH/clean/").status_code == 302
    job = Job.objects.get()
    assert (job.actor, job.status) == (executor, "pending")
    assert f"/jobs/{job.pk}/progress/" in client.get("/surveys/MARCH/").content.decode()
    assert client.post("/surveys/MARCH/close/").status_code == 302
    assert Survey.objects.get(code="MARCH").status == "closed"
    assert client.post("/surveys/MARCH/close/").status_code == 409


def test_verdicts_leave_as_a_file_and_the_audit_knows(answers, executor) -> None:
    answer = browser(executor).post("/surveys/MARCH/verdicts/")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "response_no,verdict,checks,evidence"
    assert lines[1] == "R1,counted,,"
    assert lines[5].startswith('R5,review,too_fast;same_device,"{')
    assert AuditEntry.objects.get(verb="survey.verdicts_exported").actor == executor


@pytest.mark.parametrize(
    "path", ["/surveys/", "/surveys/MARCH/responses/", "/surveys/MARCH/review/", "/review/",
             "/responses/R5/", "/surveys/MARCH/analysis/", "/surveys/MARCH/"]
)  # fmt: skip
def test_pages_cost_the_same_with_more_answers(
    answers, executor, path, django_assert_max_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser(executor)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(path)
    answers.send(
        *(
            {"response_no": f"R1{n}", "customer_no": f"C1{n}", "employee_no": ("E1", "E3")[n % 2],
             "channel": "online", "started_at": "2026-03-11T10:00:00", "device": "phone-1",
             "submitted_at": f"2026-03-11T10:{n:02}:00", "q_clear": "3", "q_pushed": "2",
             "q_fixed": "6"}
            for n in range(20)
        )
    )  # fmt: skip
    doubt(answers, *(f"1{n}" for n in range(20)))
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    assert len(many) == len(few)
    assert len(many) <= 25
