"""Two reviewers decide about the same group at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError

from core.errors import Conflict, InvalidInput
from core.models import AuditEntry
from core.permissions import Denied
from organization.models import Employee
from surveys import services
from surveys.models import Verdict
from surveys.services import deciding
from tests.surveys.cleaning_world import sums_agree
from tests.surveys.conftest import answer
from tests.surveys.test_desk_pages import account, doubt
from tests.surveys.test_locks import PATIENCE, InThread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(world):
    """Two answers that wait, as both reviewers see them."""
    world.send(answer(1, device="p"), answer(2, device="p"))
    rows = doubt(world, 1, 2)
    return world, rows, {row.id: 2 for row in rows}


def at_once(world, rows, seen, monkeypatch):
    """Both decide: the first is held before it commits until the second has asked too."""
    inside, go = threading.Event(), threading.Event()
    record = deciding.audit.record

    def held(actor, *args, **options):
        if actor is not None and actor.username == "first" and not inside.is_set():
            inside.set()
            assert go.wait(PATIENCE)
        return record(actor, *args, **options)

    monkeypatch.setattr(deciding.audit, "record", held)
    first, second = account("first", "executor"), account("second", "analyst")

    def decide(actor, verdict):
        return services.record_verdicts(
            world.survey, rows, verdict, reason=f"of {actor.username}", actor=actor, seen=seen
        )

    winner = InThread(lambda: decide(first, "excluded"))
    assert inside.wait(PATIENCE), winner.outcome
    loser = InThread(lambda: decide(second, "counted"))
    loser.join(0.5)  # it now waits for the month, or without the lock for the first one's rows
    go.set()
    return winner.result(), loser.result()


def test_one_wins_the_other_is_told_and_nothing_is_mixed(group, monkeypatch) -> None:
    world, rows, seen = group
    won, lost = at_once(world, rows, seen, monkeypatch)
    assert [each.verdict for each in won] == ["excluded", "excluded"]
    assert isinstance(lost, Conflict)
    decided = Verdict.objects.filter(decided_by__isnull=False)
    assert {(v.reason, v.seq) for v in decided} == {("of first", 3)}
    assert decided.count() == 2
    assert sums_agree()


def test_control_without_the_lock_the_second_breaks_off_with_an_error(group, monkeypatch) -> None:
    world, rows, seen = group
    monkeypatch.setattr(deciding, "take_months", lambda *args, **options: None)
    _won, lost = at_once(world, rows, seen, monkeypatch)
    assert isinstance(lost, IntegrityError)


def test_a_group_is_decided_whole_or_not_at_all(group) -> None:
    world, rows, _seen = group
    own = account("own", "analyst", employee=Employee.objects.get(employee_no="E3"))
    world.send(answer(3, employee_no="E3"))
    rows = [*rows, *doubt(world, 3)]
    reviewer = account("reviewer", "executor")
    before = AuditEntry.objects.count()
    with pytest.raises(Denied, match="evaluates you"):
        services.record_verdicts(world.survey, rows, "excluded", reason="x", actor=own)
    stale = {rows[0].id: 2, rows[1].id: 1}
    with pytest.raises(Conflict):
        services.record_verdicts(
            world.survey, rows, "excluded", reason="x", actor=reviewer, seen=stale
        )
    for verdict, reason, chosen in (("review", "x", rows), ("excluded", " ", rows),
                                    ("excluded", "x", [])):  # fmt: skip
        with pytest.raises(InvalidInput):
            services.record_verdicts(world.survey, chosen, verdict, reason=reason, actor=reviewer)
    assert Verdict.objects.filter(decided_by__isnull=False).count() == 0
    assert AuditEntry.objects.count() == before
    assert sums_agree()
