"""Scores of 73,421 real ratings: equal to the reference, in any order, twice the same bytes."""

import csv
import json
import random
from datetime import date, datetime
from math import fsum, sqrt
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from assessments import services
from assessments.models import Period, Scorecard
from assessments.queries import evidence_hash
from assessments.queries.answers import period_sums
from assessments.rules import fair, floors, peers
from assessments.rules.fair import Sums
from core.commands import operator
from core.models import User
from core.workdays import SHANGHAI
from organization.services import assign_role
from surveys.models import Rating

pytestmark = pytest.mark.django_db

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
INSTEVAL = SHARED / "insteval"
REFERENCE = SHARED / "reference"
LATER = datetime(2026, 3, 1, tzinfo=SHANGHAI)


def run(name, *args):
    call_command(name, *map(str, args), verbosity=0)


def load(responses):
    """Everything that stands before scoring, by the product's own commands."""
    run("import_roster", INSTEVAL / "departments.csv", INSTEVAL / "employees.csv")
    run("import_questionnaire", INSTEVAL / "questionnaire.json")
    window = ("--from", "2025-01-01", "--to", "2025-12-31")
    run("open_survey", "LECT", "--questionnaire", "INSTEVAL", *window)
    run("import_scheme", INSTEVAL / "scheme.json")
    run("import_responses", responses, "--survey", "LECT")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The file imported once for all tests of this module, and taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(INSTEVAL / "responses.csv")
        yield
        transaction.set_rollback(True)


def score(key):
    return services.score_period(key, actor=operator(), now=LATER)


def reference():
    with (REFERENCE / "insteval_fair_year.csv").open() as file:
        return {row["employee_no"]: row for row in csv.DictReader(file)}


def cards(key):
    rows = Scorecard.objects.current().filter(period__key=key).select_related("employee")
    return {card.employee.employee_no: card for card in rows}


def totals():
    """employee number -> exact sums of the year, over departments."""
    sums = {}
    for row in period_sums(date(2025, 1, 1), date(2025, 12, 31), as_of=None):
        n, total, squares = sums.get(row.employee, (0, 0, 0))
        sums[row.employee] = (n + row.n, total + row.total, squares + row.sumsq)
    return {number: Sums(*values) for number, values in sums.items()}


def fair_scores(group):
    """What the engine gives before the floors hide it."""
    return {
        number: fair.shrink(own.n, own.mean, m=group.m, icc=group.icc, tau2=group.tau2)
        for number, own in totals().items()
    }


def test_variances_and_fair_scores_of_the_year_equal_the_reference(world):
    group = peers.from_json(score("2025").frozen["LECT"])
    expected = json.loads((REFERENCE / "insteval_fair_year.json").read_text())
    for name, value in expected.items():
        assert getattr(group, name) == pytest.approx(value, rel=1e-12, abs=1e-9), name
    assert group.group == "position:LECT"
    wanted, stored = reference(), cards("2025")
    sums, own = totals(), fair_scores(group)
    assert wanted.keys() == sums.keys() == stored.keys()
    for number, row in wanted.items():
        person, card, got = sums[number], stored[number], own[number]
        figures = (person.mean, got.fair, got.low, got.high)
        names = ("mean", "fair_score", "fair_low", "fair_high")
        for figure, name in zip(figures, names, strict=True):
            assert figure == pytest.approx(float(row[name]), abs=1e-9), (number, name)
        assert card.satisfaction_n == person.n == int(row["n"])
        shown = (card.satisfaction_raw, card.fair_score, card.fair_low, card.fair_high)
        assert shown == (figures if person.n >= 5 else (None, None, None, None))


def test_fair_scores_agree_with_mixed_models_of_r(world):
    """lmer with the person alone, with the rater beside it, and with the department."""
    group = peers.from_json(score("2025").frozen["LECT"])
    own = fair_scores(group)
    effects = {}
    with (REFERENCE / "insteval_lmer_blup.csv").open() as file:
        for row in csv.DictReader(file):
            if row["grp"] == "d":
                effects.setdefault(row["model"], {})[f"E{int(row['level']):04d}"] = row["blup"]
    found = {
        model: correlation([(own[no].fair, float(blup[no])) for no in sorted(own)])
        for model, blup in effects.items()
    }
    assert round(found["m1_d"], 5) == 0.99999
    assert round(found["m2_s_d"], 3) == 0.994
    assert round(found["m3_s_d_dept"], 3) == 0.991


def correlation(pairs):
    n = len(pairs)
    mx, my = fsum(x for x, _ in pairs) / n, fsum(y for _, y in pairs) / n
    xy = fsum((x - mx) * (y - my) for x, y in pairs)
    xx, yy = fsum((x - mx) ** 2 for x, _ in pairs), fsum((y - my) ** 2 for _, y in pairs)
    return xy / sqrt(xx * yy)


@pytest.mark.parametrize(
    ("key", "counted", "people"), [("2025-11", 16297, 1079), ("2025-Q4", None, None)]
)
def test_month_and_quarter_are_scored_and_verified(world, tmp_path, key, counted, people):
    scored = score(key)
    period = Period.objects.get(key=key)
    group = scored.frozen["LECT"]
    inside = Rating.objects.filter(
        answered_on__range=(period.first_day, period.last_day), person_score__isnull=False
    ).count()
    assert sum(card.satisfaction_n for card in cards(key).values()) == inside
    assert counted in (None, inside)
    assert people in (None, group["J"])
    assert len(cards(key)) == 1128
    assert services.verify_scorecards() is None
    run("export_scores", key, "--output", tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text("utf-8-sig").splitlines()))
    assert [row["employee_no"] for row in rows] == sorted(row["employee_no"] for row in rows)
    for row in rows:
        enough = int(row["satisfaction_n"]) >= 5
        assert bool(row["satisfaction_raw"]) == bool(row["fair_score"]) == enough
        assert (row["status"] == "assessed") == enough


def test_scoring_twice_gives_identical_bytes(world, tmp_path):
    first = score("2025-Q4")
    run("export_scores", "2025-Q4", "--output", tmp_path / "a.csv")
    assert score("2025-Q4").pk == first.pk
    shown = evidence_hash(first.period)
    # A second computation of the same facts: the run before is sent back and withdrawn.
    assistant = User.objects.create_user("assistant")
    assign_role(assistant, "assessment", actor=None)
    services.send_back_period("2025-Q4", actor=assistant, reason="once more")
    Period.objects.filter(key="2025-Q4").update(current_run=None)
    second = score("2025-Q4")
    assert second.number == first.number + 1
    run("export_scores", "2025-Q4", "--output", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    second.period.refresh_from_db()
    assert evidence_hash(second.period) == shown


def test_without_differences_between_people_a_quarter_would_be_flagged_with_them_none(world):
    """The consequence test on real people: sampling error alone flags 124, with tau2 none."""
    group = peers.from_json(score("2025").frozen["LECT"])
    enough = [card for card in cards("2025").values() if card.satisfaction_n >= 45]
    assert len(enough) == 455
    flagged = [
        card
        for card in enough
        if card.satisfaction_raw
        < group.m - floors.PENALTY_Z * sqrt(group.msw / card.satisfaction_n)
    ]
    assert len(flagged) == 124
    alarms = [
        floors.is_alarming(
            card.satisfaction_n,
            card.satisfaction_raw,
            m=group.m,
            tau2=group.tau2,
            msw=group.msw,
            fair_high=card.fair_high,
            threshold=100.0,
        )
        for card in enough
    ]
    assert not any(alarms)


def test_order_of_import_never_changes_a_score(db, tmp_path):
    with (INSTEVAL / "responses.csv").open(encoding="utf-8-sig") as file:
        header, *lines = file.read().splitlines()
    some = lines[::15]
    shown = []
    for seed in (None, 7):
        order = list(some)
        if seed is not None:
            random.Random(seed).shuffle(order)
        path = tmp_path / f"{seed}.csv"
        path.write_text("\n".join([header, *order]) + "\n", encoding="utf-8")
        with transaction.atomic():
            load(path)
            shown.append(evidence_hash(score("2025-Q4").period))
            run("export_scores", "2025-Q4", "--output", tmp_path / f"scores-{seed}.csv")
            transaction.set_rollback(True)
    assert shown[0] == shown[1]
    assert (tmp_path / "scores-None.csv").read_bytes() == (tmp_path / "scores-7.csv").read_bytes()
