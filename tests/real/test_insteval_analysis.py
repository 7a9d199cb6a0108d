"""The whole way of 73,421 real ratings: import, clean, analyse; figures computed from the file."""

import csv
import json
import math
from collections import defaultdict
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from scipy.stats import t

from surveys.models import Verdict

pytestmark = pytest.mark.django_db

INSTEVAL = Path(__file__).parents[2].parent / "shared" / "data" / "insteval"


def run(name, *args):
    out = StringIO()
    call_command(name, *map(str, args), stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The file imported once for all tests of this module, and taken back afterwards."""
    from django.db import transaction

    folder = tmp_path_factory.mktemp("insteval")
    with django_db_blocker.unblock(), transaction.atomic():
        run("import_roster", INSTEVAL / "departments.csv", INSTEVAL / "employees.csv")
        run("import_questionnaire", INSTEVAL / "questionnaire.json")
        run(
            "open_survey", "LECT", "--questionnaire", "INSTEVAL",
            "--from", "2025-01-01", "--to", "2025-12-31",
        )  # fmt: skip
        run("import_responses", INSTEVAL / "responses.csv", "--survey", "LECT")
        yield folder
        transaction.set_rollback(True)


def points():
    """(employee, department, month) -> list of exact points, from the file alone."""
    with (INSTEVAL / "responses.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            value = Fraction(100 * (int(row["q_overall"]) - 1), 4)
            yield row["employee_no"], row["department_code"], row["submitted_at"][:7], value


def expected(values):
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return {"n": n, "mean": float(mean), "sd": None, "low": None, "high": None}
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1))
    half = t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    low, high = max(0.0, float(mean) - half), min(100.0, float(mean) + half)
    return {"n": n, "mean": float(mean), "sd": sd, "low": low, "high": high}


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        if value is None:
            assert found[name] is None
        else:
            assert found[name] == pytest.approx(value, abs=1e-9)


def test_all_ratings_count_and_every_figure_equals_the_file(world):
    said = run("clean_survey", "LECT")
    assert said.startswith("LECT: 73421 responses, 0 new verdicts")
    assert Verdict.objects.exclude(verdict="counted").count() == 0
    run("analyse_survey", "LECT", "--output", world / "all.json")
    found = json.loads((world / "all.json").read_text(encoding="utf-8"))
    everybody, people, departments = [], defaultdict(list), defaultdict(list)
    for employee, department, _month, value in points():
        everybody.append(value)
        people[employee].append(value)
        departments[department].append(value)
    assert found["n"] == 73_421
    same(found["overall"] | {"n": found["n"]}, expected(everybody))
    same(found["dimensions"]["lecture"], expected(everybody))
    assert found["by_employee"].keys() == people.keys()
    for employee, values in people.items():
        same(found["by_employee"][employee], expected(values))
    assert found["by_department"].keys() == departments.keys()
    for department, values in departments.items():
        same(found["by_department"][department], expected(values))
    best = sum(value >= 75 for value in everybody)
    assert found["top2"]["overall"]["value"] == pytest.approx(100 * best / 73_421, abs=1e-9)
    assert found["alpha"] == {"lecture": None, "overall": None}


@pytest.mark.parametrize(
    ("period", "months"),
    [("2025-11", {"2025-11"}), ("2025-Q4", {"2025-10", "2025-11", "2025-12"})],
)
def test_a_period_equals_its_months_of_the_file(world, period, months):
    run("analyse_survey", "LECT", "--period", period, "--output", world / "part.json")
    found = json.loads((world / "part.json").read_text(encoding="utf-8"))
    values = [value for _, _, month, value in points() if month in months]
    same(found["overall"] | {"n": found["n"]}, expected(values))


def test_the_export_names_every_response_in_order(world):
    run("export_cleaning", "LECT", "--output", world / "verdicts.csv")
    lines = (world / "verdicts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 73_422
    assert lines[1] == "IE000001,counted,,"
    assert lines[1:] == sorted(lines[1:])
