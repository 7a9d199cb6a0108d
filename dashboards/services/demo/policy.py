"""The policy of the demo company: discussed, simulated on past months, published, in force."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from core.api import load_json
from core.models import User
from dashboards.services.demo.moments import Moments
from dashboards.services.demo.parameters import Month
from incentives.models import PolicyVersion
from incentives.services.policies import activate_policy, import_policy
from incentives.services.simulations import simulate_policy

PAID_MONTHS = 6  # so many months, M0 included, are decided and paid by the policy
SIMULATED = 3
PUBLISHED = timedelta(days=14)  # before it is in force


def in_force(months: list[Month], *, operator: User, activator: User, moments: Moments) -> None:
    """Bring the ready policy in force from the first paid month; the scored ones before it are
    its simulation."""
    first = months[-PAID_MONTHS].first
    path = settings.BASE_DIR / "incentives/content/policy.json"
    spec = load_json(path.read_bytes()) | {"effective_from": first.isoformat()}
    version, _new = import_policy(spec, actor=operator)
    if version.status != PolicyVersion.Status.DRAFT:
        return
    past = [month.key for month in months[-PAID_MONTHS - SIMULATED : -PAID_MONTHS]]
    simulation = simulate_policy(spec["code"], past, actor=operator)
    published = first - PUBLISHED
    evidence = {
        "consultation_record": f"演示：职工代表座谈会纪要 {published - 2 * PUBLISHED:%Y-%m-%d}",
        "publication_date": published.isoformat(),
        "acknowledgements_or_exceptions": "演示：120 人中 120 人已阅读确认",
        "impact_assessment_id": f"演示-PIA-{published:%Y}-01",
        "simulation": simulation.pk,
        "management_group_approval": activator.get_username(),
    }
    activate_policy(
        spec["code"], evidence, actor=activator, now=moments.at(published + timedelta(days=7), 15)
    )
