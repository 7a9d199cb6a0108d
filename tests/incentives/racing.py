"""Several people doing something at the same moment, each on a connection of their own."""

import threading
from typing import Any

from django.db import connections

from core.errors import DomainError


def at_once(*steps: Any) -> list[str]:
    """Run the steps in threads with their own connections; "ok" or the error's class, each."""
    barrier = threading.Barrier(len(steps))
    results: list[str] = []

    def run(step: Any) -> None:
        barrier.wait()
        try:
            step()
            results.append("ok")
        except DomainError as error:
            results.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)
