"""A small company with a released month and posted performance pay, without the engines before it.

Scorecards and payments are stored as the engines would store them; what is tested here is what
comes after.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import incentives
from assessments.models import Period, Scorecard, ScoringRun
from core.models import User
from core.months import last_of
from incentives.models import (
    Jurisdiction,
    LedgerEntry,
    PerformancePay,
    Policy,
    PolicyVersion,
    Proposal,
)
from incentives.rules.chain import digest
from incentives.services import ledger
from incentives.services.decisions import pay_entry
from organization.models import Department, Employee, PayProfile, Placement, Position
from organization.services import assign_role

NOVEMBER = date(2025, 11, 1)
DECEMBER = date(2025, 12, 1)
RELEASED = datetime(2025, 12, 8, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning in Shanghai
CONTENT = Path(incentives.__file__).parent / "content"


def account(name: str, *roles: str) -> User:
    """An account with these roles."""
    user, created = User.objects.get_or_create(username=name)
    if created:
        for role in roles:
            assign_role(user, role, actor=None)
    return user


@dataclass
class Company:
    """People by employee number; `pay()` posts what a decided proposal would post."""

    department: Department
    position: Position
    policy: PolicyVersion
    people: dict[str, Employee] = field(default_factory=dict)

    @classmethod
    def create(cls) -> "Company":
        spec = json.loads((CONTENT / "policy.json").read_text(encoding="utf-8"))
        group = account("ada", "group")
        version = PolicyVersion.objects.create(
            policy=Policy.objects.create(code="TEST-2025"),
            number=1,
            spec=spec,
            content_hash=digest(spec),
            status="active",
            effective_from=date(2025, 1, 1),
            activated_by=group,
            activated_at=RELEASED,
            evidence={},
        )
        return cls(
            Department.objects.create(code="S01", name_zh="滨河店", name_en="Riverside"),
            Position.objects.get_or_create(
                code="service_advisor", defaults={"name_zh": "服务顾问"}
            )[0],
            version,
        )

    def hire(
        self,
        number: str,
        *,
        base: str = "6000.00",
        performance: str = "2000.00",
        city: str = "云屿",
        left_on: date | None = None,
    ) -> Employee:
        """A person employed since 2020 with one placement and one pay profile."""
        employee = Employee.objects.create(
            employee_no=number, name=f"员工{number}", hired_on=date(2020, 1, 1), left_on=left_on
        )
        Placement.objects.create(
            employee=employee,
            department=self.department,
            position=self.position,
            city=city,
            legal_entity="衡评汽车一公司",
            starts_on=date(2020, 1, 1),
            ends_on=left_on,
        )
        PayProfile.objects.create(
            employee=employee,
            base_wage=Decimal(base),
            performance_pay=Decimal(performance),
            starts_on=date(2020, 1, 1),
            ends_on=left_on,
        )
        self.people[number] = employee
        return employee

    def wage_rules(self, city: str = "云屿", minimum: str | None = "2490.00", **more: Any) -> None:
        """Minimum wage and fine rule of a city from 2020 on."""
        Jurisdiction.objects.create(
            city=city,
            effective_from=date(2020, 1, 1),
            monthly_minimum_wage=None if minimum is None else Decimal(minimum),
            **{"social_insurance_on_top": False, "fine_rule": "no", **more},
        )

    def pay(
        self, number: str, coefficient: str = "1.0", month: date = NOVEMBER
    ) -> LedgerEntry | None:
        """Post the performance pay of one person's month; None where it comes to 0."""
        employee = self.people[number]
        proposal = self.proposal(month)
        card = self.scorecard(number, month, coefficient)
        full = employee.pay_profiles.get().performance_pay
        payment = PerformancePay(
            proposal=proposal,
            employee=employee,
            scorecard=card,
            scorecard_hash=card.content_hash,
            mode="banded",
            performance_pay=full,
            coefficient=Decimal(coefficient),
            present_days=Decimal(20),
            working_days=Decimal(20),
            amount=full * Decimal(coefficient),
            detail={
                "profiles": [
                    {
                        "from": "2025-11-01",
                        "to": "2025-11-30",
                        "performance_pay": str(full),
                        "days": 20,
                    }
                ],
                "days_without_profile": 0,
                "attendance_version": None,
            },
            reason_code="by_grade",
            reason_data={"grade": card.grade, "composite": str(card.composite)},
            state=PerformancePay.State.POSTED,
            decided_by=account("ada", "group"),
            decided_at=RELEASED,
        )
        payment.content_hash = ledger.facts_hash(payment)
        payment.save()
        return self.post(payment) if payment.amount else None

    def post(self, payment: PerformancePay) -> LedgerEntry:
        """The ledger entry of a payment, as the decision posts it."""
        entry = pay_entry(payment, payment.proposal, payment.proposal.period.first_day)
        return ledger.post([entry], actor=account("ada", "group"), now=RELEASED)[0]

    def proposal(self, month: date) -> Proposal:
        found, _created = Proposal.objects.get_or_create(
            period=self.period(month),
            number=1,
            defaults={
                "policy_version": self.policy,
                "status": "decided",
                "inputs_hash": "1" * 64,
                "evidence_hash": "2" * 64,
                "confirmed_hash": "2" * 64,
                "summary": {},
                "proposed_by": account("ada", "group"),
                "proposed_at": RELEASED,
                "decided_by": account("ada", "group"),
                "decided_at": RELEASED,
            },
        )
        return found

    def period(self, month: date) -> Period:
        """The released month: scored, reviewed, approved, released by four people."""
        found, created = Period.objects.get_or_create(
            key=f"{month:%Y-%m}",
            defaults={
                "kind": "month",
                "first_day": month,
                "last_day": last_of(month),
                "status": "released",
                "cutoff_at": RELEASED,
                "noticed_on": date(2025, 12, 8),
                "scored_hash": "2" * 64,
                "scored_by": account("op", "admin"),
                "reviewed_by": account("ben", "assessment"),
                "approved_by": account("cyd", "group"),
                "released_by": account("dan", "group"),
            },
        )
        if created:
            found.current_run = ScoringRun.objects.create(
                period=found,
                number=1,
                provisional=False,
                inputs_hash="3" * 64,
                cutoff_at=RELEASED,
                frozen={},
                rules={"engine": "1", "indicators": {}, "schemes": {}},
                scored_by=account("op", "admin"),
                started_at=RELEASED,
                finished_at=RELEASED,
            )
            found.save(update_fields=["current_run"])
        return found

    def scorecard(self, number: str, month: date, coefficient: str) -> Scorecard:
        grades = {"1.2": ("A", "92.00"), "1.0": ("B", "82.00"), "0.8": ("C", "75.00")}
        grade, composite = grades.get(coefficient, ("E", "41.00"))
        period = self.period(month)
        return Scorecard.objects.create(
            period=period,
            employee=self.people[number],
            version=1,
            run=period.current_run,
            department=self.department,
            position=self.position,
            state="released",
            status="assessed",
            quantitative=Decimal(composite),
            composite=Decimal(composite),
            grade=grade,
            coefficient=Decimal(coefficient),
            satisfaction_n=40,
            fair_status="ok",
            working_days=Decimal(20),
            present_days=Decimal(20),
            placements=[],
            facts={"placements": []},
            content_hash=f"{self.people[number].pk:064}",
        )
