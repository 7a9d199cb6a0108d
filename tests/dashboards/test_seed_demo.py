"""The demo company: made through the services, the same whenever and how often it is made."""

import hashlib
import io
from collections import Counter
from datetime import date, datetime, time

import numpy as np
import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from assessments.models import Period, Scorecard
from core import audit
from core.workdays import SHANGHAI
from customers.models import ServiceEvent
from dashboards.services.demo import company, visits
from dashboards.services.demo.accounts import ACCOUNTS, PASSWORD
from dashboards.services.demo.parameters import Month, months_before, parameters
from incentives.models import Appeal, PayrollBatch
from incentives.services import ledger, payroll
from organization.models import Department, Employee, Placement, RoleAssignment
from surveys.models import (
    Invitation,
    RatingRollup,
    Response,
    ResponsePersonal,
    Survey,
    Verdict,
)
from surveys.queries.rollups import survey_cells
from surveys.rules.sums import NOTHING, Sums

TODAY = date(2026, 11, 22)
VISIT = date(2026, 11, 28)
# A company with few customers; the figures of the stories that need many are checked on the whole
# company, by tests/web/test_demo_company.py.
SMALL = {
    "deliveries_per_consultant_month": 2,
    "visits_per_consultant_month": 3,
    "service_visits_per_advisor_month": 5,
    "complaints_per_agent_month": 2,
    "owners_in_frame": 300,
}


@pytest.fixture
def small(monkeypatch):
    """A company with few customers: the same code in a few seconds."""
    for name, value in SMALL.items():
        monkeypatch.setitem(parameters()["volumes"], name, value)


def seed(today=TODAY):
    out = io.StringIO()
    call_command("seed_demo", "--today", today.isoformat(), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def fingerprint():
    facts = [
        *ServiceEvent.objects.order_by("event_no").values_list("event_no", "occurred_at"),
        *Response.objects.order_by("response_no").values_list("response_no", "answers"),
        *Scorecard.objects.order_by("period__key", "employee__employee_no").values_list(
            "content_hash", "composite"
        ),
        *RoleAssignment.objects.order_by("id").values_list("user__username", "role"),
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def test_a_year_of_closed_months_and_an_account_for_every_role_twice_the_same(db, small, settings):
    printed = seed()
    assert PASSWORD in printed
    assert [account.employee_no in printed for account in ACCOUNTS] == [True] * len(ACCOUNTS)
    states = Counter(Period.objects.values_list("status", flat=True))
    assert states == {"closed": 11, "released": 1}
    assert Period.objects.get(status="released").key == "2026-10"
    assert Scorecard.objects.current().count() == 12 * 120 - 11  # one newcomer
    assert not Response.objects.filter(submitted_at__date__gte=TODAY).exists()
    assert Counter(Appeal.objects.values_list("state", "outcome")) == {
        ("draft", ""): 1,
        ("submitted", ""): 2,
        ("accepted", ""): 1,
        ("returned_for_info", ""): 1,
        ("inadmissible", ""): 1,
        ("investigating", ""): 2,
        ("recomputed", ""): 1,
        ("notified", "maintained"): 2,
        ("notified", "partly"): 1,
        ("notified", "upheld"): 1,
        ("executed", "upheld"): 1,
        ("executed", "maintained"): 1,  # the first of the second review
        ("closed", "upheld"): 1,
        ("closed", "maintained"): 1,
        ("withdrawn", ""): 1,
    }
    assert [one.late for one in Appeal.objects.filter(state="submitted")].count(True) == 1
    assert Appeal.objects.filter(escalated_at__isnull=False).count() == 1
    batches = PayrollBatch.objects.order_by("month").values_list("state", flat=True)
    assert list(batches) == ["closed"] * 4 + ["acknowledged", "validated"]
    _honest_customers_count()
    _the_wage_guard_as_in_its_story()
    _absences_are_not_assessed()
    _departments_have_what_their_persons_have()
    assert ledger.verify() is None
    assert payroll.verify() is None
    assert audit.verify() is None
    # Some days later, when few of the small company's customers have been asked within 30 days, and
    # before the surveys of the running month end with it. Roles start by the clock of the database,
    # which is not made to travel.
    RoleAssignment.objects.update(starts_at=datetime.combine(TODAY, time(0), SHANGHAI))
    with time_machine.travel(datetime.combine(VISIT, time(12), SHANGHAI)):
        cache.clear()  # logins that others committed count against the limit of this address
        login = Client().post("/login/", {"login": "E0114", "password": PASSWORD})
        assert login.status_code == 302
        _a_visitor_answers_as_a_customer(settings)
    before = fingerprint()
    seed()
    assert fingerprint() == before


def _honest_customers_count():
    """Only coached answers and those of staff are left out."""
    devices = ResponsePersonal.objects.filter(device__startswith="demo-S05-")
    coached = set(devices.values_list("response_id", flat=True))
    excluded = Verdict.objects.filter(verdict="excluded")
    machine = set(excluded.filter(decided_by=None).values_list("response_id", flat=True))
    assert machine <= coached
    for source, checks in excluded.exclude(decided_by=None).values_list("source", "checks"):
        assert source.startswith("AP-2026-") or {"same_device", "staff_contact"} & set(checks)


def _the_wage_guard_as_in_its_story():
    batch = PayrollBatch.objects.get(month=date(2026, 10, 1))
    rows = {row["employee_no"]: row for row in batch.guard if row["debts"]}
    taken = {
        number: (row["gross"], row["debts"][0]["deduct"], row["debts"][0]["carry"])
        for number, row in rows.items()
    }
    assert taken == {
        "E0106": ("6000.00", "1200.00", "1800.00"),
        "E0109": ("2800.00", "310.00", "2690.00"),
        "E0111": ("3000.00", "0.00", "3000.00"),
    }
    warnings = {(row["code"], row.get("employee_no")): row for row in batch.warnings}
    assert warnings["shortfall", "E0111"]["amount"] == "90.00"
    assert warnings["not_earned", "E0052"]["amount"] == "2800.00"
    assert Scorecard.objects.current().get(
        period__key="2026-10", employee__employee_no="E0052"
    ).grade == "E"  # fmt: skip


def _absences_are_not_assessed():
    def status(number, month):
        card = Scorecard.objects.current().get(period__key=month, employee__employee_no=number)
        return card.status, card.present_days

    assert status("E0020", "2026-10") == ("not_assessed", 8)
    assert status("E0101", "2026-10") == ("not_assessed", 7)
    assert status("E0028", "2026-07") == ("not_assessed", 0)
    places = Placement.objects.filter(employee__employee_no="E0047").order_by("starts_on")
    assert list(places.values_list("department__code", "ends_on")) == [
        ("S02", date(2026, 9, 14)),
        ("S03", None),
    ]
    assert Employee.objects.get(employee_no="E0087").left_on == date(2026, 10, 18)


def _a_visitor_answers_as_a_customer(settings):
    settings.DEMO_MODE = False
    url = "/demo/answer/AFTER-SALES/"
    asked = Invitation.objects.count()
    assert asked > 0
    assert Client().post(url).status_code == 404
    settings.DEMO_MODE = True
    browser = Client()
    assert url in browser.get("/login/").content.decode()
    assert browser.get(url).status_code == 405
    assert browser.post("/demo/answer/EMPLOYEE-SYSTEM/").status_code == 404
    answer = browser.post(url)
    assert (answer.status_code, answer.url[:3]) == (302, "/s/")
    assert browser.get(answer.url).status_code == 200
    assert Invitation.objects.count() == asked + 1


def _departments_have_what_their_persons_have():
    """What pages read of departments, against the sums of persons added one by one."""
    expected = {}
    for row in RatingRollup.objects.all():
        listed = zip(row.dimensions, row.ns, row.totals, row.sumsqs, strict=True)
        for dimension, *sums in [("overall", row.n, row.total, row.sumsq), *listed]:
            key = (row.month, row.survey_id, row.department_id, dimension)
            expected[key] = expected.get(key, NOTHING).plus(Sums(*map(int, sums)))
    cells = survey_cells(Survey.objects.values_list("pk", flat=True))
    found = {(one.month, one.survey, one.department, one.dimension): one.sums for one in cells}
    assert found == {key: sums for key, sums in expected.items() if sums.n}
    assert len(found) == len(cells) > 900


def test_it_never_enters_the_database_of_another_company(db):
    Employee.objects.create(employee_no="E0001", name="别人", hired_on=date(2020, 1, 1))
    with pytest.raises(CommandError, match="holds other people"):
        seed()
    assert Department.objects.count() == 0


def test_the_roster_is_the_one_of_the_story(db):
    people = company.people()
    assert len(people) == 120
    assert len({person.name for person in people}) == 120
    numbers = {person.number: person for person in people}
    for cast in parameters()["cast"]:
        person = numbers[cast["employee_no"]]
        assert (person.name, person.department, person.position) == (
            cast["name"],
            cast["department_code"],
            cast["position_code"],
        )
    shops = Counter(person.department for person in people)
    assert [shops[f"S0{n}"] for n in range(1, 7)] == [18, 15, 15, 13, 13, 11]


def test_every_role_has_an_account_and_three_people_besides_the_scorer_decide():
    roles = {role for account in ACCOUNTS for role in account.roles}
    assert roles == {
        *("employee", "group", "assessment", "handler", "executor", "hr", "supervision"),
        *("analyst", "admin"),
    }  # managers are those the roster names as heads
    deciders = [one for one in ACCOUNTS if {"group", "assessment"} & set(one.roles)]
    assert len(deciders) >= 3


def test_months_are_the_same_whatever_day_they_are_made_on():
    spec = _spec("AFTER-SALES")
    kind = next(one for one in visits.KINDS if one.questionnaire == "AFTER-SALES")
    running = Month(date(2026, 11, 1))
    early = visits.make(kind, running, spec, date(2026, 11, 10))
    late = visits.make(kind, running, spec, date(2026, 11, 20))
    assert late.events[: len(early.events)] == early.events
    assert set(early.responses) < set(late.responses)
    assert [month.key for month in months_before(date(2026, 1, 4))][::11] == ["2025-01", "2025-12"]


def test_scores_follow_the_model():
    """Over a month: the volumes given, means near the true ones, the given spread and share."""
    spec = _spec("AFTER-SALES")
    kind = next(one for one in visits.KINDS if one.questionnaire == "AFTER-SALES")
    made = visits.make(kind, Month(date(2026, 3, 1)), spec, date(2026, 11, 1))
    assert len(made.events) == 18 * 110
    assert 0.35 < len(made.responses) / len(made.events) < 0.41
    column = len(visits.RESPONSE_COLUMNS) + list(made.questions).index("sa_listen")
    points = np.array([int(row[column]) for row in made.responses])
    true = np.mean([person.true_mean for person in company.at("service_advisor")])
    assert abs(float(((points - 1) * 25).mean()) - true) < 3
    channels = Counter(row[5] for row in made.responses)
    assert 0.55 < channels["online"] / len(made.responses) < 0.69


def _spec(code):
    import json

    from django.conf import settings

    for path in (settings.BASE_DIR / "surveys/content/questionnaires").glob("*.json"):
        spec = json.loads(path.read_text("utf-8"))
        if spec["code"] == code:
            return spec
    raise AssertionError(code)
