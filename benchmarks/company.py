"""An invented company of any size, made by set-based SQL, the same each time."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from assessments import services as assessments
from core.commands import operator
from core.models import User
from core.months import last_of
from organization.models import Department, Employee, Position
from organization.services import assign_role
from surveys import services as surveys

DEPARTMENTS = 40
FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)
LINEAR = {"type": "linear", "floor": 0, "target": 100}
INDICATORS = (
    "courtesy_rate", "patience", "proactive", "response_time", "handling_time",
    "first_owner_rate", "resolution_rate", "error_rate", "analysis_accuracy", "coordination",
    "emergency",
)  # fmt: skip
QUESTIONS = 12

_EMPLOYEES = """
WITH people AS (
    INSERT INTO organization_employee (employee_no, name, sort_key, hired_on, email, phone)
    SELECT 'B' || lpad(i::text, 7, '0'), 'Person ' || i, lpad(i::text, 7, '0'), DATE '2020-01-01',
        '', ''
    FROM generate_series(%(after)s + 1, %(upto)s) i RETURNING id)
INSERT INTO organization_placement
    (employee_id, department_id, position_id, city, legal_entity, starts_on)
SELECT id, (%(departments)s::bigint[])[1 + id %% %(count)s], %(position)s, 'Shanghai', '',
    DATE '2020-01-01' FROM people"""
_MEASUREMENTS = """
INSERT INTO assessments_measurement (indicator_id, employee_id, period_key, first_day, last_day,
    source_ref, version, numerator, denominator)
SELECT i.id, e.id, %(key)s, %(first)s, %(last)s, '', 1,
    40 + (e.id * 7 + i.id * 13) %% 60, 100
FROM organization_employee e CROSS JOIN assessments_indicator i
WHERE i.code = ANY(%(codes)s)"""


class Company:
    """HQ over 40 shops, one position, a scheme of twelve indicators, a survey of the year 2025."""

    def __init__(self) -> None:
        self.operator: User = operator()
        self.people = 0
        hq = Department.objects.create(
            code="HQ", name_zh="总部", name_en="Head office", path="/HQ/"
        )
        self.shops = [
            Department.objects.create(
                code=f"S{i:02d}", name_zh=f"门店{i}", name_en=f"Shop {i}", parent=hq,
                path=f"/HQ/S{i:02d}/",
            )
            for i in range(DEPARTMENTS)
        ]  # fmt: skip
        self.position = Position.objects.create(code="ADV", name_zh="顾问", name_en="Adviser")
        self.scorer = self._account("scorer", "assessment")
        self.analyst = self._account("analyst", "analyst")
        self.executor = self._account("executor", "executor")
        surveys.import_questionnaire(questionnaire(), actor=self.operator)
        assessments.import_scheme(scheme(), actor=self.operator)

    @classmethod
    def stored(cls) -> Company | None:
        """The company this database has already."""
        if not Department.objects.filter(code="HQ").exists():
            return None
        company = cls.__new__(cls)
        company.operator = operator()
        company.people = Employee.objects.count()
        company.shops = list(Department.objects.exclude(parent=None).order_by("code"))
        company.position = Position.objects.get(code="ADV")
        company.scorer, company.analyst, company.executor = (
            User.objects.get(username=name) for name in ("scorer", "analyst", "executor")
        )
        return company

    def _account(self, name: str, role: str) -> User:
        user = User.objects.create_user(name)
        assign_role(user, role, actor=self.operator)
        return user

    def hire(self, count: int) -> None:
        """Employees up to this many."""
        values: dict[str, Any] = {
            "after": self.people,
            "upto": count,
            "position": self.position.pk,
            "departments": [shop.pk for shop in self.shops],
            "count": DEPARTMENTS,
        }
        with connection.cursor() as cursor:
            cursor.execute(_EMPLOYEES, values)
            cursor.execute("ANALYZE organization_employee, organization_placement")
        self.people = max(self.people, count)

    def measure(self, month: int) -> str:
        """A figure of every indicator for everybody in a month of 2025; its key."""
        first = datetime.date(2025, month, 1)
        last = last_of(first)
        key = f"2025-{month:02d}"
        with connection.cursor() as cursor:
            cursor.execute(
                _MEASUREMENTS,
                {"key": key, "first": first, "last": last, "codes": list(INDICATORS)},
            )
            cursor.execute("ANALYZE assessments_measurement")
        return key

    def open_survey(self, code: str) -> None:
        surveys.open_survey(code, questionnaire="BENCH", first=FIRST, last=LAST,
                            actor=self.operator)  # fmt: skip


def scheme() -> dict[str, Any]:
    """Satisfaction 12 %, eleven more indicators 8 % each."""
    items: list[dict[str, Any]] = [
        {"indicator": "satisfaction", "weight": 12, "value": "raw", "curve": LINEAR, "min_n": 5}
    ]
    items += [
        {"indicator": code, "weight": 8, "value": "raw", "curve": LINEAR} for code in INDICATORS
    ]
    return {
        "code": "BENCH-2025", "effective_from": "2025-01-01", "position_codes": ["ADV"],
        "quantitative_weight": 100, "qualitative_weight": 0, "min_assessed_weight": 60,
        "items": items,
        "grades": [{"grade": "A", "from": 60, "coefficient": Decimal("1.2")},
                   {"grade": "B", "from": 0, "coefficient": Decimal("1.0")}],
    }  # fmt: skip


def questionnaire() -> dict[str, Any]:
    """Twelve ratings from 1 to 5 in three dimensions, two of them reverse-keyed."""
    return {
        "code": "BENCH", "name_zh": "基准", "name_en": "Benchmark",
        "dimensions": [
            {"code": f"d{i}", "name_zh": f"维度{i}", "name_en": f"Dimension {i}", "weight": weight}
            for i, weight in enumerate((40, 30, 30))
        ],
        "questions": [
            {"code": f"a{i:02d}", "type": "rating", "dimension": f"d{i % 3}", "weight": 1,
             "scale": [1, 5], "required": True, "reverse": i in (4, 9),
             "text_zh": f"问题{i}", "text_en": f"Question {i}"}
            for i in range(QUESTIONS)
        ],
    }  # fmt: skip
