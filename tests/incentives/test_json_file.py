"""JSON files of policies: what no number can hold is refused in a sentence."""

from pathlib import Path

import pytest

from core.errors import InvalidInput
from incentives.imports.json_file import read_json


@pytest.mark.parametrize("number", ["9" * 5000, "1e9999999999999999999"])
def test_a_number_nobody_can_hold_is_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(f'{{"a": {number}}}')
    with pytest.raises(InvalidInput, match=r"policy\.json is not valid JSON"):
        read_json(path)
