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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r'{"a": "\u0000"}', "holds a NUL character"),
        (r'{"\u0000": 1}', "holds a NUL character"),
        (r'{"a": ["\ud800"]}', "holds half a character"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_no_database_can_hold_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_json(path)


def test_a_backslash_is_only_a_backslash(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(r'{"a": "\\u0000"}')
    assert read_json(path) == {"a": r"\u0000"}
