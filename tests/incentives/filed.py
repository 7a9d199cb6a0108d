"""What the tests of appeals share: an appeal brought to a state, a month paid."""

from decimal import Decimal
from typing import Any

from incentives.models import (
    Appeal,
)
from incentives.services import appeals, payroll
from tests.incentives import surveyed
from tests.incentives.company import NOVEMBER, account

BAD = "R-E0001-8"


def objection(*responses: str, **more: str) -> appeals.Objection:
    return appeals.Objection(
        reason="not my student", request="leave it out", responses=responses, **more
    )


def filed(scene: surveyed.Scene, *responses: str, now: Any = None) -> Appeal:
    return appeals.file_appeal(
        scene.card("E0001"), objection(*responses), actor=scene.user("E0001"), now=now
    )


def investigated(scene: surveyed.Scene, *responses: str) -> Appeal:
    appeal = appeals.accept_appeal(filed(scene, *responses), actor=account("dan"))
    return appeals.investigate_appeal(appeal, actor=account("dan"))


def decided(scene: surveyed.Scene, *responses: str, outcome: str = "upheld") -> Appeal:
    appeal = investigated(scene, *responses)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    return appeals.decide_appeal(
        appeal,
        outcome=outcome,
        reason="the registry shows another class",
        confirm=run.content_hash,
        actor=account("gus"),
    )


def pay_november() -> None:
    hana, gus = account("hana"), account("gus")
    batch = payroll.approve(
        payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana), actor=gus
    )
    payroll.generate(batch, actor=hana)
    payroll.deliver(batch, actor=hana)
    payroll.acknowledge(
        batch,
        lines=batch.totals["lines"],
        total=Decimal(batch.totals["net"]),
        actor=hana,
    )
