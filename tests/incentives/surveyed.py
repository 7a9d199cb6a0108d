"""Eight people, their answers of November 2025, scored, released, decided: by the real verbs."""

import csv
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from assessments import services as assessments
from assessments.models import Period, Scorecard
from core import tables
from core.models import User
from core.workdays import SHANGHAI, Calendar
from incentives.models import PolicyVersion
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import propose_incentives
from organization import services as organization
from organization.models import Employee
from surveys import services as surveys
from tests.incentives import released
from tests.incentives.company import account

EMPLOYEE_COLUMNS = (
    "employee_no,name,department_code,position_code,hired_on,left_on,email,city,base_wage,"
    "performance_pay"
)
RESPONSE_COLUMNS = (
    "response_no,event_no,customer_no,employee_no,department_code,channel,interviewer_no,device,"
    "started_at,submitted_at,q_overall"
)
QUESTIONNAIRE = {
    "code": "LECTURE",
    "name_zh": "课程评价",
    "name_en": "Lecture evaluation",
    "dimensions": [{"code": "lecture", "name_zh": "授课", "name_en": "Lecture", "weight": 1}],
    "questions": [
        {
            "code": "overall",
            "type": "rating",
            "dimension": "lecture",
            "scale": [1, 5],
            "required": True,
            "reverse": False,
            "text_zh": "总体评价",
            "text_en": "Overall",
        }
    ],
}
SCHEME = {
    "code": "LECT-2025",
    "effective_from": "2025-01-01",
    "position_codes": ["LECT"],
    "quantitative_weight": 100,
    "qualitative_weight": 0,
    "min_assessed_weight": 60,
    "items": [
        {
            "indicator": "satisfaction",
            "weight": 100,
            "value": "raw",
            "curve": {"type": "linear", "floor": 40, "target": 80, "cap": 120},
            "min_n": 5,
        }
    ],
    "grades": [
        {"grade": grade, "from": start, "coefficient": coefficient}
        for grade, start, coefficient in (
            ("A", 90, released.D("1.2")),
            ("B", 80, released.D("1.0")),
            ("C", 70, released.D("0.8")),
            ("D", 60, released.D("0.6")),
            ("E", 0, released.D("0.4")),
        )
    ],
}
# Answers 1..5 per person. E0001: mean 65.625 -> 64.06 points -> D; without the 1: 75 -> 87.50 -> B.
ANSWERS = {
    "E0001": (4, 4, 4, 4, 4, 4, 4, 1),
    "E0002": (5, 5, 5, 4, 5, 5, 4, 5),
    "E0003": (3, 4, 3, 4, 3, 3, 4, 4),
    "E0004": (4, 5, 4, 4, 3, 4, 5, 4),
    "E0005": (2, 3, 3, 2, 4, 3, 2, 3),
    "E0006": (4, 4, 5, 5, 4, 4, 4, 5),
}
SHARED = "R-E0001-2"  # E0007, a tutor, served this one together with E0001


@dataclass
class Scene:
    """The released month and its people; `card()` is a person's valid scorecard."""

    policy: PolicyVersion

    def card(self, number: str) -> Scorecard:
        cards = Scorecard.objects.current().select_related("employee__user", "period", "run")
        return cards.get(period__key="2025-11", employee__employee_no=number)

    @property
    def period(self) -> Period:
        return Period.objects.get(key="2025-11")

    def user(self, number: str) -> User:
        user = Employee.objects.get(employee_no=number).user
        assert user is not None
        return user

    def at(self, working_days: int, hour: int = 10) -> datetime:
        """Ten o'clock in Shanghai, so many working days after the notice."""
        assert self.period.noticed_on is not None
        day = Calendar.load().add(self.period.noticed_on, working_days)
        return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def create(*, decide: bool = True) -> Scene:
    """Roles: op scored, ben reviewed, cyd approved, dan released; ada, gus decide; hana is HR."""
    op = account("op", "admin")
    ben, cyd, dan = (
        account("ben", "assessment"),
        account("cyd", "group"),
        account("dan", "assessment"),
    )
    ada, _gus, _hana = account("ada", "group"), account("gus", "group"), account("hana", "hr")
    organization.import_roster(_roster(), actor=op, effective=date(2020, 1, 1))
    for number in ("E0001", "E0005", "E0007", "E0008"):
        employee = Employee.objects.get(employee_no=number)
        employee.user = account(f"u{number}", *(["group"] if number > "E0005" else ["employee"]))
        employee.save()
    surveys.import_questionnaire(QUESTIONNAIRE, actor=op)
    surveys.open_survey(
        "L11", questionnaire="LECTURE", first=date(2025, 11, 1), last=date(2025, 11, 30), actor=op
    )
    surveys.import_responses([_table("responses", _responses())], "L11", actor=op)
    assessments.import_scheme(SCHEME, actor=op)
    assessments.score_period("2025-11", actor=op)
    version = released.active_policy(released.lect_policy(), ada, simulated="2025-11")
    confirm = released.shown("2025-11")
    assessments.review_period("2025-11", actor=ben, confirm=confirm)
    assessments.approve_period("2025-11", actor=cyd, confirm=confirm)
    assessments.release_period("2025-11", actor=dan, confirm=confirm)
    if decide:
        propose_incentives("2025-11", actor=ada)
        decide_incentives("2025-11", actor=ada, confirm=confirm)
    return Scene(version)


def _roster() -> list[tables.Table]:
    departments = [
        ["department_code", "name_zh", "name_en", "parent_code", "head_employee_no"],
        ["D01", "一系", "Department 1", "", "E0008"],
    ]
    people = [EMPLOYEE_COLUMNS.split(",")]
    for number in range(1, 9):
        position = "LECT" if number < 7 else "TUTOR" if number == 7 else "HEAD"
        people.append(
            [
                f"E{number:04}",
                f"Person {number}",
                "D01",
                position,
                "2020-01-01",
                "",
                "",
                "Shanghai",
                "6000.00",
                "2000.00",
            ]
        )
    return [_table("departments", departments), _table("employees", people)]


def _responses() -> list[list[str]]:
    rows = [RESPONSE_COLUMNS.split(",")]
    start = datetime(2025, 11, 3, 2, 0, tzinfo=UTC)
    for number, answers in ANSWERS.items():
        for place, answer in enumerate(answers, start=1):
            no = f"R-{number}-{place}"
            at = start + timedelta(days=place, minutes=int(number[1:]))
            people = f"{number};E0007" if no == SHARED else number
            rows.append(
                [
                    no,
                    "",
                    f"C-{no}",
                    people,
                    "D01",
                    "online",
                    "",
                    "",
                    at.isoformat(),
                    (at + timedelta(minutes=2)).isoformat(),
                    str(answer),
                ]
            )
    return rows


def _table(name: str, rows: list[list[str]]) -> tables.Table:
    """The table as the reader gives it for a CSV file of these rows."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        found: list[Any] = tables.read(path)
    return found[0]
