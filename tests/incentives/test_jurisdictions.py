"""import_jurisdictions: dated wage rules, a change is a new version."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command

from incentives.models import Jurisdiction
from incentives.queries.policies import jurisdiction_on

pytestmark = pytest.mark.django_db

HEADER = "city,monthly_minimum_wage,effective_from,social_insurance_on_top,fine_rule,source_note\n"
ROWS = "Shanghai,2490,2024-07-01,true,counsel,官方公布\nShenzhen,2360.00,2024-07-01,no,capped:10,\n"


@pytest.fixture
def load(tmp_path, capsys):
    def run(rows, *options):
        path = tmp_path / "cities.csv"
        path.write_text(HEADER + rows, encoding="utf-8")
        call_command("import_jurisdictions", str(path), *options)
        return capsys.readouterr().out.strip()

    return run


def test_rows_are_kept_once(load):
    assert load(ROWS) == "2 new, 0 changed, 0 unchanged"
    assert load(ROWS) == "0 new, 0 changed, 2 unchanged"
    row = Jurisdiction.objects.get(city="Shenzhen")
    assert (row.monthly_minimum_wage, row.fine_rule, row.fine_cap_percent) == (
        D("2360.00"),
        "capped",
        D("10.00"),
    )
    assert not row.social_insurance_on_top


def test_a_change_is_a_new_version_and_the_old_one_stays(load):
    load(ROWS)
    assert load(ROWS.replace("2490", "2590")) == "0 new, 1 changed, 1 unchanged"
    rows = Jurisdiction.objects.filter(city="Shanghai")
    assert [(row.version, row.monthly_minimum_wage) for row in rows] == [
        (1, D("2490.00")),
        (2, D("2590.00")),
    ]
    found = jurisdiction_on("Shanghai", dt.date(2025, 1, 1))
    assert found is not None
    assert found.version == 2


def test_the_rule_of_a_day_is_the_latest_before_it(load):
    load("Shanghai,2490,2024-07-01,true,no,\nShanghai,2740,2025-07-01,true,no,\n")
    days = [dt.date(2024, 6, 30), dt.date(2025, 6, 30), dt.date(2025, 7, 1)]
    found = [jurisdiction_on("Shanghai", day) for day in days]
    assert [row and row.monthly_minimum_wage for row in found] == [None, D("2490"), D("2740")]


def test_an_unknown_minimum_wage_may_stay_empty(load):
    load("Chengdu,,2024-07-01,false,no,\n")
    assert Jurisdiction.objects.get().monthly_minimum_wage is None


def test_every_fault_is_named_and_nothing_is_kept(load):
    rows = (
        ",2490,2024-07-01,true,no,\n"
        "Shanghai,-1,2024-07-01,true,no,\n"
        "Shanghai,2490,July,true,no,\n"
        "Shanghai,2490,2024-07-01,maybe,no,\n"
        "Shanghai,2490,2024-07-01,true,capped:101,\n"
        "Wuhan,2490,2024-07-01,true,no,\n"
        "Wuhan,2490,2024-07-01,true,no,\n"
    )
    with pytest.raises(CommandError) as found:
        load(rows)
    lines = str(found.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "row 2, column city",
        "row 3, column monthly_minimum_wage",
        "row 4, column effective_from",
        "row 5, column social_insurance_on_top",
        "row 6, column fine_rule",
        "row 8, column city",
    ]
    assert not Jurisdiction.objects.exists()


def test_a_dry_run_keeps_nothing(load):
    assert load(ROWS, "--dry-run") == "2 new, 0 changed, 0 unchanged (dry run)"
    assert not Jurisdiction.objects.exists()
