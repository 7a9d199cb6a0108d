"""The policy the product ships is the ready one, byte for byte."""

from pathlib import Path

import pytest

import incentives

SHIPPED = Path(incentives.__file__).parent / "content"
READY = Path(__file__).parents[2].parent / "shared" / "content"


@pytest.mark.parametrize("name", ["policy.json", "policy.schema.json"])
def test_the_shipped_file_is_the_ready_one(name):
    assert (SHIPPED / name).read_bytes() == (READY / name).read_bytes()
