"""A policy that takes effect while a period is decided: never both, whoever comes first."""

from typing import Any

import pytest
from django.db import transaction

from core.errors import InvalidTransition
from core.models import User
from incentives.models import PolicyVersion
from incentives.queries.policies import version_on
from incentives.services import policies
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import live_proposal, propose_incentives
from incentives.services.simulations import simulate_policy
from tests.conftest_worker import eventually
from tests.customers.test_erasure_races import in_thread, somebody_waits
from tests.faults.test_races import unlocked
from tests.incentives import released

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def activate(november: Any, policy: PolicyVersion, director: User) -> Any:
    """November proposed under version 1; what puts version 2 in force from its first day on."""
    released.staff(november, 6)
    propose_incentives("2025-11", actor=director)
    later = released.lect_policy() | {"version": "2.0", "effective_from": "2025-11-01"}
    version, _new = policies.import_policy(later, actor=director)
    simulation = simulate_policy("LECT-2025", ["2025-11"], actor=director)
    evidence = released.evidence(version, director, simulation.pk)
    return lambda: policies.activate_policy("LECT-2025", evidence, actor=director)


def decide(actor: User) -> Any:
    return decide_incentives("2025-11", actor=actor, confirm=released.shown())


def holds_and_decides(november: Any) -> tuple[PolicyVersion | None, PolicyVersion | None, str]:
    """The version in force on the period's first day, that of its proposal, and its status."""
    proposal = live_proposal(november)
    assert proposal is not None
    return version_on(november.first_day), proposal.policy_version, proposal.status


def test_an_activation_waits_for_a_decision_and_then_finds_the_period_decided(
    activate: Any, november: Any, policy: PolicyVersion, director: User
) -> None:
    with transaction.atomic():
        decide(director)
        thread, results = in_thread(activate)
        eventually(somebody_waits)
    thread.join()
    assert [type(result) for result in results] == [InvalidTransition]
    assert holds_and_decides(november) == (policy, policy, "decided")


def test_a_decision_waits_for_an_activation_and_then_finds_another_policy(
    activate: Any, november: Any, policy: PolicyVersion, director: User
) -> None:
    with transaction.atomic():
        newer = activate()
        thread, results = in_thread(lambda: decide(director))
        eventually(somebody_waits)
    thread.join()
    assert [type(result) for result in results] == [InvalidTransition]
    assert holds_and_decides(november) == (newer, policy, "proposed")


def test_control_without_the_lock_a_period_is_decided_under_a_replaced_policy(
    activate: Any,
    november: Any,
    policy: PolicyVersion,
    director: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policies, "take", unlocked)
    with transaction.atomic():
        decide(director)
        thread, results = in_thread(activate)
        thread.join()
    assert [type(result) for result in results] == [PolicyVersion]
    assert holds_and_decides(november) == (results[0], policy, "decided")
