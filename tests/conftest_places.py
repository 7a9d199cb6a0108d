"""Which tests run in one process one after another: those that share something dear to set up.

pytest-xdist has the mark `xdist_group` for this, but it writes the group into an attribute that
pytest 9 no longer reads, so the mark is silently without effect; a place needs no mark at all.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/instance/",  # starts whole instances: two side by side starve each other
    "tests/hostile/test_proxy.py",  # one web server and the proxies before it
    "tests/web/",  # one seeded demo company with its servers and browser
    "tests/architecture/",  # every source of the product, parsed
)
BY_FILE = "tests/real/"  # a file of real data imported once for the tests of a module


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes tell tests apart by their ids: of two with one id, only the first would run."""
    twice = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if twice:
        raise pytest.UsageError(f"Several tests bear one id: {', '.join(sorted(twice))}")


class ByPlace(LoadScopeScheduling):
    """The largest place first; all other tests one by one, wherever a process is free."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BY_FILE):
            return nodeid.partition("::")[0]
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> ByPlace | None:
    return ByPlace(config, log) if config.getvalue("dist") == "loadscope" else None
