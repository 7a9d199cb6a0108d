"""A small company with released scorecards, for the tests of incentives."""

import datetime as dt
import json
from decimal import Decimal as D
from pathlib import Path
from typing import Any

from django.utils import timezone

import incentives
from assessments import queries as assessments
from assessments.models import Period, Scorecard, ScoringRun
from core.models import User
from core.months import last_of
from incentives.models import PolicyVersion
from incentives.services.policies import activate_policy, import_policy
from incentives.services.simulations import simulate_policy
from organization.models import Attendance, Department, Employee, PayProfile, Placement, Position

CONTENT = Path(incentives.__file__).parent / "content"
NOW = dt.datetime(2026, 1, 20, 9, 0, tzinfo=dt.UTC)


def ready_policy() -> dict[str, Any]:
    return json.loads((CONTENT / "policy.json").read_text(encoding="utf-8"))


def lect_policy() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "data" / "policy-lect-2025.json"
    return json.loads(path.read_text(encoding="utf-8"))


def employee(number: int, *, position: str = "LECT", pay: str | None = "2000.00") -> Employee:
    """An employee of position and department D01 since 2020, with one pay profile."""
    department, _new = Department.objects.get_or_create(code="D01", defaults={"name_zh": "一系"})
    job, _new = Position.objects.get_or_create(code=position, defaults={"name_zh": position})
    person = Employee.objects.create(
        employee_no=f"E{number:04d}",
        name=f"Person {number}",
        sort_key=f"{number:04d}",
        hired_on=dt.date(2020, 1, 1),
    )
    Placement.objects.create(
        employee=person,
        department=department,
        position=job,
        city="Shanghai",
        starts_on=dt.date(2020, 1, 1),
    )
    if pay is not None:
        PayProfile.objects.create(
            employee=person,
            base_wage=D("6000.00"),
            performance_pay=D(pay),
            starts_on=dt.date(2020, 1, 1),
        )
    return person


def period(key: str = "2025-11", *, status: str = "released") -> Period:
    """A released period of month, quarter or year with a finished run."""
    year = int(key[:4])
    if len(key) == 4:
        kind, first, last = "year", 1, 12
    elif "Q" in key:
        kind, last = "quarter", int(key[-1]) * 3
        first = last - 2
    else:
        kind, first = "month", int(key[5:])
        last = first
    found = Period.objects.create(
        key=key,
        kind=kind,
        first_day=dt.date(year, first, 1),
        last_day=last_of(dt.date(year, last, 1)),
        status=status,
        cutoff_at=NOW,
    )
    scorer, _new = User.objects.get_or_create(username="scorer")
    found.current_run = ScoringRun.objects.create(
        period=found,
        number=1,
        provisional=False,
        inputs_hash="i" * 64,
        cutoff_at=NOW,
        frozen={},
        rules={},
        scored_by=scorer,
        started_at=NOW,
        finished_at=NOW,
    )
    found.save()
    return found


def shown(key: str = "2025-11") -> str:
    """The evidence hash show_period prints."""
    return assessments.evidence_hash(Period.objects.get(key=key))


def scorecard(month: Period, person: Employee, **changes: Any) -> Scorecard:
    """A released scorecard: grade B, coefficient 1.0, 40 answers, fair low 80."""
    placement = person.placements.get()
    values: dict[str, Any] = {
        "period": month,
        "employee": person,
        "version": 1,
        "run": month.current_run,
        "department": placement.department,
        "position": placement.position,
        "state": "released",
        "status": "assessed",
        "quantitative": D("85.00"),
        "composite": D("85.00"),
        "grade": "B",
        "coefficient": D("1.0000"),
        "satisfaction_raw": 85.0,
        "satisfaction_n": 40,
        "fair_status": "ok",
        "peer_group": placement.position.code,
        "fair_score": 84.0,
        "fair_low": 80.0,
        "fair_high": 88.0,
        "working_days": D("20.00"),
        "present_days": D("20.00"),
        "placements": [],
        "facts": {},
    }
    values |= changes
    values.setdefault("content_hash", f"{month.key}:{person.employee_no}:{values['version']}")
    return Scorecard.objects.create(**values)


def not_assessed(reason: str = "below_min_n") -> dict[str, Any]:
    return {
        "status": "not_assessed",
        "reason": reason,
        "composite": None,
        "quantitative": None,
        "grade": "",
        "coefficient": None,
    }


def staff(month: Period, count: int, **changes: Any) -> list[Scorecard]:
    """`count` people whose fair low falls by one point from 90 on, in order of their numbers."""
    known = list(Employee.objects.filter(placements__position__code="LECT").order_by("employee_no"))
    people = known[:count] + [employee(i) for i in range(len(known) + 1, count + 1)]
    return [
        scorecard(month, person, **({"fair_low": 90.0 - i} | changes))
        for i, person in enumerate(people)
    ]


def attendance(person: Employee, month: dt.date, present: str, working: str = "20") -> None:
    Attendance.objects.create(
        employee=person, month=month, working_days=D(working), present_days=D(present)
    )


def evidence(version: PolicyVersion, actor: User, simulation: int) -> dict[str, Any]:
    """Everything an activation asks for."""
    return {
        "consultation_record": "minutes of 2024-11-20",
        "publication_date": "2024-12-01",
        "acknowledgements_or_exceptions": ["all staff but E0007 (on leave)"],
        "impact_assessment_id": "PIA-2024-3",
        "simulation": simulation,
        "management_group_approval": actor.username,
    }


def active_policy(spec: dict[str, Any], actor: User, *, simulated: str) -> PolicyVersion:
    """Import, simulate and activate a policy."""
    version, _new = import_policy(spec, actor=actor)
    simulation = simulate_policy(version.policy.code, [simulated], actor=actor)
    return activate_policy(
        version.policy.code,
        evidence(version, actor, simulation.pk),
        actor=actor,
        now=timezone.now(),
    )
