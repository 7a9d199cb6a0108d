"""A small world for tests of cleaning and analysis: staff, a survey, answers through the intake."""

import json
from datetime import UTC, date, datetime

from django.db import connection

from core.tables import Table
from customers.models import Customer, CustomerContact, ServiceEvent
from organization.models import Department, Employee, Placement, Position
from surveys.models import Questionnaire, QuestionnaireVersion, Survey
from surveys.services.intake import import_responses
from surveys.services.rollups import STORED, SUMS

NOW = datetime(2025, 12, 1, 4, tzinfo=UTC)


def staff(count=2, position="advisor"):
    """`count` employees E1.. of departments D1.. (one each), all in one position."""
    job, _ = Position.objects.get_or_create(code=position, defaults={"name_zh": position})
    people = []
    for i in range(1, count + 1):
        department, _ = Department.objects.get_or_create(code=f"D{i}", defaults={"name_zh": "店"})
        person = Employee.objects.create(
            employee_no=f"E{i}", name=f"员工{i}", sort_key=f"e{i}", hired_on=date(2020, 1, 1)
        )
        Placement.objects.create(
            employee=person, department=department, position=job, starts_on=date(2020, 1, 1)
        )
        people.append(person)
    return people


def rating(code, dimension="d1", **more):
    return {
        "code": code,
        "type": "rating",
        "dimension": dimension,
        "scale": [1, 5],
        "required": True,
        "text_zh": code,
        "text_en": code,
    } | more


def nps(code="nps"):
    return {
        "code": code,
        "type": "nps",
        "scale": [0, 10],
        "required": False,
        "text_zh": code,
        "text_en": code,
    }


def comment(code="comment"):
    return {"code": code, "type": "text", "text_zh": code, "text_en": code}


def make_survey(questions, *, code="S1", actor=None, spec=None, **dates):
    """An open survey over the questions; dimensions as the questions name them, weight 1."""
    from core.models import User

    actor = actor or User.objects.get_or_create(username="executor")[0]
    names = dict.fromkeys(q["dimension"] for q in questions if q.get("dimension"))
    content = {
        "code": f"Q-{code}",
        "name_zh": "问卷",
        "name_en": "Questionnaire",
        "dimensions": [{"code": d, "name_zh": d, "name_en": d, "weight": 1} for d in names],
        "questions": questions,
    } | (spec or {})
    version = QuestionnaireVersion.objects.create(
        questionnaire=Questionnaire.objects.create(
            code=content["code"], name_zh="问卷", name_en="Questionnaire"
        ),
        number=1,
        spec=json.loads(json.dumps(content)),
        content_hash=code.ljust(64, "0"),
        status=QuestionnaireVersion.Status.PUBLISHED,
        approved_by=actor,
        approved_at=NOW,
    )
    return Survey.objects.create(
        code=code,
        version=version,
        opens_on=dates.get("opens_on", date(2025, 11, 1)),
        closes_on=dates.get("closes_on", date(2025, 11, 30)),
        created_by=actor,
    )


def event(number, people, *, stage="after_sale", customer="C1", phone="", email=""):
    """A service event; the customer's contact is as given."""
    who, _ = Customer.objects.get_or_create(customer_no=customer)
    if phone or email:
        CustomerContact.objects.update_or_create(
            customer=who, defaults={"phone": phone, "email": email}
        )
    placements = [p.placements.get() for p in people]
    found = ServiceEvent.objects.create(
        event_no=number,
        customer=who,
        stage=stage,
        occurred_at=datetime(2025, 11, 1, tzinfo=UTC),
        department=placements[0].department,
    )
    for order, (person, placement) in enumerate(zip(people, placements, strict=True)):
        found.people.create(
            employee=person,
            department=placement.department,
            position=placement.position,
            order=order,
        )
    return found


def take_in(survey, rows, *, actor=None):
    """Import rows (dicts of column -> text); what is missing gets plain values."""
    plain = {
        "channel": "online",
        "started_at": "2025-11-10T10:00:00",
        "submitted_at": "2025-11-10T10:05:00",
    }
    lines = [plain | {key: str(value) for key, value in row.items()} for row in rows]
    header = tuple(dict.fromkeys(key for line in lines for key in line))
    table = Table("responses", header, [tuple(line.get(key) for key in header) for line in lines])
    return import_responses([table], survey.code, actor=actor)


def answers(values, prefix="q"):
    """Columns q_q1.. for the given answers."""
    return {f"q_{prefix}{i}": value for i, value in enumerate(values, 1) if value is not None}


def sums_agree():
    """The rollups equal the sums of the live ratings, in every digit."""
    columns = (
        "month, survey_id, department_id, employee_id, position_id, dimension, "
        "n, total, sumsq, person_n, person_total, person_sumsq"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ({STORED}) stored WHERE n <> 0 OR person_n <> 0")
        stored = set(cursor.fetchall())
        cursor.execute(SUMS)
        return stored == set(cursor.fetchall())
