"""The commands of payroll: what they print, refuse, and leave alone."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from core.models import AuditEntry
from core.months import last_of
from incentives.models import PayrollBatch, Recovery, WageComponent
from incentives.rules.months import first_of_month
from incentives.services import ledger, payroll
from tests.incentives.company import NOVEMBER, account

MONTH = "2025-11"


@pytest.fixture
def run(capsys):
    def call(name, *words):
        call_command(name, *map(str, words))
        return capsys.readouterr().out

    return call


def test_a_debt_is_recorded_as_it_was_typed_or_not_at_all(company, run, hana, hugo):
    company.hire("E0001")
    words = (
        "record_recovery", "--employee-no", "E0001", "--decided-by", "hugo", "--decided-on",
        "2025-11-03", "--notice-on", "2025-11-04", "--contract-clause", "12", "--cause", "report 7",
        "--actor", "hana", "--amount",
    )  # fmt: skip
    for amount in ("100.005", "abc", "0", "99999999999"):
        with pytest.raises(CommandError):
            run(*words, amount)
    assert not Recovery.objects.exists()


@pytest.fixture
def paid(company, hana, hugo):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    return company


def test_a_month_by_commands(paid, run, tmp_path):
    recovery = run(
        "record_recovery", "--employee-no", "E0001", "--amount", "3000", "--decided-by", "hugo",
        "--decided-on", "2025-11-03", "--notice-on", "2025-11-04", "--contract-clause", "12",
        "--cause", "report 7", "--actor", "hana",
    )  # fmt: skip
    number = Recovery.objects.get().recovery_no
    assert recovery == f"{number}: 3000.00 CNY, kind C\n"
    built = run("payroll", "build", MONTH, "--actor", "hana").splitlines()
    assert built == [
        "PB-2025-11 is building: 2 lines, 1 people, net 800.00 CNY",
        "  DED-LOSS 2025-11 (C): 1  +0.00  -1200.00",
        "  PERF-PAY 2025-11: 1  +2000.00  -0.00",
        f"warning: E0001: of {number} 1200.00 is taken, 1800.00 carried over (cap).",
    ]
    run("payroll", "validate", MONTH, "--actor", "hana")
    run("payroll", "approve", MONTH, "--actor", "hugo")
    output = tmp_path / "pay.xlsx"
    assert "2 lines, net 800.00 CNY" in run(
        "export_payroll", MONTH, "--actor", "hana", "--output", output
    )
    first = output.read_bytes()
    with pytest.raises(CommandError, match="nothing was acknowledged"):
        run("payroll", "acknowledge", MONTH, "--lines", 2, "--total", "2000", "--actor", "hana")
    run("payroll", "acknowledge", MONTH, "--lines", 2, "--total", "800", "--actor", "hana")
    run("payroll", "close", MONTH, "--actor", "hana")
    again = tmp_path / "again.xlsx"
    run("export_payroll", MONTH, "--actor", "hana", "--output", again)
    assert again.read_bytes() == first
    assert "PB-2025-11 is closed" in run("payroll", "show", MONTH, "--actor", "hugo")
    rows = list(load_workbook(output)["Payroll"].values)
    assert [row[1] for row in rows[1:]] == [1, 2]
    lineage = run("show_lineage", "PB-2025-11/2")
    for piece in (
        "PB-2025-11/2: E0001, DED-LOSS 2025-11, -1200.00 CNY, C\n",
        f"{number}: 3000.00 CNY, decided on 2025-11-03 by hugo",
        "wage 6000.00, not counted 0.00, minimum 2490.00: cap 1200.00, room 3510.00",
        "batch approved by hugo",
    ):
        assert piece in lineage
    assert AuditEntry.objects.filter(verb="payroll.lineage_seen").count() == 1
    assert ledger.verify() is None
    assert payroll.verify() is None


def test_nothing_is_exported_before_approval(paid, run, tmp_path):
    run("payroll", "build", MONTH, "--actor", "hana")
    output = tmp_path / "pay.xlsx"
    with pytest.raises(CommandError, match="No payroll batch of 2025-11 is approved"):
        run("export_payroll", MONTH, "--actor", "hana", "--output", output)
    assert not output.exists()


def test_an_earlier_batch_of_the_month_is_exported_by_its_number(paid, run, tmp_path):
    for sequence, number in enumerate(("E0001", "E0002"), start=1):
        if sequence == 2:
            paid.hire("E0002")
            paid.pay("E0002")
        for step, who in (("build", "hana"), ("validate", "hana"), ("approve", "hugo")):
            run("payroll", step, MONTH, "--actor", who)
        said = run(
            "export_payroll", MONTH, "--actor", "hana", "--output", tmp_path / f"{number}.xlsx"
        )
        assert said.startswith("PB-2025-11:" if sequence == 1 else "PB-2025-11-2:")
        run("payroll", "acknowledge", MONTH, "--lines", 1, "--total", "2000", "--actor", "hana")
    again = tmp_path / "again.xlsx"
    run("export_payroll", MONTH, "--actor", "hana", "--output", again, "--batch", "PB-2025-11")
    assert again.read_bytes() == (tmp_path / "E0001.xlsx").read_bytes()


@pytest.mark.parametrize("words", [("build", "2025-13"), ("build", "2025-1"), ("show", "2025-10")])
def test_a_wrong_month_or_none_is_refused(paid, run, words):
    with pytest.raises(CommandError):
        run("payroll", *words, "--actor", "hana")
    assert not PayrollBatch.objects.exists()


def test_the_operator_neither_builds_nor_sees_a_batch(paid, run):
    for words in (("payroll", "build", MONTH), ("payroll", "show", MONTH)):
        with pytest.raises(CommandError, match=r"HR"):
            run(*words)


def test_lineage_is_for_those_who_see_pay_and_for_the_person(paid, run):
    run("payroll", "build", MONTH, "--actor", "hana")
    employee = paid.people["E0001"]
    employee.user = account("emil", "employee")
    employee.save()
    account("anna", "analyst")
    assert "PB-2025-11/1" in run("show_lineage", "PB-2025-11/1", "--actor", "emil")
    with pytest.raises(CommandError, match="HR and the management group"):
        run("show_lineage", "PB-2025-11/1", "--actor", "anna")


def test_wage_components_come_by_file_and_every_fault_is_named(paid, run, tmp_path):
    good = tmp_path / "good.csv"
    good.write_text("employee_no,month,component,amount\nE0001,2025-11,overtime_pay,600.00\n")
    assert run("import_wage_components", good, "--actor", "hana") == (
        "1 new, 0 corrected, 0 unchanged\n"
    )
    assert run("import_wage_components", good, "--actor", "hana") == (
        "0 new, 0 corrected, 1 unchanged\n"
    )
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "employee_no,month,component,amount\n"
        "E0001,2025-11,overtime_pay,700.00\n"
        "E9999,2025-13,tips,-1\n"
        "E0001,2025-11,heat_allowance,1.005\n"
        "E0001,2025-11,overtime_pay,1\n"
        "E0001,2025-11,,\n"
    )
    with pytest.raises(CommandError) as refused:
        run("import_wage_components", bad, "--actor", "hana")
    places = [line.split(":")[0] for line in str(refused.value).splitlines()]
    assert places == [
        "row 3, column amount",
        "row 3, column component",
        "row 3, column employee_no",
        "row 3, column month",
        "row 4, column amount",
        "row 5, column component",
        "row 6, column amount",
        "row 6, column component",
    ]
    assert WageComponent.objects.get().amount == Decimal("600.00")
    dry = tmp_path / "dry.csv"
    dry.write_text("employee_no,month,component,amount\nE0001,2025-11,overtime_pay,1.00\n")
    run("import_wage_components", dry, "--dry-run", "--actor", "hana")
    assert WageComponent.objects.get().amount == Decimal("600.00")


def test_months_are_written_one_way():
    assert first_of_month("2025-11") == NOVEMBER
    assert last_of(NOVEMBER).isoformat() == "2025-11-30"
    for text in ("2025-00", "2025-13", "2025-1", "25-11", "2025-11-01", "٢٠٢٥-١١", "0000-01", ""):
        assert first_of_month(text) is None
