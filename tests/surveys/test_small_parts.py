"""Who opens the single answers of one shop is told nothing of the whole: the rest would be what the
other shops gave, however few."""

from __future__ import annotations

import json
from statistics import mean

import pytest
from django.test import Client

from core.models import Job
from surveys.analysis import services as analysis
from surveys.analysis.queries.guarded import Ground, guarded, guarded_scores
from surveys.cleaning.queries.summary import summary
from surveys.queries import desk
from surveys.queries.responses import departments_seen
from tests.surveys.conftest import answer
from tests.surveys.test_desk_pages import account, browser, doubt, text
from tests.surveys.test_limited_roles import limited

MINE, OTHERS = range(1, 13), range(13, 16)


@pytest.fixture
def shops(world):
    """Twelve answers about E1 of shop S1, three bad ones about E3 of shop S2: two of them in
    doubt, as one of S1 is."""
    world.send(
        *(answer(n) for n in MINE),
        *(answer(n, employee_no="E3", q_clear="1", q_fixed="1") for n in OTHERS),
    )
    doubt(world, 1, 13, 14)
    return world


@pytest.fixture
def analyst(shops):
    return limited(shops, "analyst")


def scores(world, numbers) -> list[float]:
    return [world.response(n).score_micro / 1e6 for n in numbers]


def test_what_the_whole_would_tell_beside_the_own_answers(shops) -> None:
    """The leak that is closed: mean of all less the own answers is the mean of three others."""
    whole, own = guarded_scores([shops.survey.pk])[shops.survey.pk], scores(shops, MINE)
    rest = (whole[0].mean * whole[1] - sum(own)) / 3
    assert rest == pytest.approx(mean(scores(shops, OTHERS)))


def exported(client: Client) -> dict:
    posted = client.post("/surveys/MARCH/analysis/export/", {"format": "json"})
    return json.loads(posted.content)


def test_every_figure_of_a_limited_analyst_is_of_the_own_answers(shops, analyst) -> None:
    part = departments_seen(analyst)
    assert part == {shops.shops["S1"].pk}
    own = mean(scores(shops, MINE))
    file = exported(browser(analyst))
    assert (file["n"], file["overall"]["mean"]) == (12, pytest.approx(own))
    for name in ("dimensions", "nps", "top2"):
        assert {each["n"] for each in file[name].values()} <= {0, 12}
    ((shown, n),) = guarded_scores([shops.survey.pk], part).values()
    assert (shown.mean, n) == (pytest.approx(own), 12)
    assert {mean_and_n[1] for mean_and_n in Ground(shops.survey, part).months().values()} == {12}
    assert sum(Ground(shops.survey, part).spread().values()) == 12
    readings = summary(shops.survey, part=part)
    assert {readings[name].n for name in ("raw", "hard")} == {12}
    assert readings["all"].n == 11
    assert readings["hits"]["too_fast"] == 1
    assert summary(shops.survey)["hits"]["too_fast"] == 3


def test_lists_and_pages_count_the_own_answers(shops, analyst) -> None:
    part = departments_seen(analyst)
    found = desk.figures([shops.survey.pk], part)[shops.survey.pk]
    assert (found.total, found.counted, found.review) == (12, 11, 1)
    assert sum(n for _day, n in desk.arrived(shops.survey, part)) == 12
    client = browser(analyst)
    ((_survey, listed),) = client.get("/surveys/").context["rows"]
    one = client.get("/surveys/MARCH/").context
    figures = client.get("/surveys/MARCH/analysis/").context["figures"]
    ((_survey, _mean, n),) = client.get("/analysis/").context["rows"]
    assert (listed.total, one["found"].total, figures["n"], n) == (12, 12, 12, 12)
    assert one["figures"]["raw"].n == 12
    choices = client.get("/surveys/MARCH/responses/").content.decode()
    assert 'value="S1"' in choices
    assert 'value="S2"' not in choices


def test_a_verdict_is_shown_without_what_it_does_to_the_whole(shops, analyst) -> None:
    whole = "Whole survey"
    everybody = browser(account("all", "analyst"))
    for address in ("/responses/R1/", "/surveys/MARCH/review/"):
        assert whole in text(everybody.get(address)), address
        assert whole not in text(browser(analyst).get(address)), address


def test_a_part_too_small_is_told_to_nobody(shops) -> None:
    user = limited(shops, "analyst", shop="S2")
    file = exported(browser(user))
    assert (file["n"], file["overall"]["mean"]) == (3, None)


def test_the_job_of_a_large_survey_reads_the_part_alone(shops, analyst, monkeypatch) -> None:
    monkeypatch.setattr(analysis, "ONLINE", 0)
    part = departments_seen(analyst)
    for user in (analyst, account("all", "analyst")):
        browser(user).post("/surveys/MARCH/analysis/")
    jobs = Job.objects.order_by("id")
    assert [job.params["part"] for job in jobs] == [sorted(part), None]
    assert len({job.key for job in jobs}) == 2
    results = [analysis.Analysis().chunk(job, {"period": None})["n"] for job in jobs]
    assert results == [12, guarded(shops.survey)["n"]]
    assert results[1] == 15
