"""Analysis and questionnaires of the desk: exact figures, floors, files."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import AuditEntry
from surveys.analysis.queries import analyse
from surveys.analysis.queries.periods import before, periods_of
from surveys.models import QuestionnaireVersion
from surveys.queries.desk import monthly
from surveys.rules.suppression import hidden_groups
from surveys.services import lock_data
from tests.surveys.conftest import SPEC, answer
from tests.surveys.test_desk_pages import account, browser, text


@pytest.mark.parametrize(
    ("sizes", "away"),
    [
        ({"a": 10, "b": 7}, set()),
        ({"a": 10, "b": 7, "c": 4}, {"b", "c"}),
        ({"a": 10, "b": 7, "c": 4, "d": 3}, {"c", "d"}),
        ({"a": 10, "b": 0}, set()),
        ({"a": 4}, {"a"}),
        ({"a": 5, "b": 1}, {"a", "b"}),
        ({"a": 10, "b": 1, "c": 1}, {"a", "b", "c"}),
    ],
)
def test_a_hidden_part_cannot_be_had_by_subtraction(sizes, away) -> None:
    assert hidden_groups(sizes) == away


@pytest.mark.parametrize(
    ("period", "earlier"),
    [("2026-03", "2026-02"), ("2026-01", "2025-12"), ("2026-Q1", "2025-Q4"), ("2026-Q3", "2026-Q2"),
     ("2026", "2025")],
)  # fmt: skip
def test_the_period_before_has_the_same_length(period, earlier) -> None:
    assert before(period) == earlier


@pytest.fixture
def two_months(world):
    """March: six answers about E1 (advice 87.5, overall 92.5) and four about E3 (0 and 40);
    April: six about E1 (100 and 100)."""
    low = {"employee_no": "E3", "q_clear": "1", "q_pushed": "5"}
    april = {"submitted_at": "2026-04-10T10:02:00", "started_at": "2026-04-10T10:00:00"}
    rows = [answer(n) for n in range(1, 7)]
    rows += [answer(n, **low) for n in range(7, 11)]
    rows += [answer(n, q_clear="5", q_fixed="7", **april) for n in range(11, 17)]
    world.send(*rows)
    return world


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "This page shows the answers that count now. The data of March 2026 were locked on ",
        ),
        ("zh-hans", "本页按现在有效的答卷计算。2026 年 3 月的数据已于 "),
    ],
)
def test_the_page_of_a_locked_period_says_which_moment_it_shows(
    two_months, language, words
) -> None:
    """As the pages of departments it shows what counts now; the command reads the cut-off."""
    user = account("ana", "analyst")
    user.language = language
    user.save()
    client = browser(user)
    address = "/surveys/MARCH/analysis/?period=2026-03"
    assert words not in text(client.get(address))
    lock_data("2026-03", date(2026, 3, 1), date(2026, 3, 31), actor=None)
    two_months.send(answer(17))
    assert words in text(client.get(address))
    assert words not in text(client.get("/surveys/MARCH/analysis/?period=2026-04"))
    posted = client.post("/surveys/MARCH/analysis/export/?period=2026-03", {"format": "json"})
    file = json.loads(posted.content)
    assert (file["as_of"], file["n"]) == (None, 11)
    assert analyse(two_months.survey, "2026-03")["n"] == 10


def test_periods_with_answers_the_newest_first(two_months) -> None:
    assert periods_of(monthly(two_months.survey)) == [
        "2026", "2026-Q2", "2026-04", "2026-Q1", "2026-03",
    ]  # fmt: skip


def test_exact_figures_of_a_month(two_months) -> None:
    client = browser(account("ana", "analyst"))
    page = text(client.get("/surveys/MARCH/analysis/?period=2026-03"))
    # (6 x 92.5 + 4 x 40) / 10; advice (6 x 87.5) / 10
    assert "Overall score 71.50 out of 100" in page
    assert "Advice 52.50" in page
    assert "Repair 100.00" in page
    assert "There are no answers of February 2026 to compare with." in page
    assert "E1 E1 hidden – 6" in page  # else the whole less E1 would tell what is said of E3
    assert "E3 E3 n < 5 – 4" in page  # hidden, n shown
    assert "By department" not in page  # the other of two shops would give the small one away


def test_a_change_is_said_in_words(two_months) -> None:
    client = browser(account("ana", "analyst"))
    page = text(client.get("/surveys/MARCH/analysis/?period=2026-04"))
    assert "Overall score 100.00 out of 100" in page
    assert "The score of April 2026 rose from 71.5 (n=10) to 100.0 (n=6)" in page
    everything = text(client.get("/surveys/MARCH/analysis/"))
    assert "Overall score 82.19 out of 100" in everything  # (715 + 600) / 16
    assert client.get("/surveys/MARCH/analysis/?period=soon").status_code == 400


def test_a_longer_period_less_its_months_tells_no_small_month(world) -> None:
    april = {"submitted_at": "2026-04-10T10:02:00", "started_at": "2026-04-10T10:00:00"}
    rows = [answer(n) for n in range(1, 11)]  # 92.5 points each
    rows += [answer(n, q_clear="1", q_pushed="5", q_fixed="1", **april) for n in range(11, 14)]
    world.send(*rows)
    client = browser(account("ana", "analyst"))

    def overall(period: str) -> tuple[int, float | None, int]:
        address = f"/surveys/MARCH/analysis/export/?period={period}"
        found = json.loads(client.post(address, {"format": "json"}).content)
        return found["n"], found["overall"]["mean"], found["left_out"]

    assert overall("2026-03") == (10, 92.5, 0)
    assert overall("2026-04") == overall("2026-Q2") == (3, None, 3)
    assert overall("2026") == overall("all") == (10, 92.5, 3)
    page = text(client.get("/surveys/MARCH/analysis/"))
    assert "3 more answers are left out: their months have too few to be shown" in page
    assert "Advice 87.50" in page
    assert "Repair 100.00" in page


def test_too_few_answers_show_no_figure(world) -> None:
    world.send(*(answer(n) for n in range(1, 5)))
    page = text(browser(account("ana", "analyst")).get("/surveys/MARCH/analysis/"))
    assert "There are 4 counted answers; figures are shown of months with 5 or more." in page
    assert "92.5" not in page


def test_too_few_answers_leave_in_no_file(world) -> None:
    world.send(*(answer(n) for n in range(1, 5)))
    client = browser(account("ana", "analyst"))
    sent = client.post("/surveys/MARCH/analysis/export/", {"format": "csv"}).content.decode()
    lines = sent.splitlines()[1:]
    assert lines[0] == "overall,,4,,,,"
    assert all(line.endswith(",,,,") for line in lines)


def test_a_large_survey_is_analysed_by_a_job(
    two_months, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    from core import jobs

    monkeypatch.setattr("surveys.analysis.services.ONLINE", 5)
    monkeypatch.setattr("core.jobs.ring", lambda job_id, copies: None)
    client = browser(account("ana", "analyst"))
    address = "/surveys/MARCH/analysis/?period=2026-03"
    assert "too many answers to analyse while you wait" in text(client.get(address))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address).status_code == 302
    page = client.get(address)
    assert page.context["job"].is_live
    jobs.run(page.context["job"].pk)
    assert "Overall score 71.50 out of 100" in text(client.get(address))


def test_figures_leave_as_json_or_csv_and_the_audit_knows(two_months) -> None:
    ana = account("ana", "analyst")
    client = browser(ana)
    address = "/surveys/MARCH/analysis/export/?period=2026-03"
    figures = json.loads(client.post(address, {"format": "json"}).content)
    assert (figures["n"], figures["overall"]["mean"]) == (10, 71.5)
    answer_ = client.post(address, {"format": "csv"})
    assert answer_["Content-Disposition"] == 'attachment; filename="MARCH-2026-03.csv"'
    lines = answer_.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "figure,key,n,value,sd,low,high"
    assert lines[1].startswith("overall,,10,71.5,")
    # Four answers about E3 are too few, and those about E1 less the total would tell them.
    assert {"by_employee,E1,6,,,,", "by_employee,E3,4,,,,"} < set(lines)
    assert [e.actor for e in AuditEntry.objects.filter(verb="survey.analysis_exported")] == [
        ana
    ] * 2


def upload(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("q.json", content, content_type="application/json")}


def test_a_questionnaire_is_looked_at_before_it_is_stored(world) -> None:
    client = browser(account("runner", "executor"))
    content = json.dumps({**SPEC, "name_en": "Visit, new wording"}).encode()
    page = client.post("/questionnaires/", upload(content))
    assert page.status_code == 200
    shown = text(page)
    assert "Visit, new wording not stored yet" in shown
    assert "newest version so far: 1" in shown
    assert "Advice Weight 60 %" in shown
    assert "I felt pushed. 催我下单 1–5 required reverse-keyed advisor" in shown
    assert QuestionnaireVersion.objects.count() == 1
    stored = client.post(
        "/questionnaires/", {"action": "store", "content": page.context["content"]}, follow=True
    )
    assert "Stored as draft VISIT v2." in text(stored)
    assert "Visit, new wording draft version 2 · 6 questions" in text(stored)
    version = QuestionnaireVersion.objects.get(number=2)
    assert (version.status, version.created_by.username) == ("draft", "runner")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "The file is not JSON"),
        (b'{"code": "X"}', "things to change in the file; nothing was stored."),
        (b"", "Choose a JSON file."),
    ],
)
def test_faults_of_a_file_are_named_and_nothing_is_stored(world, content, words) -> None:
    answer_ = browser(account("runner", "executor")).post("/questionnaires/", upload(content))
    assert answer_.status_code == 422
    assert words in text(answer_)
    assert QuestionnaireVersion.objects.count() == 1


def test_who_only_reads_brings_no_questionnaire(world) -> None:
    client = browser(account("looks", "supervision"))
    answer_ = client.post("/questionnaires/", {"action": "store", "content": json.dumps(SPEC)})
    assert answer_.status_code == 403
    assert "Survey executors, analysts and the administration may do this." in text(answer_)
    assert QuestionnaireVersion.objects.count() == 1
    assert "may do this" in text(client.get("/questionnaires/"))
