"""The wage guard of the demo company's M0, and the appeal that is worth exactly 300.00."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from assessments import services as assessments
from assessments.models import IndicatorResult, Scorecard
from core.models import User
from dashboards.services.demo import figures, results
from dashboards.services.demo.moments import DECIDED, Moments
from dashboards.services.demo.parameters import Month, parameters
from dashboards.services.demo.stories import UPHELD
from incentives.models import PerformancePay, Recovery
from incentives.models.payroll import WageComponent
from incentives.services.recoveries import NewDebt, record_recovery
from incentives.services.wages import ComponentRow, store_wage_components
from organization.models import Employee

Component = WageComponent.Component
HR, GROUP = "E0114", "E0001"
CAUSES = {
    "E0109": "演示：叉车倒车未鸣笛碰坏一台待交付车辆的前保险杠，事故认定书与维修发票齐全。",
    "E0106": "演示：未按装车单核对，发错整批配件造成返运费，复盘记录与签收单齐全。",
    "E0111": "演示：未锁车厢门致一组轮毂丢失，监控记录与盘点表齐全。",
}
BORDER, BELOW = 80.0, 0.25  # of grade B; so far below it the result lies before the appeal


def wage_guard(month: Month, moments: Moments) -> None:
    """Wages of three logistics clerks as the story has them, and a decided debt of each."""
    story = next(one for one in parameters()["stories"] if one["key"] == "wage_guard")
    rows, clerk = [], results.account(HR)
    now = moments.in_month(month, DECIDED, last=True, hour=17)
    for case in story["cases"]:
        employee = Employee.objects.get(employee_no=case["employee"])
        rows += _components(case, employee, month)
        if Recovery.objects.filter(employee=employee).exists():
            continue
        decided = month.first + timedelta(days=14)
        debt = NewDebt(
            employee=employee,
            kind=Recovery.Kind.LOSS,
            amount=Decimal(case["due"]),
            decided_on=decided,
            contract_clause="演示：劳动合同第十二条（赔偿损失）",
            notice_on=decided + timedelta(days=2),
            cause=CAUSES[case["employee"]],
        )
        record_recovery(debt, decided_by=results.account(GROUP), actor=clerk, now=now)
    store_wage_components(rows, actor=clerk, now=now)


def _components(case: dict[str, Any], employee: Employee, month: Month) -> list[ComponentRow]:
    """What makes the gross wage of the story out of base wage and performance pay."""
    base = Decimal(parameters()["pay"]["logistics_clerk"]["base_wage"])
    earned = PerformancePay.objects.get(
        employee=employee, proposal__period__key=month.key, version=1
    ).amount
    overtime = Decimal(case.get("overtime", 0))
    rest = Decimal(case["wage"]) - base - earned - overtime
    amounts = {
        Component.OVERTIME_PAY: overtime,
        Component.OTHER_PAY: max(rest, Decimal(0)),
        Component.UNPAID_LEAVE: max(-rest, Decimal(0)),
    }
    return [
        ComponentRow(employee.pk, month.first, component, amount)
        for component, amount in amounts.items()
        if amount
    ]


def just_below(
    month: Month,
    scheme: dict[str, Any],
    units: dict[str, str],
    moments: Moments,
    *,
    operator: User,
) -> None:
    """Figures of the one whose appeal is upheld, so that the worst answers alone keep the result
    just below the border of a grade; from a provisional scoring, before the data are locked."""
    if not Scorecard.objects.filter(period__key=month.key).exists():
        now = moments.at(month.last, 20)
        assessments.score_period(month.key, actor=operator, now=now)
    card = Scorecard.objects.current().get(period__key=month.key, employee__employee_no=UPHELD)
    own = IndicatorResult.objects.filter(scorecard=card, indicator="satisfaction")
    points = own.values_list("points", flat=True).first()
    given = next(item["weight"] for item in scheme["items"] if item["indicator"] == "satisfaction")
    share = float(given) / 100 if points is not None else 0.0
    others = (BORDER - BELOW - float(points or 0) * share) / (1 - share)
    table = figures.exact(month, scheme, UPHELD, min(others, 100.0), units)
    assessments.import_measurements([table], actor=operator)
