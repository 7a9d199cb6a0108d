"""The company of world.py as a fixture."""

import pytest

from tests.assessments.world import Company


@pytest.fixture
def company(db):
    return Company()
