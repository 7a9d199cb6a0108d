"""A browser without a window for the tests of pages: logged in as an account, in English."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User


def browser(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(language="en")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def text(answer) -> str:
    """The page without its line breaks, so that a sentence can be looked for."""
    return " ".join(answer.content.decode().split())


def queries(client: Client, path: str) -> int:
    """How many queries a page costs; the first visit warms caches."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get(path)
    return len(seen)
