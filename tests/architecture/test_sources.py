"""Sizes, leftovers and requirements: what keeps the sources readable."""

import ast
import importlib.metadata
import re
import subprocess
import sys

import pytest

from instance.locking import NAMES, pins, plain
from tests.architecture.sources import APPS, REPOSITORY, Source, sources

PRODUCT = (*APPS, "instance")
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# Spelled apart, so that this file does not find itself.
LEFT_FOR_LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|raise NotImpl" r"emented")
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|root|farm)/")


def test_files_stay_short() -> None:
    long = [
        f"{source.name} has {lines} lines"
        for source in sources(*PRODUCT, "tests")
        if (lines := source.text.count("\n")) > LONGEST_FILE
    ]
    assert long == []


def test_functions_stay_short() -> None:
    long = [
        f"{source.name}:{node.lineno} {node.name} has {length} lines"
        for source in sources(*PRODUCT, "tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("pattern", [LEFT_FOR_LATER, MACHINE_PATH], ids=["later", "machine path"])
def test_nothing_is_left_for_later_or_bound_to_a_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{source.name}: {match[0]}"
        for source in sources(*PRODUCT, "tests")
        for match in pattern.finditer(source.text)
    ]
    assert found == []


def _prints(source: Source) -> list[str]:
    return [
        f"{source.name}:{node.lineno}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


def test_only_commands_write_to_the_terminal() -> None:
    assert [line for source in sources(*PRODUCT) for line in _prints(source)] == []


def test_every_requirement_is_pinned_and_has_a_reason() -> None:
    for name in (f"{name}.txt" for name in NAMES):
        for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[\w.\-\[\],]+==[\w.]+  # \S+ .+", line), line


def test_what_the_product_imports_it_requires() -> None:
    owners = importlib.metadata.packages_distributions()
    required = pins((REPOSITORY / "requirements.txt").read_text(encoding="utf-8"))
    own = {*PRODUCT, "tests"}
    missing = {
        f"{source.name}: {top}"
        for source in sources(*APPS)
        for _, name in source.imports()
        if (top := name.split(".")[0]) not in own and top not in sys.stdlib_module_names
        if not {plain(owner) for owner in owners.get(top, [])} & set(required)
    }
    assert missing == set()


def test_the_supervisor_needs_nothing_but_python() -> None:
    foreign = {
        f"{source.name}: {name}"
        for source in sources("instance")
        for _, name in source.imports()
        if name.split(".")[0] not in {*sys.stdlib_module_names, "instance"}
    }
    assert foreign == set()


@pytest.mark.parametrize("name", ["run", "test", ".ci/run"])
def test_the_commands_can_be_executed(name: str) -> None:
    path = REPOSITORY / name
    assert path.stat().st_mode & 0o111
    shell = "bash" if "bash" in path.read_text(encoding="utf-8").splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0
