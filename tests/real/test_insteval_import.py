"""73,421 real ratings come in by commands: all stored, all counted, equal to the file."""

import csv
import math
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.models import AuditEntry
from customers.models import Customer
from organization.models import Employee
from surveys import queries
from surveys.models import Rating, RatingRollup, Response, ResponseKey, Survey, Verdict
from surveys.services.verifying import verify_rollups
from tests.surveys.test_locks import kill_in_the_middle

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "insteval"
FILE = DATA / "responses.csv"
YEAR = (date(2025, 1, 1), date(2025, 12, 31))

pytestmark = pytest.mark.django_db(transaction=True)


@cache
def rows():
    with FILE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points(row):
    return 25.0 * (int(row["q_overall"]) - 1)


@pytest.fixture
def survey(db):
    call_command("import_roster", str(DATA / "departments.csv"), str(DATA / "employees.csv"))
    call_command("import_questionnaire", str(DATA / "questionnaire.json"))
    call_command(
        *("open_survey", "INST-2025", "--questionnaire", "INSTEVAL"),
        *("--from", "2025-07-01", "--to", "2025-12-31"),
    )
    return Survey.objects.get()


def take_in(path=FILE):
    call_command("import_responses", str(path), "--survey", "INST-2025")


def stored():
    tables = (Response, ResponseKey, Verdict, Rating, RatingRollup, Customer, AuditEntry)
    return [model.objects.count() for model in tables]


def exact(values):
    return math.fsum(values) / len(values)


def test_all_are_stored_and_counted_after_a_kill_too_and_a_second_import_changes_nothing(
    survey, capsys
):
    empty = stored()
    kill_in_the_middle(FILE, survey)
    assert stored() == empty
    take_in()
    assert "Answers: 73421 new, 0 unchanged." in capsys.readouterr().out
    people = queries.person_totals(*YEAR)
    assert (len(rows()), Response.objects.count(), int(people["n"].sum())) == (73_421,) * 3
    assert set(Verdict.objects.values_list("verdict", flat=True)) == {"counted"}

    overall = sum(people["total"]) / int(people["n"].sum()) / 1e6
    assert overall == pytest.approx(exact([points(row) for row in rows()]), abs=1e-9)

    numbers = dict(Employee.objects.values_list("pk", "employee_no"))
    totals = defaultdict(lambda: [0, 0])
    for each in people.itertuples():
        totals[numbers[each.employee_id]][0] += each.n
        totals[numbers[each.employee_id]][1] += each.total
    expected = defaultdict(list)
    for row in rows():
        expected[row["employee_no"]].append(points(row))
    assert len(expected) == 1128
    assert {no: n for no, (n, _) in totals.items()} == {no: len(p) for no, p in expected.items()}
    for number, (n, total) in totals.items():
        assert total / n / 1e6 == pytest.approx(exact(expected[number]), abs=1e-9)

    before = stored()
    take_in()
    assert "Answers: 0 new, 73421 unchanged." in capsys.readouterr().out
    assert stored() == before
    assert verify_rollups() is None


def test_a_corrupted_copy_changes_nothing_and_names_every_bad_row(survey, tmp_path):
    lines = FILE.read_text(encoding="utf-8").splitlines()
    faults = {
        10: (lambda cells: cells | {"q_overall": "6"}, "q_overall", "6 is not on the scale"),
        500: (lambda cells: cells | {"q_overall": "x"}, "q_overall", "x is not a whole number"),
        9_999: (lambda cells: cells | {"employee_no": "E9999"}, "employee_no", "E9999 is unknown"),
        20_000: (lambda cells: cells | {"department_code": "D99"}, "department_code", "D99 is"),
        30_000: (lambda cells: cells | {"submitted_at": "2025-13-01"}, "submitted_at", "'2025-13"),
        40_000: (lambda cells: cells | {"channel": ""}, "channel", "must be one of"),
        50_000: (lambda cells: cells | {"response_no": ""}, "response_no", "is missing"),
        60_000: (lambda cells: cells | {"event_no": "X1"}, "event_no", "X1 is unknown"),
        73_422: (
            lambda cells: cells | {"response_no": "IE000001"},
            "response_no",
            "IE000001 stands in row 2 with other content",
        ),
    }
    header = lines[0].split(",")
    for row, (change, _, _) in faults.items():
        cells = dict(zip(header, lines[row - 1].split(","), strict=True))
        lines[row - 1] = ",".join(change(cells).values())
    path = tmp_path / "corrupted.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    before = stored()
    with pytest.raises(CommandError) as caught:
        take_in(path)
    reported = str(caught.value).splitlines()
    assert len(reported) == len(faults)
    for line, (row, (_, column, message)) in zip(reported, faults.items(), strict=True):
        assert line.startswith(f"row {row}, column {column}: {message}")
    assert stored() == before
