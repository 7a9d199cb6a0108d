"""Requirements, constraints and locks agree, and a file that is not the locked one is refused."""

import hashlib
import importlib.metadata
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from instance.layout import Layout
from instance.locking import NAMES, pins, plain
from instance.python_env import install
from instance.screen import InstanceError
from tests.architecture.sources import REPOSITORY

ENTRY = re.compile(
    r"[a-z0-9-]+==[\w.]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n", re.MULTILINE
)


def _text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def _pins(*names: str) -> dict[str, str]:
    return {name: version for file in names for name, version in pins(_text(file)).items()}


def test_every_locked_package_has_its_hashes() -> None:
    for name in NAMES:
        head, include, *rest = _text(f"{name}.lock").splitlines(keepends=True)
        assert head.startswith(f"# Made by ./run lock: change {name}.txt ")
        dev = name == "requirements-dev"
        assert include == ("-r requirements.lock\n" if dev else "--only-binary :all:\n")
        assert ENTRY.sub("", "".join(rest)) == ""
        assert "://" not in "".join(rest)


def test_locks_hold_the_pins_and_nothing_else() -> None:
    pinned = _pins("constraints.txt", *(f"{name}.txt" for name in NAMES))
    assert _pins(*(f"{name}.lock" for name in NAMES)) == pinned
    product, dev = (_pins(f"{name}.lock") for name in NAMES[:2])
    assert set(product) & set(dev) == set()
    assert _pins("requirements.txt").items() <= product.items()
    for name in NAMES[2:]:
        assert _pins(f"{name}.lock") == _pins(f"{name}.txt")


def test_constraints_name_each_package_once() -> None:
    direct = _pins(*(f"{name}.txt" for name in NAMES))
    lines = [line for line in _text("constraints.txt").splitlines() if not line.startswith("#")]
    assert len(_pins("constraints.txt")) == len(lines)
    assert set(_pins("constraints.txt")) & set(direct) == set()


def test_installed_packages_are_the_locked_ones() -> None:
    wanted = {}
    for name in NAMES[:2]:
        for line in _text(f"{name}.lock").splitlines():
            if "==" in line and not line.startswith("    "):
                entry = Requirement(line.rstrip("\\ "))
                if entry.marker is None or entry.marker.evaluate():
                    wanted[plain(entry.name)] = str(entry.specifier).removeprefix("==")
    installed = {plain(d.name): d.version for d in importlib.metadata.distributions()}
    assert {k: v for k, v in installed.items() if k not in {"pip", "setuptools"}} == wanted


def _wheel(folder: Path) -> Path:
    path = folder / "tiny-1.0-py3-none-any.whl"
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", "VALUE = 1\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tag)
        wheel.writestr(f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    return path


def test_a_changed_byte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    layout = Layout.open(tmp_path / "data")
    environment, log = tmp_path / "venv", layout.logs / "install.log"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    wheel, lock = _wheel(tmp_path), tmp_path / "tiny.lock"
    expected = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(f"--only-binary :all:\ntiny==1.0 \\\n    --hash=sha256:{expected}\n")
    whole = wheel.read_bytes()
    wheel.write_bytes(whole.replace(b"VALUE = 1", b"VALUE = 2"))
    with pytest.raises(InstanceError, match="DO NOT MATCH THE HASHES"):
        install(environment, lock, log)
    assert not list(environment.glob("lib/python*/site-packages/tiny*"))
    lock.write_text("tiny==1.0\n")
    with pytest.raises(InstanceError, match="Hashes are required"):
        install(environment, lock, log)
    lock.write_text(f"tiny==1.0 --hash=sha256:{expected}\n")
    wheel.write_bytes(whole)
    install(environment, lock, log)
    assert list(environment.glob("lib/python*/site-packages/tiny.py"))


def test_npm_packages_have_their_hashes() -> None:
    packages = json.loads(_text("package-lock.json"))["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
    for name in ("Dockerfile", "instance/node_env.py"):
        assert re.search(r'npm ci|"ci", "--ignore-scripts"', _text(name))
    assert "pip install --require-hashes -r requirements.lock" in _text("Dockerfile")
