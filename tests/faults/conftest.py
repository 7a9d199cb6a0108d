"""Everything in this folder bears the mark `faults`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.copies import Copies

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
