"""Figures by file and by call: a correction is a new version, a locked period takes none."""

from decimal import Decimal as D

import pytest

from assessments import services
from assessments.models import Measurement
from core.errors import BadRows


def test_corrected_figure_is_a_new_version_and_the_same_file_changes_nothing(company):
    company.hire("E1")
    row = ("courtesy_rate", "E1", "2025-11", 18, 20, "a")
    assert company.measure(row).created == 1
    assert company.measure(row).unchanged == 1
    assert company.measure((*row[:3], 19, 20, "a")).corrected == 1
    assert [m.version for m in Measurement.objects.order_by("version")] == [1, 2]
    assert company.measure((*row[:3], 1, 20, "a"), dry_run=True).corrected == 1
    assert Measurement.objects.count() == 2


def test_locked_period_takes_no_figures(company):
    company.scheme()
    company.hire("E1")
    row = ("courtesy_rate", "E1", "2025-11", 18, 20)
    company.measure(row)
    company.score("2025-Q4")
    assert company.measure(row).unchanged == 1
    for key in ("2025-11", "2025-Q4"):
        with pytest.raises(BadRows, match=r"row 2, column period: 2025-Q4 is locked"):
            company.measure(("courtesy_rate", "E1", key, 1, 20))
    assert company.measure(("courtesy_rate", "E1", "2025", 1, 20)).created == 1
    assert Measurement.objects.count() == 2


def test_bad_figures_are_named_all_and_none_is_taken(company):
    company.hire("E1")
    with pytest.raises(BadRows) as caught:
        company.measure(
            ("courtesy_rate", "E1", "2025-11", 18, 20),
            ("charm", "E1", "2025-11", 1, 2),
            ("courtesy_rate", "E9", "2025-11", 1, 2),
            ("courtesy_rate", "E1", "November", 1, 2),
            ("courtesy_rate", "E1", "2025-11", 3, 2, "b"),
            ("satisfaction", "E1", "2025-11", 1, 2),
            ("courtesy_rate", "E1", "2025-11", 18, 20),
        )
    assert [(e.row, e.column) for e in caught.value.errors] == [
        (3, "indicator_code"),
        (4, "employee_no"),
        (5, "period"),
        (6, "numerator"),
        (7, "indicator_code"),
        (8, "source_ref"),
    ]
    assert not Measurement.objects.exists()


def test_api_rows_are_taken_like_a_file(company):
    company.hire("E1")
    entry = {
        "indicator_code": "handling_time",
        "employee_no": "E1",
        "period": "2025-11",
        "numerator": D("90.5"),
        "denominator": 2,
    }
    assert services.record_measurements([entry], actor=company.admin).created == 1
    assert Measurement.objects.get().numerator == D("90.5")
    with pytest.raises(BadRows, match="row 1, column period"):
        services.record_measurements([{**entry, "period": "x"}], actor=company.admin)
