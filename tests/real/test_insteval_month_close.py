"""November 2025 of 73,421 real ratings closed by commands alone, by different people, to the end:
payroll out, one appeal upheld after it, the correction in December's batch, everything verified."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from openpyxl import load_workbook

pytestmark = pytest.mark.django_db(transaction=True)

INSTEVAL = Path(__file__).parents[2].parent / "shared" / "data" / "insteval"
POLICY = Path(__file__).parents[1] / "data" / "policy-lect-2025.json"
MONTH, NEXT = "2025-11", "2025-12"
PEOPLE = {
    "rev": "assessment", "app": "group", "rel": "assessment", "chair": "group",
    "hana": "hr", "hugo": "group", "inga": "assessment",
}  # fmt: skip
WHO, RESPONSE = "E0316", "IE044155"


def run(name, *words):
    out = StringIO()
    call_command(name, *map(str, words), stdout=out)
    return out.getvalue()


def refused(match, *words):
    with pytest.raises(CommandError, match=match):
        run(*words)


def november():
    """The appellant's answers of the month as the file has them, by response number."""
    with (INSTEVAL / "responses.csv").open(encoding="utf-8-sig") as file:
        return {
            row["response_no"]: int(row["q_overall"])
            for row in csv.DictReader(file)
            if row["employee_no"] == WHO and row["submitted_at"].startswith(MONTH)
        }


def composite(answers):
    """Mean on 0..100, then the scheme's line from 40 to 80, half-up to two places."""
    mean = sum(25 * (answer - 1) for answer in answers) / len(answers)
    return f"{(mean - 40) / 40 * 100 + 1e-9:.2f}"


def prepare(folder):
    for name, role in PEOPLE.items():
        run("create_user", name, "--role", role)
    run("import_roster", INSTEVAL / "departments.csv", INSTEVAL / "employees.csv")
    run("create_user", "eve", "--role", "employee", "--employee-no", WHO)
    run("import_questionnaire", INSTEVAL / "questionnaire.json")
    window = ("--from", "2025-07-01", "--to", "2025-12-31")
    run("open_survey", "LECT", "--questionnaire", "INSTEVAL", *window)
    run("import_responses", INSTEVAL / "responses.csv", "--survey", "LECT")
    run("import_scheme", INSTEVAL / "scheme.json")
    run("score_period", MONTH)
    run("import_policy", POLICY)
    simulated = run("simulate_policy", "LECT-2025", "--period", MONTH).splitlines()[0]
    evidence = {
        "consultation_record": "minutes of 2024-11-20",
        "publication_date": "2024-12-01",
        "acknowledgements_or_exceptions": "1128 signed",
        "impact_assessment_id": "PIA-2024-3",
        "simulation": int(simulated.removeprefix("SIMULATION ")),
        "management_group_approval": "chair",
    }
    path = folder / "evidence.json"
    path.write_text(json.dumps(evidence))
    run("activate_policy", "LECT-2025", "--actor", "chair", "--evidence", path)


def release_and_decide():
    confirm = run("show_period", MONTH).splitlines()[0].removeprefix("HASH ")
    for actor, verb in (("rev", "review"), ("app", "approve"), ("rel", "release")):
        refused(r"\S", f"{verb}_period", MONTH, "--actor", "hana", "--confirm", confirm)
        run(f"{verb}_period", MONTH, "--actor", actor, "--confirm", confirm)
        shown = run("show_period", MONTH).splitlines()[0]
        assert shown == f"HASH {confirm}"
    run("propose_incentives", MONTH)
    words = ("--approve-all", "--confirm", confirm)
    refused("management group", "decide_incentives", MONTH, "--actor", "rev", *words)
    run("decide_incentives", MONTH, "--actor", "chair", *words)


def pay(month, folder, *, lines, net):
    """Build to acknowledgement by two people; returns the rows of the sheet Payroll."""
    output = folder / f"{month}.xlsx"
    export = ("export_payroll", month, "--actor", "hana", "--output", output)
    run("payroll", "build", month, "--actor", "hana")
    refused("approved", *export)
    run("payroll", "validate", month, "--actor", "hana")
    refused("management group", "payroll", "approve", month, "--actor", "hana")
    run("payroll", "approve", month, "--actor", "hugo")
    run(*export)
    first = output.read_bytes()
    run(*export)
    assert output.read_bytes() == first
    acknowledge = ("payroll", "acknowledge", month, "--actor", "hana", "--lines", lines)
    refused("nothing was acknowledged", *acknowledge, "--total", "1.00")
    run(*acknowledge, "--total", net)
    header, *rows = load_workbook(output)["Payroll"].values
    return [dict(zip(header, row, strict=True)) for row in rows]


def appeal():
    """Filed by the person, upheld and carried out by others; the dry run's text."""
    number = run(
        "appeal", "file", "--actor", "eve", "--period", MONTH, "--response", RESPONSE,
        "--reason", "not my student", "--request", "leave it out",
    ).strip()  # fmt: skip
    run("appeal", "accept", number, "--actor", "inga")
    refused("You approved", "appeal", "investigate", number, "--actor", "app")
    run("appeal", "investigate", number, "--actor", "inga")
    shown = run("appeal", "dry_run", number, "--actor", "inga")
    confirm = shown.splitlines()[0].removeprefix("HASH ")
    words = ("--outcome", "upheld", "--reason", "another class", "--exclude", RESPONSE)
    decide = ("appeal", "decide", number, *words)
    refused("last dry run", *decide, "--actor", "hugo", "--confirm", "0" * 64)
    run(*decide, "--actor", "hugo", "--confirm", confirm)
    run("appeal", "execute", number, "--actor", "inga")
    run("appeal", "execute", number, "--actor", "inga")
    run("appeal", "close", number, "--actor", "inga")
    return number, shown


def verify():
    for command in ("verify_ledger", "verify_audit", "verify_rollups"):
        run(command)


def found_when_changed(command, sql):
    """The command passes, and fails while one row is changed behind the application's back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql)
            assert cursor.rowcount == 1
        with pytest.raises((CommandError, SystemExit)):
            run(command)
        transaction.set_rollback(True)
    run(command)


def test_a_month_is_closed_and_corrected_by_commands(tmp_path):
    prepare(tmp_path)
    release_and_decide()
    rows = pay(MONTH, tmp_path, lines=1129, net="1774900.00")
    (old,) = [row for row in rows if row["employee_no"] == WHO]
    assert len(rows) == 1129
    assert sum(row["amount"] for row in rows) == 1_774_900

    answers = november()
    number, shown = appeal()
    before = composite(answers.values())
    del answers[RESPONSE]
    after = composite(answers.values())
    assert (before, after) == ("56.25", "78.57")
    assert f"  composite: {before} -> {after}\n" in shown
    assert "  pay: for HR and the management group only\n" in shown  # Inga sees no pay

    undone, new = pay(NEXT, tmp_path, lines=2, net="800.00")
    original = f"{old['batch_no']}/{old['line_no']}"
    assert (old["amount"], undone["amount"], new["amount"]) == (800, 800, 1600)
    assert (undone["direction"], undone["kind"]) == ("deduct", "A")
    assert (new["direction"], new["kind"], new["remark"]) == ("add", None, f"{number} {original}")
    assert undone["reverses_line"] == original
    assert undone["period"] == new["period"] == MONTH

    lineage = run("show_lineage", f"{new['batch_no']}/{new['line_no']}")
    for response_no in answers:
        assert f"LECT/{response_no} " in lineage
    assert f"LECT/{RESPONSE} 2025-11-18: 0.00, not counted (by appeal)" in lineage
    assert f"appeal {number}: upheld, decided by hugo" in lineage

    verify()
    for command, sql in (
        ("verify_ledger", "UPDATE incentives_ledgerentry SET amount = 1 WHERE entry_no = 7"),
        ("verify_ledger", "UPDATE incentives_payrollline SET amount = 1 WHERE source_no = '"
         + new["source_no"] + "'"),
        ("verify_ledger", "UPDATE incentives_performancepay SET amount = 1 WHERE id ="
         " (SELECT min(id) FROM incentives_performancepay)"),
        ("verify_audit", "UPDATE core_auditentry SET verb = 'x' WHERE id ="
         " (SELECT min(id) FROM core_auditentry)"),
        ("verify_rollups", "UPDATE surveys_ratingrollup SET n = n + 1 WHERE id ="
         " (SELECT min(id) FROM surveys_ratingrollup)"),
    ):  # fmt: skip
        found_when_changed(command, sql)
