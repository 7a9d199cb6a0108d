"""People of the surveyed company as browsers, for the pages of results and appeals."""

from typing import Any

import pytest
from django.test import Client

from core.models import User
from tests.incentives import surveyed


def browser_of(user: User, language: str = "en") -> Client:
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def scene(db: Any, settings: Any) -> surveyed.Scene:
    """Eight people with real answers, scored, released, paid; nobody needs a second factor."""
    settings.SECOND_FACTOR_ROLES = ()
    return surveyed.create()


@pytest.fixture
def me(scene: surveyed.Scene) -> Client:
    """E0001: mean 65.63 of eight answers, 64.06 points, grade D."""
    return browser_of(scene.user("E0001"))
