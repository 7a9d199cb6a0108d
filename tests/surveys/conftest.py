"""A small company with a survey in the field, and a short way to send answers."""

import datetime
import json
from decimal import Decimal

import pytest

from core.commands import operator
from core.tables import Table
from customers.models import Customer, ServiceEvent, ServiceEventPerson
from organization.models import Department, Employee, Placement, Position
from surveys import services
from surveys.models import Response

HEADER = (
    "response_no",
    "event_no",
    "customer_no",
    "employee_no",
    "department_code",
    "channel",
    "interviewer_no",
    "device",
    "started_at",
    "submitted_at",
)

SPEC = {
    "code": "VISIT",
    "name_zh": "到店调查",
    "name_en": "Visit",
    "dimensions": [
        {"code": "advice", "name_zh": "咨询", "name_en": "Advice", "weight": 60},
        {"code": "repair", "name_zh": "维修", "name_en": "Repair", "weight": 40},
    ],
    "questions": [
        {
            "code": "clear",
            "type": "rating",
            "dimension": "advice",
            "scale": [1, 5],
            "required": True,
            "accountable": ["advisor"],
            "text_zh": "讲解清楚",
            "text_en": "The explanation was clear.",
        },
        {
            "code": "pushed",
            "type": "rating",
            "dimension": "advice",
            "scale": [1, 5],
            "required": True,
            "reverse": True,
            "accountable": ["advisor"],
            "text_zh": "催我下单",
            "text_en": "I felt pushed.",
        },
        {
            "code": "fixed",
            "type": "rating",
            "dimension": "repair",
            "scale": [1, 7],
            "required": True,
            "allow_na": True,
            "accountable": ["technician"],
            "text_zh": "修好了",
            "text_en": "It was repaired.",
        },
        {
            "code": "nps",
            "type": "nps",
            "dimension": None,
            "text_zh": "推荐",
            "text_en": "Would you recommend us?",
        },
        {
            "code": "why",
            "type": "multiple",
            "dimension": None,
            "options": [
                {"code": "price", "text_zh": "价格", "text_en": "Price"},
                {"code": "place", "text_zh": "位置", "text_en": "Place"},
            ],
            "text_zh": "原因",
            "text_en": "Why?",
        },
        {
            "code": "words",
            "type": "text",
            "dimension": None,
            "max_length": 20,
            "text_zh": "意见",
            "text_en": "Your words",
        },
    ],
}


def spec_of(base=SPEC, **changes):
    """A copy of a questionnaire's content, with changes at the top level."""
    return json.loads(json.dumps(base), parse_float=Decimal) | changes


def table_of(*rows, header=HEADER):
    """Rows given as dicts; columns beyond the header are added as they appear."""
    names = list(dict.fromkeys([*header, *(key for row in rows for key in row)]))
    return Table("answers", tuple(names), [tuple(row.get(n) for n in names) for row in rows])


def answer(number, **values):
    """A row of a file: advisor E1 of shop S1 gets a 4, nobody pushed, all repaired."""
    return {
        "response_no": f"R{number}",
        "customer_no": f"C{number}",
        "employee_no": "E1",
        "channel": "online",
        "started_at": "2026-03-10T10:00:00",
        "submitted_at": "2026-03-10T10:02:00",
        "q_clear": "4",
        "q_pushed": "1",
        "q_fixed": "7",
    } | values


class World:
    """What tests refer to by name."""

    def __init__(self):
        self.shops = {
            code: Department.objects.create(code=code, name_zh=code, name_en=code)
            for code in ("S1", "S2")
        }
        self.positions = {
            code: Position.objects.get_or_create(code=code, defaults={"name_zh": code})[0]
            for code in ("advisor", "technician")
        }
        self.people = {}
        for no, shop, position in (
            ("E1", "S1", "advisor"),
            ("E2", "S1", "technician"),
            ("E3", "S2", "advisor"),
        ):
            person = Employee.objects.create(
                employee_no=no, name=no, hired_on=datetime.date(2020, 1, 1)
            )
            Placement.objects.create(
                employee=person,
                department=self.shops[shop],
                position=self.positions[position],
                starts_on=datetime.date(2020, 1, 1),
            )
            self.people[no] = person
        self.operator = operator()
        services.import_questionnaire(spec_of(), actor=self.operator)
        self.survey, _ = services.open_survey(
            "MARCH",
            questionnaire="VISIT",
            first=datetime.date(2026, 3, 1),
            last=datetime.date(2026, 4, 30),
            actor=self.operator,
        )

    def event(self, no, *people, customer="C1", shop="S1"):
        """A service event with its people, the lead first."""
        event = ServiceEvent.objects.create(
            event_no=no,
            customer=Customer.objects.get_or_create(customer_no=customer)[0],
            stage="after_sale",
            occurred_at=datetime.datetime(2026, 3, 9, 4, tzinfo=datetime.UTC),
            department=self.shops[shop],
        )
        for order, employee_no in enumerate(people):
            person = self.person(employee_no)
            ServiceEventPerson.objects.create(
                event=event,
                employee_id=person[0],
                department_id=person[1],
                position_id=person[2],
                order=order,
            )
        return event

    def person(self, employee_no):
        """(employee, department, position) ids of today's placement."""
        place = Placement.objects.get(employee=self.people[employee_no], ends_on=None)
        return (place.employee_id, place.department_id, place.position_id)

    def send(self, *rows, **options):
        """Import rows into the survey."""
        return services.import_responses([table_of(*rows)], "MARCH", actor=self.operator, **options)

    def response(self, number):
        return Response.objects.get(response_no=f"R{number}")


@pytest.fixture
def world(db):
    return World()
