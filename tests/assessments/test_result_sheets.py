"""Results of a filled database go into one sheet a scorecard and back; none is lost on the way."""

from decimal import Decimal as D
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from assessments import services
from assessments.models import IndicatorResult, ResultSheet, Scorecard
from assessments.queries.scorecards import results_of
from assessments.services import job as scoring_job
from assessments.services import scoring
from core import privileges
from core.jobs import JobFailed
from tests.assessments.world import Company, disk_full_after
from tests.surveys.test_partitions import application_role  # noqa: F401 - a fixture

migration = import_module("assessments.migrations.0004_result_sheets")
KEYS = """SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype <> 'n'
    AND conrelid = 'assessments_indicatorresult'::regclass ORDER BY 1"""


def run(statement, values=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def results():
    """Everything every result says but its own number, in the order it is shown."""
    fields = [f.attname for f in IndicatorResult._meta.fields if f.attname != "id"]
    return list(IndicatorResult.objects.order_by("scorecard", "placement_no", "id").values(*fields))


@pytest.fixture
def filled(db):
    """Four people with two indicators, one of whom moved; somebody without a scheme."""
    company = Company()
    linear = {"type": "linear", "floor": 0, "target": 100}
    items = [
        {"indicator": code, "weight": 50, "value": "raw", "min_n": 1, "curve": linear}
        for code in ("satisfaction", "courtesy_rate")
    ]
    company.scheme(items=items)
    company.crowd(3)
    first, second = ("2020-01-01", "2025-11-15"), ("2025-11-16", None)
    company.hire("MOVED", ("S1", "LECT", *first), ("S2", "LECT", *second))
    company.hire("FREE", position="B")
    company.measure(
        ("courtesy_rate", "K0", "2025-11", "18.5", 20, "audit"),
        ("courtesy_rate", "MOVED", "2025-11", 19, 20, "audit"),
    )
    company.score()
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a table cannot change while a check is outstanding
    return company


def test_a_sheet_holds_the_lines_in_the_order_of_the_scheme(filled):
    card = filled.card("K0")
    version, position = next(iter(card.run.rules["schemes"].values()))["id"], card.position_id
    lines = [line.split("\t") for line in card.sheet.lines.split("\n")]
    assert [line[:-1] for line in lines] == [
        ["0", "satisfaction", str(version), str(position), "50.0000", "450.000000", "12.000000",
         "12", "37.5000000000", "\\N", "\\N", "\\N", "37.5000000000", "37.5000000000", "ok"],
        ["0", "courtesy_rate", str(version), str(position), "50.0000", "18.500000", "20.000000",
         "20", "92.5000000000", "\\N", "\\N", "\\N", "92.5000000000", "92.5000000000", "ok"],
    ]  # fmt: skip
    shown = [(r.indicator, r.weight, r.raw, r.low, r.points, r.status) for r in results_of(card)]
    assert shown == [
        ("satisfaction", D(50), D("37.5"), None, D("37.5"), "ok"),
        ("courtesy_rate", D(50), D("92.5"), None, D("92.5"), "ok"),
    ]
    assert [row.inputs_hash for row in card.results.all()] == [line[-1] for line in lines]
    assert list(results_of(filled.card("FREE"))) == []
    moved = results_of(filled.card("MOVED")).values_list("placement_no", "indicator")
    assert list(moved) == [
        *((0, "satisfaction"), (0, "courtesy_rate")),
        *((1, "satisfaction"), (1, "courtesy_rate")),
    ]


def test_there_and_back_every_result_is_what_it_was(filled):
    before, sheets = results(), list(ResultSheet.objects.order_by("pk").values_list("pk", "lines"))
    assert (len(before), len(sheets), Scorecard.objects.count()) == (3 * 2 + 4, 5, 5)
    run(migration.BACKWARD)
    assert results() == before
    rows = "SELECT count(*), count(DISTINCT id) FROM assessments_indicatorresult"
    assert run(rows) == [(10, 10)]
    with pytest.raises(DatabaseError, match="refused: the run is finished"), transaction.atomic():
        run("DELETE FROM assessments_indicatorresult")
    assert [key for (key,) in run(KEYS)] == [
        "CHECK ((n >= 0))",
        "CHECK ((placement_no >= 0))",
        "FOREIGN KEY (scorecard_id) REFERENCES assessments_scorecard(id)"
        " DEFERRABLE INITIALLY DEFERRED",
        "PRIMARY KEY (id)",
        "UNIQUE (scorecard_id, placement_no, indicator)",
    ]
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(migration.FORWARD)
    assert results() == before
    assert list(ResultSheet.objects.order_by("pk").values_list("pk", "lines")) == sheets
    assert services.verify_scorecards() is None


def test_a_result_that_would_be_lost_stops_the_migration(filled):
    run(migration.BACKWARD)
    before = results()
    assert migration.FORWARD.count("r.points::text") == 1
    lossy = migration.FORWARD.replace("r.points::text", "NULL::text")
    pointed = sum(row["points"] is not None for row in before)
    assert pointed == 5
    with pytest.raises(DatabaseError, match=r"^10 results would not stay"), transaction.atomic():
        run(lossy)
    assert results() == before


@pytest.fixture
def as_application(application_role):  # noqa: F811
    """With exactly the rights that the application is given."""
    run("RESET ROLE")
    privileges.grant(application_role)
    run(f"SET LOCAL ROLE {application_role}")


def test_the_application_cannot_change_a_sheet_or_a_result(filled, as_application):
    before = results()
    for statement in (
        "UPDATE assessments_resultsheet SET lines = ''",
        "DELETE FROM assessments_resultsheet",
        "TRUNCATE assessments_resultsheet",
        "UPDATE assessments_indicatorresult SET points = 99",
        "DELETE FROM assessments_indicatorresult",
        "INSERT INTO assessments_indicatorresult (scorecard_id, points) VALUES (1, 99)",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            run(statement)
    assert results() == before


def test_the_application_starts_a_failed_scoring_from_clean_rows(
    filled, as_application, monkeypatch
):
    """What a failed run has written is removed by the application, which owns no table."""
    monkeypatch.setattr(scoring, "SMALLEST", 2)
    store = disk_full_after(1, monkeypatch)
    key = "2025-12"
    with pytest.raises(JobFailed, match="disk full"):
        filled.score(key)
    sheets = ResultSheet.objects.filter(scorecard__period__key=key)
    assert sheets.count() == 2
    monkeypatch.setattr(scoring_job.Chunks, "score", store)
    filled.score(key)
    assert (sheets.count(), filled.period(key).runs.count()) == (5, 1)


def test_results_of_a_scorecard_read_no_other_sheet(filled):
    card = filled.card("K0")
    run("SET LOCAL enable_seqscan = off")
    plan = results_of(card).explain()
    assert "Index Scan using assessments_resultsheet_pkey" in plan
    assert f"Index Cond: (scorecard_id = {card.pk})" in plan
