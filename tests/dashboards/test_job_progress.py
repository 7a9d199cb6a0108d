"""How far a long piece of work is: for who started it, and for the administrator."""

import pytest
from django.urls import reverse

from core.models import Job, User


@pytest.fixture
def job(people) -> Job:
    return Job.objects.create(kind="demo", total=118, done=68, status=Job.Status.RUNNING)


def _get(browser, job):
    return browser.get(reverse("job_progress", kwargs={"pk": job.pk}))


def test_the_one_who_started_it_sees_it_run_and_the_page_asks_again(login, job):
    browser = login("E4")
    Job.objects.filter(pk=job.pk).update(actor=User.objects.get(username="E4"))
    page = _get(browser, job).content.decode()
    assert "68 / 118" in page
    assert f'hx-get="/jobs/{job.pk}/progress/"' in page
    Job.objects.filter(pk=job.pk).update(status=Job.Status.DONE, done=118)
    assert "hx-get" not in _get(browser, job).content.decode()  # the finished one asks no more


def test_others_do_not_learn_that_it_exists(login, job):
    assert _get(login("E4"), job).status_code == 404
