"""Surveys whose code holds a slash, from before that was refused: every page of theirs opens."""

import pytest
from django.urls import reverse

from core.models import Job
from surveys.models import Survey
from tests.surveys.conftest import answer
from tests.surveys.test_desk_pages import account, browser, doubt, text

PAGES = ("survey", "survey_responses", "survey_review", "survey_analysis", "invitations")


@pytest.fixture(params=["2026/Q1", "A/close", "A\nB", "三月/回访", "~s", "~", ".", ".."])
def old(world, request):
    world.send(*(answer(n) for n in range(1, 7)))
    doubt(world, 1)
    Survey.objects.update(code=request.param)
    world.survey.refresh_from_db()
    return world


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_survey_opens(old, name) -> None:
    page = browser(account("run", "executor")).get(reverse(name, args=[old.survey.code]))
    assert page.status_code == 200
    assert page.context["survey"] == old.survey


def test_the_lists_open_and_lead_to_it(old) -> None:
    client = browser(account("run", "analyst"))
    for address in ("/", "/surveys/", "/review/", "/analysis/"):
        assert (address, client.get(address).status_code) == (address, 200)
    address = reverse("survey", args=[old.survey.code])
    assert f'href="{address}"' in client.get("/surveys/").content.decode()


def test_its_buttons_work_and_its_files_have_a_name(old) -> None:
    client = browser(account("run", "executor"))
    code = old.survey.code
    for name in ("survey_verdicts", "survey_analysis_export"):
        file = client.post(reverse(name, args=[code]))
        assert (name, file.status_code) == (name, 200)
        assert "attachment" in file["Content-Disposition"]
        assert "/" not in file["Content-Disposition"]
    assert client.post(reverse("survey_clean", args=[code])).status_code == 302
    assert Job.objects.filter(kind="surveys.clean").count() == 1
    assert client.post(reverse("survey_close", args=[code])).status_code == 302
    assert Survey.objects.get().status == Survey.Status.CLOSED


def test_what_is_no_survey_is_not_there(old) -> None:
    client = browser(account("run", "executor"))
    for address in ("/surveys/none/", "/surveys/none/at/all/", "/surveys/none/review/"):
        assert client.get(address).status_code == 404
    assert "none" not in text(client.get("/surveys/"))


def test_the_address_of_a_code_of_today_is_as_it_was() -> None:
    for code in ("MARCH", "CSI-2026.03_a"):
        assert reverse("survey", args=[code]) == f"/surveys/{code}/"
    assert reverse("survey_review", args=["A/B~C"]) == "/surveys/A~sB~~C/review/"
