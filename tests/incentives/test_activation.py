"""activate_policy asks for exactly the evidence, and periods keep the version they began under."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core.errors import InvalidInput, InvalidTransition
from core.permissions import Denied
from incentives.models import PolicyVersion, Simulation
from incentives.queries.policies import version_on
from incentives.services.decisions import decide_incentives
from incentives.services.policies import activate_policy, import_policy
from incentives.services.proposals import propose_incentives
from incentives.services.simulations import simulate_policy
from tests.incentives import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(november, director):
    released.staff(november, 2)
    version, _new = import_policy(released.lect_policy(), actor=director)
    return version


@pytest.fixture
def evidence(draft, director):
    simulation = simulate_policy("LECT-2025", ["2025-11"], actor=director)
    return released.evidence(draft, director, simulation.pk)


def test_with_all_evidence_the_draft_becomes_active(draft, evidence, director):
    version = activate_policy("LECT-2025", evidence, actor=director)
    assert (version, version.status, version.activated_by) == (draft, "active", director)
    assert version.evidence == evidence
    assert version_on(dt.date(2025, 1, 1)) == draft
    assert version_on(dt.date(2024, 12, 31)) is None


def test_the_command_activates(draft, evidence, director, tmp_path, capsys):
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(evidence))
    call_command("activate_policy", "LECT-2025", "--actor", "director", "--evidence", str(path))
    assert "LECT-2025 v1: active for periods that begin on 2025-01-01" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("consultation_record", " ", "consultation_record: is empty"),
        ("consultation_record", True, "must be text"),
        ("acknowledgements_or_exceptions", {"signed": 0}, "is empty"),
        ("acknowledgements_or_exceptions", [], "acknowledgements_or_exceptions: is empty"),
        ("acknowledgements_or_exceptions", {"signed": ""}, "is empty"),
        ("impact_assessment_id", None, "must be text"),
        ("publication_date", "2025-01-02", "published 2025-01-02, after the effective date"),
        ("publication_date", "2099-01-01", "2099-01-01 has not come yet"),
        ("publication_date", "1.12.2024", "1.12.2024 is not a date"),
        ("simulation", 999999, "there is no simulation 999999"),
        ("simulation", "last", "last is not the id of a simulation"),
        ("simulation", True, "True is not the id of a simulation"),
        ("management_group_approval", "hr_admin", "is not the account that activates"),
    ],
)
def test_poor_evidence_is_named_and_nothing_changes(draft, evidence, director, key, value, words):
    with pytest.raises(InvalidInput) as found:
        activate_policy("LECT-2025", evidence | {key: value}, actor=director)
    assert words in str(found.value)
    draft.refresh_from_db()
    assert (draft.status, draft.evidence) == ("draft", None)


def test_missing_and_surplus_keys_are_listed_together(draft, evidence, director):
    del evidence["impact_assessment_id"]
    with pytest.raises(InvalidInput) as found:
        activate_policy("LECT-2025", evidence | {"mood": "good"}, actor=director)
    assert str(found.value).splitlines() == [
        "impact_assessment_id is missing",
        "mood is not asked for",
    ]


def test_a_simulation_of_other_content_does_not_count(draft, evidence, director):
    import_policy(released.lect_policy() | {"version": "1.1"}, actor=director)
    with pytest.raises(InvalidInput, match="of another content than LECT-2025 v2"):
        activate_policy("LECT-2025", evidence, actor=director)


def test_only_the_management_group_activates(draft, evidence, hr_admin):
    with pytest.raises(Denied):
        activate_policy("LECT-2025", evidence, actor=hr_admin)
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_an_unknown_policy_is_refused(director):
    with pytest.raises(InvalidInput, match="There is no policy NONE"):
        activate_policy("NONE", {}, actor=director)


def test_there_is_one_active_version_per_date(draft, evidence, director):
    activate_policy("LECT-2025", evidence, actor=director)
    with pytest.raises(InvalidTransition, match="there is no newer draft"):
        activate_policy("LECT-2025", evidence, actor=director)
    twin, _new = import_policy(released.lect_policy() | {"version": "1.1"}, actor=director)
    simulation = simulate_policy("LECT-2025", ["2025-11"], actor=director)
    with pytest.raises(InvalidTransition, match="LECT-2025 v1 is already active from 2025-01-01"):
        activate_policy("LECT-2025", evidence | {"simulation": simulation.pk}, actor=director)
    twin.status, twin.activated_by, twin.evidence = "active", director, {}
    twin.activated_at = released.NOW
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_period_that_began_earlier_keeps_the_old_version(policy, director):
    later = released.lect_policy() | {"version": "2.0", "effective_from": "2025-11-15"}
    released.scorecard(released.period("2025-10"), released.employee(1))
    newer = released.active_policy(later, director, simulated="2025-10")
    assert version_on(dt.date(2025, 11, 1)) == policy
    assert version_on(dt.date(2025, 12, 1)) == newer


def test_what_is_decided_is_not_taken_over(policy, november, director):
    released.staff(november, 6)
    propose_incentives("2025-11", actor=director)
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    later = released.lect_policy() | {"version": "2.0", "effective_from": "2025-11-01"}
    with pytest.raises(InvalidTransition, match="2025-11 is decided under LECT-2025 v1"):
        released.active_policy(later, director, simulated="2025-11")


def test_an_activation_retires_older_drafts(draft, director):
    import_policy(released.lect_policy() | {"version": "1.1"}, actor=director)
    released.active_policy(
        released.lect_policy() | {"version": "1.2"}, director, simulated="2025-11"
    )
    states = dict(PolicyVersion.objects.values_list("number", "status"))
    assert states == {1: "retired", 2: "retired", 3: "active"}


def test_the_content_of_a_version_cannot_be_changed(draft):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft.pk).update(spec={})


def test_the_simulation_prints_its_figures_and_moves_nothing(draft, capsys):
    call_command("simulate_policy", "LECT-2025", "--period", "2025-11")
    simulation = Simulation.objects.get()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"SIMULATION {simulation.pk}"
    assert lines[3].startswith("cost: 4000.00 (awards 0.00, performance pay 4000.00; 0.00")
    assert lines[4:8] == [
        "winners: 0 people with an award",
        "gainers: 0 people",
        "losers: 0 people",
        "small groups: 1",
    ]
    assert "  small group LECT for SATISFACTION_STAR: 2 eligible, 5 needed (fallback)" in lines
    assert simulation.content_hash == draft.content_hash


def test_a_simulation_counts_winners_gainers_and_losers(november, director):
    released.staff(november, 6)
    worse = released.employee(7)
    released.scorecard(november, worse, grade="C", coefficient="0.8", composite="75", fair_low=50.0)
    import_policy(released.lect_policy(), actor=director)
    result = simulate_policy("LECT-2025", ["2025-11"], actor=director).result
    assert result["winners"] == 1
    assert result["awards_cost"] == "600.00"
    assert result["losers"] == 1
    assert result["periods"]["2025-11"]["losers"] == {"E0007": "-400.00"}
    assert result["performance_pay"] == "13600.00"


def test_a_period_without_scorecards_cannot_be_simulated(draft, director):
    released.period("2025-10")
    with pytest.raises(InvalidInput, match="2025-10 has no scorecards yet"):
        simulate_policy("LECT-2025", ["2025-10"], actor=director)
    with pytest.raises(CommandError, match="There is no period 2031-01"):
        call_command("simulate_policy", "LECT-2025", "--period", "2031-01")
    assert not Simulation.objects.exists()
