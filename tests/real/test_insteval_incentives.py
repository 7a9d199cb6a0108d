"""A month of real ratings turned into a star, performance pay and a ledger, by commands alone."""

import csv
import json
from collections import Counter
from decimal import Decimal as D
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments.models import Scorecard
from core.rounding import half_up
from incentives.models import Award, LedgerEntry, PerformancePay, Proposal

pytestmark = pytest.mark.django_db

INSTEVAL = Path(__file__).parents[2].parent / "shared" / "data" / "insteval"
POLICY = Path(__file__).parents[1] / "data" / "policy-lect-2025.json"
PERIODS = ("2025-11", "2025-Q4")
PEOPLE = {"reviewer": "review", "approver": "approve", "releaser": "release"}


def run(name, *args):
    out = StringIO()
    call_command(name, *map(str, args), stdout=out)
    return out.getvalue()


def shown(period):
    first = run("show_period", period).splitlines()[0]
    return first.removeprefix("HASH ")


def release(period):
    run("score_period", period)
    for actor, verb in PEOPLE.items():
        run(f"{verb}_period", period, "--actor", actor, "--confirm", shown(period))


def activate(folder):
    run("import_policy", POLICY)
    simulated = run("simulate_policy", "LECT-2025", "--period", "2025-11").splitlines()
    evidence = {
        "consultation_record": "minutes of 2024-11-20",
        "publication_date": "2024-12-01",
        "acknowledgements_or_exceptions": "1128 signed",
        "impact_assessment_id": "PIA-2024-3",
        "simulation": int(simulated[0].removeprefix("SIMULATION ")),
        "management_group_approval": "chair",
    }
    path = folder / "evidence.json"
    path.write_text(json.dumps(evidence))
    run("activate_policy", "LECT-2025", "--actor", "chair", "--evidence", path)
    return simulated


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, tmp_path_factory):
    """From the file to the ledger, once for all tests of this module; what the commands said."""
    folder = tmp_path_factory.mktemp("insteval")
    with django_db_blocker.unblock(), transaction.atomic():
        run("import_roster", INSTEVAL / "departments.csv", INSTEVAL / "employees.csv")
        run("import_questionnaire", INSTEVAL / "questionnaire.json")
        run(
            "open_survey", "LECT", "--questionnaire", "INSTEVAL",
            "--from", "2025-01-01", "--to", "2025-12-31",
        )  # fmt: skip
        run("import_responses", INSTEVAL / "responses.csv", "--survey", "LECT")
        run("import_scheme", INSTEVAL / "scheme.json")
        for name in PEOPLE:
            run("create_user", name, "--role", "assessment")
        run("create_user", "chair", "--role", "group")
        for period in PERIODS:
            release(period)
        said = {"simulate": activate(folder)}
        for period in PERIODS:
            said["propose", period] = run("propose_incentives", period).splitlines()
            said["decide", period] = run(
                "decide_incentives", period, "--actor", "chair",
                "--approve-all", "--confirm", shown(period),
            ).splitlines()  # fmt: skip
        yield said
        transaction.set_rollback(True)


def answers(months):
    """Employee number -> number of ratings in the months, from the file alone."""
    with (INSTEVAL / "responses.csv").open(encoding="utf-8-sig") as file:
        return Counter(
            row["employee_no"] for row in csv.DictReader(file) if row["submitted_at"][:7] in months
        )


def test_everybody_is_paid_by_grade_and_the_unassessed_in_full(told):
    grades = Counter(
        Scorecard.objects.current().filter(period__key="2025-11").values_list("grade", flat=True)
    )
    rates = {"A": D("1.2"), "B": D(1), "C": D("0.8"), "D": D("0.6"), "E": D("0.4"), "": D(1)}
    total = sum(2000 * rates[grade] * count for grade, count in grades.items())
    assert sum(grades.values()) == 1128
    assert sum(row.amount for row in PerformancePay.objects.all()) == total
    assert f"performance pay (banded): 1128 people, {total:.2f} in all" in " ".join(
        told["propose", "2025-11"]
    )


def test_the_star_is_who_the_file_says(told):
    """Eligible, places and order worked out again in plain Python."""
    counts = answers({"2025-11"})
    cards = Scorecard.objects.current().filter(period__key="2025-11")
    eligible = [
        (-half_up(card.fair_low, 2), -counts[card.employee.employee_no], card.employee.employee_no)
        for card in cards.select_related("employee")
        if counts[card.employee.employee_no] >= 30 and card.grade in ("A", "B")
    ]
    rows = Award.objects.filter(proposal__period__key="2025-11")
    assert rows.count() == 1128
    assert rows.exclude(rank=None).count() == len(eligible) > 5
    places = max(1, len(eligible) * 5 // 100)
    winners = {number for _low, _n, number in sorted(eligible)[:places]}
    posted = rows.filter(state="posted").values_list("employee__employee_no", flat=True)
    assert set(posted) == winners
    few = rows.filter(reason_code="too_few_answers").values_list("employee__employee_no", flat=True)
    assert set(few) == {card.employee.employee_no for card in cards} - {
        number for number, n in counts.items() if n >= 30
    }


def test_the_quarter_decides_nothing_the_month_decided_itself(told):
    quarter = Proposal.objects.get(period__key="2025-Q4")
    assert quarter.status == "decided"
    assert not quarter.awards.exists()
    assert not quarter.payments.exists()
    assert (
        "  not proposed, so not known to fall back: 2025-10, 2025-12" in told["propose", "2025-Q4"]
    )


def test_the_simulation_said_what_the_proposal_pays(told):
    stars = sum(row.amount + row.prize_value for row in Award.objects.filter(state="posted"))
    paid = sum(row.amount for row in PerformancePay.objects.all())
    (line,) = [line for line in told["simulate"] if line.startswith("cost: ")]
    assert line.startswith(f"cost: {stars + paid} (awards {stars}, performance pay {paid};")


def test_the_ledger_holds_and_a_changed_row_is_found(told):
    count = LedgerEntry.objects.count()
    assert run("verify_ledger") == f"ledger ok: {count} entries\n"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE incentives_ledgerentry SET amount = 9999 WHERE entry_no = 500")
        with pytest.raises(CommandError, match="ledger broken at entry 500: the row was changed"):
            run("verify_ledger")
        transaction.set_rollback(True)
    assert run("verify_ledger") == f"ledger ok: {count} entries\n"


def test_proposing_again_changes_nothing(told):
    said = run("propose_incentives", "2025-11").splitlines()
    assert said[0].startswith("PROPOSAL 2025-11-1 unchanged (decided)")
    assert said[1:] == told["propose", "2025-11"][1:]
