"""The ledger: append-only, chained, gapless, every deduction with a kind; tampering is found."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput, InvalidTransition
from incentives.models import LedgerEntry
from incentives.rules import chain
from incentives.services import ledger
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import propose_incentives
from tests.incentives import released

MONTH = dt.date(2025, 11, 1)


@pytest.fixture
def person(db):
    return released.employee(1)


@pytest.fixture
def entry(person):
    return ledger.NewEntry(
        employee_id=person.pk,
        month=MONTH,
        pay_item_code="OVERTIME",
        amount=D("100.00"),
        source_type=ledger.Source.WAGE_COMPONENT,
        source_no="W-1",
        reason_code="component",
        approval_no="A-1",
    )


@pytest.fixture
def posted(policy, november, director):
    """A decided month: six payments and a star."""
    released.staff(november, 6)
    propose_incentives("2025-11", actor=director)
    return decide_incentives("2025-11", actor=director, confirm=released.shown()).entries


def tamper(sql, *values):
    """Change rows behind the application's back, triggers asleep."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_entries_are_numbered_without_gaps_and_chained(entry, director):
    first, second = ledger.post([entry, entry], actor=director)
    (third,) = ledger.post([entry], actor=director)
    assert [row.entry_no for row in (first, second, third)] == [1, 2, 3]
    assert (first.prev_hash, second.prev_hash, third.prev_hash) == (
        "",
        first.row_hash,
        second.row_hash,
    )
    assert ledger.verify() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": D("-1.00")}, "a deduction needs a kind"),
        ({"amount": D("-1.00"), "kind": "F"}, "There is no kind F"),
        ({"amount": D("0.00")}, "a whole number of fen, not 0"),
        ({"amount": D("1.001")}, "a whole number of fen, not 0"),
        ({"month": dt.date(2025, 11, 2)}, "not the first day of a month"),
    ],
)
def test_what_the_law_or_the_books_forbid_is_refused_whole(entry, director, changes, words):
    with pytest.raises(InvalidInput, match=words):
        ledger.post([entry, replace(entry, **changes)], actor=director)
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_floats_never_reach_the_ledger(entry, director):
    with pytest.raises(TypeError):
        ledger.post([replace(entry, amount=1.5)], actor=director)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["A", "B", "C", "D", "E"])
def test_a_deduction_with_a_kind_is_posted(entry, director, kind):
    (row,) = ledger.post([replace(entry, amount=D("-1.00"), kind=kind)], actor=director)
    assert (row.amount, row.kind) == (D("-1.00"), kind)


@pytest.mark.django_db
def test_the_database_itself_refuses_a_deduction_without_a_kind(entry, director):
    (row,) = ledger.post([entry], actor=director)
    row.pk, row.entry_no, row.row_hash, row.amount = None, 2, "x", D("-5.00")
    with pytest.raises(IntegrityError, match="ledger_negative_needs_kind"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE incentives_ledgerentry SET amount = 1",
        "DELETE FROM incentives_ledgerentry",
        "TRUNCATE incentives_ledgerentry CASCADE",
    ],
)
def test_rows_cannot_be_changed_or_removed(entry, director, sql):
    ledger.post([entry], actor=director)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        # Pending foreign key checks would stop TRUNCATE before the trigger does.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {sql}")
    assert LedgerEntry.objects.get().amount == D("100.00")


@pytest.mark.django_db
def test_a_reversal_is_the_opposite_once(entry, director):
    (row,) = ledger.post([entry], actor=director)
    back = ledger.reverse(row, actor=director, reason="wrong month", approval_no="AP-1")
    assert (back.amount, back.kind, back.reverses) == (D("-100.00"), "A", row)
    assert (back.source_no, back.remark) == ("W-1", "wrong month")
    with pytest.raises(InvalidTransition, match="Entry 1 is reversed already"):
        ledger.reverse(row, actor=director, reason="again", approval_no="AP-1")
    with pytest.raises(InvalidTransition, match="Entry 2 is a reversal"):
        ledger.reverse(back, actor=director, reason="back", approval_no="AP-1")
    assert LedgerEntry.objects.aggregate(total=Sum("amount"))["total"] == 0
    assert ledger.verify() is None


@pytest.mark.django_db
def test_the_reversal_of_a_deduction_pays_and_needs_no_kind(entry, director):
    (row,) = ledger.post([replace(entry, amount=D("-30.00"), kind="E")], actor=director)
    back = ledger.reverse(row, actor=director, reason="was present", approval_no="AP-1")
    assert (back.amount, back.kind) == (D("30.00"), "")


amounts = st.lists(
    st.tuples(st.integers(-500_000, 500_000).filter(bool), st.booleans()), min_size=1, max_size=8
)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts)
def test_the_ledger_always_sums(entry, director, figures):
    """What was posted and not reversed is what the ledger adds up to, and the chain holds."""
    with transaction.atomic():
        rows = ledger.post(
            [
                replace(entry, amount=D(fen).scaleb(-2), kind="" if fen > 0 else "B")
                for fen, _back in figures
            ],
            actor=director,
        )
        for row, (_fen, back) in zip(rows, figures, strict=True):
            if back:
                ledger.reverse(row, actor=director, reason="test", approval_no="T")
        kept = sum(fen for fen, back in figures if not back)
        total = LedgerEntry.objects.aggregate(total=Sum("amount"))["total"]
        assert total == D(kept).scaleb(-2)
        assert ledger.verify() is None
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "row", "words"),
    [
        ("UPDATE incentives_ledgerentry SET amount = 2500 WHERE entry_no = 3", 3, "was changed"),
        ("UPDATE incentives_ledgerentry SET remark = 'x' WHERE entry_no = 1", 1, "was changed"),
        ("DELETE FROM incentives_ledgerentry WHERE entry_no = 4", 4, "is missing; the next"),
        ("DELETE FROM incentives_ledgerentry WHERE entry_no = 7", 8, "there is no entry for"),
        (
            "UPDATE incentives_ledgerentry SET prev_hash = 'x' WHERE entry_no = 5",
            5,
            "does not follow",
        ),
        (
            "UPDATE incentives_performancepay SET amount = 9000 WHERE id ="
            " (SELECT performance_pay_id FROM incentives_ledgerentry WHERE entry_no = 2)",
            2,
            "its source 2025-11-1/PAY/E0002 was changed",
        ),
        (
            "UPDATE incentives_award SET amount = 9000 WHERE rank = 1",
            7,
            "its source 2025-11-1/SATISFACTION_STAR/E0001 was changed",
        ),
        (
            "UPDATE assessments_scorecard SET content_hash = 'x' WHERE id ="
            " (SELECT scorecard_id FROM incentives_ledgerentry WHERE entry_no = 6)",
            6,
            "the scorecard behind 2025-11-1/PAY/E0006 was changed",
        ),
    ],
)
def test_a_row_changed_behind_the_applications_back_is_found(posted, sql, row, words):
    assert ledger.verify() is None
    tamper(sql)
    broken = ledger.verify()
    assert broken is not None
    # The last entry cut off leaves nothing to point at but the number that should follow.
    assert broken.entry_no == (7 if row == 8 else row)
    assert words in broken.problem
    with pytest.raises(CommandError, match=f"ledger broken at entry {broken.entry_no}"):
        call_command("verify_ledger")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "UPDATE incentives_award SET reason_code = 'won' WHERE rank = 2",
            "ledger broken: its source 2025-11-1/SATISFACTION_STAR/E0002 was changed",
        ),
        (
            "DELETE FROM incentives_award WHERE rank = 3",
            "ledger broken: rows of proposal 2025-11-1 are missing",
        ),
        (
            "UPDATE incentives_award SET state = 'rejected' WHERE rank = 1",
            "entry 7: its source 2025-11-1/SATISFACTION_STAR/E0001 says it was not posted",
        ),
        (
            "UPDATE incentives_performancepay SET state = 'rejected' WHERE id ="
            " (SELECT performance_pay_id FROM incentives_ledgerentry WHERE entry_no = 2)",
            "entry 2: its source 2025-11-1/PAY/E0002 says it was not posted",
        ),
        (
            "DELETE FROM assessments_scorecard WHERE id ="
            " (SELECT scorecard_id FROM incentives_ledgerentry WHERE entry_no = 6)",
            "entry 6: the scorecard behind 2025-11-1/PAY/E0006 is missing",
        ),
        (
            "UPDATE incentives_policyversion SET spec = jsonb_set(spec, '{code}', '\"X\"')",
            "ledger broken: policy LECT-2025 v1 was changed",
        ),
    ],
)
def test_what_was_decided_beside_the_entries_is_checked_too(posted, sql, words):
    assert ledger.verify() is None
    # A row pointing at nothing is what tampering leaves; it is taken back with the transaction.
    with transaction.atomic():
        tamper(sql)
        with override("en"):
            assert words in str(ledger.verify())
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_rehashed_row_still_breaks_the_chain(posted):
    """Someone who knows the hash changes a row and its hash: the next row gives it away."""
    row = LedgerEntry.objects.get(entry_no=3)
    row.amount = D("2500.00")
    forged = ledger._hash(row.prev_hash, row)
    tamper(
        "UPDATE incentives_ledgerentry SET amount = 2500, row_hash = %s WHERE entry_no = 3", forged
    )
    broken = ledger.verify()
    assert broken is not None
    assert broken.entry_no == 3
    assert "says another amount" in broken.problem


def test_hashes_are_canonical():
    assert chain.canonical({"b": D("1.50"), "a": [MONTH, None, "中"]}) == (
        '{"a":["2025-11-01",null,"中"],"b":"1.50"}'
    )
    with pytest.raises(TypeError):
        chain.canonical({"a": 1.5})
    with pytest.raises(TypeError):
        chain.canonical({"a": object()})
