"""A small company that can be scored: positions, people, a survey, answers, figures."""

import copy
import datetime
from decimal import Decimal as D

from assessments import services
from assessments.models import Period, Scorecard
from assessments.services import job as scoring_job
from core.models import User
from core.tables import Table
from core.workdays import SHANGHAI
from organization.models import Department, Employee, Placement, Position
from organization.services import assign_role
from surveys import services as surveys
from surveys.models import Response, Verdict
from tests.assessments.test_specs import LECT

LATER = datetime.datetime(2026, 2, 1, tzinfo=SHANGHAI)  # every period of 2025 is finished
SURVEY = {
    "code": "Q",
    "name_zh": "问卷",
    "name_en": "Survey",
    "dimensions": [{"code": "all", "name_zh": "总体", "name_en": "All", "weight": 100}],
    "questions": [
        {
            "code": "overall",
            "type": "rating",
            "dimension": "all",
            "weight": 1,
            "scale": [1, 5],
            "required": True,
            "text_zh": "总体",
            "text_en": "Overall",
        }
    ],
}


def scheme(**changes):
    """The scheme of position LECT (satisfaction, raw, 40 to 80, cap 120) with changes."""
    return {**copy.deepcopy(LECT), **changes}


def account(name, *roles):
    user = User.objects.create_user(name)
    for role in roles:
        assign_role(user, role, actor=None)
    return user


class Company:
    """`hire`, `answer`, `measure`, then `score`."""

    def __init__(self):
        self.shops = {
            code: Department.objects.create(code=code, name_zh=code, name_en=code, path=f"/{code}/")
            for code in ("S1", "S2")
        }
        self.scorer = account("scorer", "assessment")
        self.reviewer = account("reviewer", "assessment")
        self.approver = account("approver", "group")
        self.releaser = account("releaser", "group")
        self.admin = account("boss", "admin")
        surveys.import_questionnaire(SURVEY, actor=self.admin)
        surveys.open_survey(
            "ALL",
            questionnaire="Q",
            first=datetime.date(2024, 1, 1),
            last=datetime.date(2026, 12, 31),
            actor=self.admin,
        )
        self._numbers = iter(range(1, 100_000))

    def position(self, code):
        return Position.objects.get_or_create(code=code, defaults={"name_zh": code})[0]

    def hire(self, number, *jobs, department="S1", position="LECT", user=None):
        """An employee since 2020; `jobs` are (department, position, first day, last day)."""
        person = Employee.objects.create(
            employee_no=number, name=number, hired_on=datetime.date(2020, 1, 1), user=user
        )
        for shop, job, first, last in jobs or [(department, position, "2020-01-01", None)]:
            Placement.objects.create(
                employee=person,
                department=self.shops[shop],
                position=self.position(job),
                starts_on=first,
                ends_on=last,
            )
        return person

    def answer(self, number, *ratings, day="2025-11-10", **more):
        """One response for each rating 1..5, of that day."""
        header = ("response_no", "employee_no", "department_code", "channel", "submitted_at")
        rows = [
            (
                f"R{next(self._numbers)}",
                number,
                more.get("department"),
                more.get("channel", "online"),
                f"{day}T10:00:00",
                str(rating),
            )
            for rating in ratings
        ]
        everything = ("event_no", "customer_no", "interviewer_no", "device", "started_at")
        table = Table(
            "answers",
            (*header, "q_overall", *everything),
            [(*row, *([None] * len(everything))) for row in rows],
        )
        surveys.import_responses([table], "ALL", actor=self.admin)
        return [row[0] for row in rows]

    def crowd(self, persons=6, ratings=(2, 3, 4, 5), prefix="K", day="2025-11-10", **more):
        """Colleagues whose means differ, enough for a peer group: 6 people with 12 answers."""
        for j in range(persons):
            self.hire(f"{prefix}{j}", **more)
            low = ratings[j % 3 : j % 3 + 2]
            self.answer(f"{prefix}{j}", *(low * 6), day=day)

    def measure(self, *rows, actor=None, dry_run=False):
        """Rows (indicator, employee, period, numerator, denominator, source)."""
        header = ("indicator_code", "employee_no", "period", "numerator", "denominator")
        table = Table(
            "figures",
            (*header, "source_ref"),
            [tuple(str(x) for x in (*row, "")[:6]) for row in rows],
        )
        return services.import_measurements([table], actor=actor or self.admin, dry_run=dry_run)

    def scheme(self, **changes):
        return services.import_scheme(scheme(**changes), actor=self.admin)[0]

    def score(self, key="2025-11", *, actor=None, now=LATER):
        return services.score_period(key, actor=actor or self.scorer, now=now)

    def card(self, number, key="2025-11"):
        return Scorecard.objects.current().get(period__key=key, employee__employee_no=number)

    def period(self, key="2025-11"):
        return Period.objects.get(key=key)

    def response(self, number):
        return Response.objects.get(response_no=number)

    def question(self, number):
        """Put a response in review, as a cleaning rule would."""
        found = self.response(number)
        last = Verdict.objects.filter(response_id=found.id).latest("seq")
        return Verdict.objects.create(
            answered_on=found.answered_on,
            response_id=found.id,
            seq=last.seq + 1,
            survey_id=found.survey_id,
            verdict="review",
            checks=["staff_contact"],
            rule_set=last.rule_set,
            decided_at=datetime.datetime.now(datetime.UTC),
        )


def courtesy(weight=100, **more):
    """An item that is measured: 85 % gives 0, 95 % gives 100 points."""
    return {
        "indicator": "courtesy_rate",
        "weight": weight,
        "value": "raw",
        "curve": {"type": "linear", "floor": 85, "target": 95},
        "min_n": 20,
        **more,
    }


def disk_full_after(chunks, monkeypatch):
    """A scoring stores so many chunks and fails at the next; returns what stores them really."""
    store, seen = scoring_job.Chunks.score, []

    def fail_later(self, facts):
        seen.append(facts)
        if len(seen) > chunks:
            raise RuntimeError("disk full")
        return store(self, facts)

    monkeypatch.setattr(scoring_job.Chunks, "score", fail_later)
    return store


HUNDRED = D(100)
