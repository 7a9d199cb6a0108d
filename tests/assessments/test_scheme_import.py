"""Scheme files: taken unchanged, once per content, or refused in words."""

from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command

from assessments.models import SchemeVersion, Scorecard
from core.errors import InvalidInput
from tests.assessments.test_curves import SCHEMES


def test_one_scheme_version_per_content(company):
    first = company.scheme()
    assert company.scheme().pk == first.pk
    second = company.scheme(min_assessed_weight=D("61.5"))
    assert (second.number, second.spec["min_assessed_weight"]) == (2, "61.5")
    with pytest.raises(InvalidInput, match='unknown key "colour"'):
        company.scheme(colour="red")
    assert Scorecard.objects.count() == 0


def test_ready_schemes_are_imported_unchanged_by_command(db, capsys):
    for path in SCHEMES:
        call_command("import_scheme", str(path))
        call_command("import_scheme", str(path))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Scheme")]
    assert [line.split(" ")[4].rstrip(",") for line in lines] == ["approved", "unchanged"] * 8
    department = SchemeVersion.objects.get(applies_to="department")
    assert (department.scheme.code, department.position_codes) == ("DEPT-2026", [])
    assert SchemeVersion.objects.filter(approved_by__username="operator").count() == 8


def test_scheme_file_that_cannot_be_read_is_refused_in_words(db, tmp_path):
    path = tmp_path / "scheme.json"
    for text, says in (
        ("{", "not readable as JSON"),
        ('{"code": 1, "code": 2}', "the key 'code' stands twice"),
        ('{"code": NaN}', "NaN is no number"),
        ("[" * 100_000, "not readable as JSON"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CommandError, match=says):
            call_command("import_scheme", str(path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_scheme", str(tmp_path / "absent.json"))
    assert not SchemeVersion.objects.exists()
