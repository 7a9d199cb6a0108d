"""Two people at the same appeal at the same moment: one wins, the other is told."""

import pytest

from assessments.models import Scorecard
from incentives.models import Appeal, AppealEvent, LedgerEntry
from incentives.services import appeals
from tests.incentives import surveyed
from tests.incentives.company import account
from tests.incentives.filed import BAD, decided, investigated, objection
from tests.incentives.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_deciders_one_wins_and_the_other_is_told():
    scene = surveyed.create()
    appeal = investigated(scene, BAD)
    confirm = appeals.dry_run_appeal(appeal, actor=account("dan")).content_hash
    results = at_once(
        *[
            lambda name=name, outcome=outcome: appeals.decide_appeal(
                appeal, outcome=outcome, reason="facts", confirm=confirm, actor=account(name)
            )
            for name, outcome in (("gus", "upheld"), ("ada", "maintained"))
        ]
    )
    assert results == ["InvalidTransition", "ok"]
    assert AppealEvent.objects.filter(verb="decided").count() == 1


def test_two_executions_post_one_correction():
    appeal = decided(surveyed.create(), BAD)
    results = at_once(
        *[
            lambda name=name: appeals.execute_appeal(appeal, actor=account(name))
            for name in ("dan", "ben")
        ]
    )
    assert results == ["ok", "ok"]
    assert Scorecard.objects.filter(employee=appeal.employee).count() == 2
    assert LedgerEntry.objects.filter(appeal=appeal).count() == 2


def test_of_two_appeals_against_one_scorecard_one_is_left():
    scene = surveyed.create()
    card = scene.card("E0001")
    users = (scene.user("E0001"), account("hana"))
    results = at_once(
        *[lambda user=user: appeals.file_appeal(card, objection(BAD), actor=user) for user in users]
    )
    assert results == ["Conflict", "ok"]
    assert Appeal.objects.count() == 1
