"""README and docs name only commands, options, variables and files that exist."""

import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class

from tests.architecture.sources import REPOSITORY, sources

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/operations.md")
EXAMPLES = {"HASH": "0" * 64, "TEXT": "text", "NO": "R1", "CODE": "C", "POLICY": "P"}


def _read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def _commands() -> list[str]:
    found = [
        command.strip()
        for name in DOCUMENTS
        for line in re.findall(r"^    (.*\./run manage .*)$", _read(name), re.MULTILINE)
        for command in re.findall(r"\./run manage ([^&#]+)", line)
    ]
    return sorted(set(found))


def test_the_worked_example_is_found() -> None:
    assert len(_commands()) >= 30


@pytest.mark.parametrize("command", _commands())
def test_every_command_of_the_documents_is_understood(command: str) -> None:
    name, *words = [EXAMPLES.get(word, word) for word in shlex.split(command)]
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    parser.parse_args(words)  # ends the test when a word is unknown


def test_every_environment_variable_is_documented_and_read() -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", _read("docs/operations.md"), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    read = {
        name
        for source in sources("config", "instance")
        for name in re.findall(
            r"(?:env\.\w+|environ\.get)\(\s*\"([A-Z_]+)\"|environ\[\"([A-Z_]+)\"\]", source.text
        )
        for name in name
        if name
    }
    assert documented == read - {"PATH", "DJANGO_SETTINGS_MODULE"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    here = (REPOSITORY / name).parent
    for target in re.findall(r"\]\(([^)#]+)\)", _read(name)):
        assert (here / target).exists(), target
