"""A correction recomputes one person with everything else frozen; a dry run writes nothing."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from assessments import services
from assessments.models import IndicatorResult, Scorecard
from assessments.queries import evidence_hash, group_of, lineage
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.models import AuditEntry
from core.permissions import Denied
from surveys.services import record_verdict
from tests.assessments.test_period_steps import KEY, forward
from tests.assessments.world import Company, courtesy


@pytest.fixture
def released(company):
    """E1 has ratings 1, 4, 4, 4, 4, 4 (one more was excluded); colleagues make a peer group."""
    company.scheme()
    company.hire("E1")
    company.numbers = company.answer("E1", 1, 4, 4, 4, 4, 4, 5)
    company.answer("E1", 5, 5, day="2025-10-05")
    record_verdict(
        company.response(company.numbers[-1]), "excluded", reason="test call", actor=company.admin
    )
    company.crowd()
    company.score()
    forward(company, "release")
    return company


def row_counts():
    return [model.objects.count() for model in (Scorecard, IndicatorResult, AuditEntry)]


def ids(company, *places):
    return [company.response(company.numbers[place]).id for place in places]


def test_dry_run_recomputes_with_the_frozen_group_and_writes_nothing(released):
    card = released.card("E1")
    before = row_counts()
    preview = services.preview_revision(card, exclude=ids(released, 0))
    assert (preview.before["satisfaction_n"], preview.after["satisfaction_n"]) == (6, 5)
    assert (preview.before["satisfaction_raw"], preview.after["satisfaction_raw"]) == (62.5, 75.0)
    assert (preview.before["composite"], preview.after["composite"]) == (D("56.25"), D("87.50"))
    assert (preview.before["grade"], preview.after["grade"]) == ("B", "B")
    group = group_of(card)
    b = 5 * group.icc / (1 + 4 * group.icc)
    assert preview.after["fair_score"] == pytest.approx(group.m + b * (75 - group.m), abs=1e-12)
    assert preview.frozen["m"] == group.m
    assert preview.changes is True
    assert row_counts() == before


def test_excluded_response_can_be_let_in(released):
    preview = services.preview_revision(released.card("E1"), include=ids(released, 6))
    assert preview.after["satisfaction_n"] == 7
    assert preview.after["satisfaction_raw"] == pytest.approx((0 + 5 * 75 + 100) / 7)


def test_nothing_chosen_changes_nothing(released):
    assert services.preview_revision(released.card("E1")).changes is False


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"exclude": [6]}, "does not count already"),
        ({"include": [0]}, "counts already"),
    ],
)
def test_a_response_that_already_stands_as_wished_is_refused(released, chosen, says):
    wished = {verb: ids(released, *places) for verb, places in chosen.items()}
    with pytest.raises(InvalidInput, match=says):
        services.preview_revision(released.card("E1"), **wished)


def test_response_of_another_person_or_period_is_refused(released):
    other = released.response("R10").id
    with pytest.raises(InvalidInput, match="not about this person"):
        services.preview_revision(released.card("E1"), exclude=[other])
    october = released.response("R8").id
    with pytest.raises(InvalidInput, match="not about this person in this period"):
        services.preview_revision(released.card("E1"), exclude=[october])


def test_executed_correction_is_a_new_version_and_touches_nobody_else(released):
    card = released.card("E1")
    others = list(Scorecard.objects.exclude(pk=card.pk).order_by("id").values())
    preview = services.preview_revision(card, exclude=ids(released, 0))
    new = services.revise_scorecard(card, preview, actor=released.approver, cause="appeal A-1")
    assert (new.version, new.supersedes_id, new.cause) == (2, card.pk, "appeal A-1")
    assert (new.composite, new.satisfaction_n, new.state) == (D("87.50"), 5, "released")
    assert new.is_current is True
    card.refresh_from_db()
    assert (card.is_current, card.state, card.composite) == (False, "revised", D("56.25"))
    rest = list(Scorecard.objects.exclude(pk__in=[card.pk, new.pk]).order_by("id").values())
    assert rest == others
    assert services.verify_scorecards() is None
    entry = AuditEntry.objects.get(verb="scorecard.revised")
    assert entry.data["excluded"] == [f"ALL/{released.numbers[0]}"]


def test_a_second_correction_builds_on_the_first(released):
    card = released.card("E1")
    preview = services.preview_revision(card, exclude=ids(released, 0))
    services.revise_scorecard(card, preview, actor=released.approver, cause="A-1")
    second = services.preview_revision(
        released.card("E1"), include=ids(released, 0, 6), exclude=ids(released, 1)
    )
    assert second.after["satisfaction_n"] == 6
    new = services.revise_scorecard(
        released.card("E1"), second, actor=released.approver, cause="A-2"
    )
    key = "ALL/" + released.numbers[1]
    assert new.facts["adjustments"] == {
        "excluded": [key],
        "included": ["ALL/" + released.numbers[6]],
    }
    with pytest.raises(InvalidInput, match="does not count already"):
        services.preview_revision(new, exclude=ids(released, 1))


def test_stale_preview_and_missing_cause_are_refused(released):
    card = released.card("E1")
    preview = services.preview_revision(card, exclude=ids(released, 0))
    with pytest.raises(InvalidInput, match="cause"):
        services.revise_scorecard(card, preview, actor=released.approver, cause=" ")
    services.revise_scorecard(card, preview, actor=released.approver, cause="A-1")
    with pytest.raises(Conflict, match="corrected meanwhile"):
        services.revise_scorecard(card, preview, actor=released.approver, cause="A-2")
    assert Scorecard.objects.filter(employee=card.employee, period=card.period).count() == 2


def test_own_score_and_unreleased_scores_are_not_corrected(company):
    company.scheme()
    company.hire("E1", user=company.reviewer)
    company.answer("E1", 1, *([4] * 5))
    company.score()
    card = company.card("E1")
    preview = services.preview_revision(card)
    with pytest.raises(Denied, match="your own"):
        services.revise_scorecard(card, preview, actor=company.reviewer, cause="x")
    with pytest.raises(InvalidTransition, match="not released"):
        services.revise_scorecard(card, preview, actor=company.approver, cause="x")
    assert Scorecard.objects.count() == 1


def test_appeal_states_and_acknowledgement(released):
    card = released.card("E1")
    with pytest.raises(Denied):
        services.acknowledge(card, actor=released.reviewer)
    assert services.put_under_appeal(card, actor=None).state == "under_appeal"
    with pytest.raises(InvalidTransition):
        services.put_under_appeal(card, actor=None)
    assert services.settle_appeal(card, actor=None, upheld=False).state == "released"
    services.put_under_appeal(card, actor=None)
    assert services.settle_appeal(card, actor=None).state == "upheld"


def test_lineage_reaches_each_response_with_its_reason_and_each_version(released):
    card = released.card("E1")
    preview = services.preview_revision(card, exclude=ids(released, 0))
    new = services.revise_scorecard(card, preview, actor=released.approver, cause="A-1")
    found = lineage(new)
    assert found["schemes"] == [{"code": "LECT-2025", "number": 1}]
    assert found["indicators"]["satisfaction"] == 1
    assert found["peer_group"]["group"] == "position:LECT"
    rows = {row["response_no"]: row for row in found["responses"]}
    assert len(rows) == 7
    assert sum(row["counted"] for row in rows.values()) == 5 == new.satisfaction_n
    assert rows[released.numbers[0]]["adjusted"] == "excluded"
    assert rows[released.numbers[6]]["verdict"] == "excluded"
    total = sum(row["person_score"] for row in rows.values() if row["counted"])
    assert found["results"][0]["numerator"] == D(total) / 10**6


def test_lineage_names_the_measurements_that_were_valid(company):
    company.scheme(items=[courtesy()])
    company.hire("E1")
    company.measure(("courtesy_rate", "E1", "2025-11", 18, 20, "audit"))
    company.measure(("courtesy_rate", "E1", "2025-11", 19, 20, "audit"))
    company.score()
    inputs = lineage(company.card("E1"))["results"][0]["inputs"]
    assert [(i["source_ref"], i["version"], i["numerator"]) for i in inputs] == [
        ("audit", 2, D(19))
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE assessments_scorecard SET composite = 99 WHERE id = %s",
        "DELETE FROM assessments_scorecard WHERE id = %s",
        "UPDATE assessments_indicatorresult SET points = 99 WHERE scorecard_id = %s",
        "DELETE FROM assessments_indicatorresult WHERE scorecard_id = %s",
        "UPDATE assessments_resultsheet SET lines = '' WHERE scorecard_id = %s",
        "DELETE FROM assessments_resultsheet WHERE scorecard_id = %s",
        "UPDATE assessments_scoringrun SET inputs_hash = '' WHERE id = (SELECT run_id FROM"
        " assessments_scorecard WHERE id = %s)",
        "DELETE FROM assessments_periodaction WHERE %s > 0",
        "UPDATE assessments_schemeversion SET effective_from = '2020-01-01' WHERE %s > 0",
    ],
)
def test_database_refuses_to_change_results(released, sql):
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        connection.cursor().execute(sql, [released.card("E1").pk])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE assessments_scorecard SET composite = 99 WHERE id = %s",
        "UPDATE assessments_resultsheet SET lines = replace(lines, 'ok', 'no_data')"
        " WHERE scorecard_id = %s",
        "UPDATE assessments_scorecard SET facts = jsonb_set(facts, '{months}', '3') WHERE id = %s",
        "DELETE FROM assessments_resultsheet WHERE scorecard_id = %s",
    ],
)
def test_a_row_changed_behind_the_applications_back_is_found(released, sql):
    card = released.card("E1")
    assert services.verify_scorecards() is None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, [card.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    broken = services.verify_scorecards()
    assert (broken.period, broken.employee_no, broken.version) == (KEY, "E1", 1)


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE assessments_scorecard SET corrected = true", "it is valid and should not be"),
        ("UPDATE assessments_scorecard SET state = 'computed'", "its state computed does not fit"),
        (
            "UPDATE assessments_schemeversion SET spec = jsonb_set(spec, '{code}', '\"X\"')",
            "the scheme was changed",
        ),
    ],
)
def test_validity_state_and_scheme_are_checked_too(released, sql, problem):
    assert services.verify_scorecards() is None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert services.verify_scorecards().problem.startswith(problem)


def test_a_scorecard_exchanged_with_its_hash_is_found_by_the_run(db):
    company = Company()
    company.scheme()
    for number, ratings in (("E1", [4] * 5), ("E2", [5] * 5)):
        company.hire(number)
        company.answer(number, *ratings)
    company.score()
    shown = evidence_hash(company.period())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE assessments_scoringrun SET evidence_hash = %s", [shown[::-1]])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert services.verify_scorecards().problem == "the run's scorecards do not give its hash"
