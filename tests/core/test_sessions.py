"""A session lasts while somebody clicks, and ends hours after the last click."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from core.models import User
from core.sessions import FRESH, SEEN


@pytest.fixture
def browser(db) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user("somebody"))
    return browser


def test_a_click_after_a_while_moves_the_end(browser):
    session = browser.session
    session[SEEN] = int(time.time()) - FRESH - 1
    session.save()
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.update(expire_date=soon)
    assert browser.get("/", secure=True).status_code == 200
    assert Session.objects.get().expire_date > soon


def test_clicks_close_together_write_nothing(browser):
    soon = timezone.now() + timedelta(minutes=5)
    browser.get("/", secure=True)
    Session.objects.update(expire_date=soon)
    browser.get("/", secure=True)
    assert Session.objects.get().expire_date == soon


def test_after_the_end_one_logs_in_again(browser):
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    assert browser.get("/", secure=True).status_code == 302
