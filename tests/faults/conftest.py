"""Everything in this folder bears the mark `faults`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.copies import Copies
from tests.faults.servers import Servers, own_servers

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")


@pytest.fixture
def copies(transactional_db: Any) -> Iterator[Copies]:
    found = Copies()
    yield found
    found.drop()


@pytest.fixture
def servers(
    transactional_db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Servers]:
    """PostgreSQL and a broker of the test's own; ask for it before `worker` and `beat`."""
    with own_servers(tmp_path, monkeypatch, settings) as found:
        yield found
