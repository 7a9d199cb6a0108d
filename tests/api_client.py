"""An integration client that speaks to the API, and many of them at the same moment."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.test import Client

from core.api import create_client


def caller(*scopes, name="crm"):
    """call(path, body, key=None) -> the answer, as a new client with these scopes."""
    _client, token = create_client(name, list(scopes), actor=None)

    def call(path, body, key=None):
        headers = {"authorization": f"Bearer {token}", "accept-language": "en"}
        if key is not None:
            headers["idempotency-key"] = key
        raw = body if isinstance(body, str) else json.dumps(body)
        return Client(headers=headers).post(
            f"/api/v1/{path}/", raw, content_type="application/json"
        )

    return call


def at_once(count, act):
    """act(number) from `count` threads that start together; the results in order."""
    start = threading.Barrier(count)

    def work(number):
        start.wait()
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))
