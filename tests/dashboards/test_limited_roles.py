"""A role given for one department: what belongs to it is open, what is of the company is not."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from assessments import services as assessments
from assessments.models import Measurement, Period
from core.models import User
from core.permissions import Denied
from customers.models import ServiceEvent
from customers.services import import_events, reattribute_event
from dashboards.queries import counts, inbox
from dashboards.queries.employee import access
from dashboards.queries.navigation import Navigation
from incentives.models import Appeal, PayrollBatch
from incentives.permissions import may_open_line
from incentives.queries import appeal_file
from incentives.services import appeals, payroll
from organization.models import Department, Employee, PayProfile, Placement, Position
from organization.permissions import may_close_account, may_hold
from organization.queries import has_role, roles_of, users_with
from organization.services import assign_role, import_roster
from tests.customers.conftest import EMPLOYEES, HEADER, table
from tests.incentives import surveyed
from tests.incentives.batches import acknowledged
from tests.incentives.company import Company, account
from tests.incentives.filed import BAD, filed, investigated
from tests.pages import browser, text

WHOLE = "Your role is limited to a part of the company; this concerns the whole company."


def limited(role: str, department: Department, name: str = "lim") -> User:
    user = User.objects.create_user(name)
    assign_role(user, role, actor=None, department=department)
    return user


@pytest.fixture
def two(db):
    """E1 works in S01, E2 in S02; both have pay profiles and a wage to pay."""
    company = Company.create()
    company.wage_rules()
    for number in ("E1", "E2"):
        company.hire(number)
        company.pay(number, "1.2")
    other = Department.objects.create(code="S02", name_zh="城北店", name_en="North")
    Placement.objects.filter(employee__employee_no="E2").update(department=other)
    return company


def test_a_limited_role_is_none_for_the_whole_company(two) -> None:
    user = limited("hr", two.department)
    assert (has_role(user, "hr"), roles_of(user)) == (False, {"hr"})
    assert may_hold(user, "hr").reason == WHOLE
    assert may_hold(user, "group").reason == "This needs one of these roles: management group."
    assert list(users_with("hr")) == []
    assert list(users_with("hr", over=two.people["E1"])) == [user]
    assert list(users_with("hr", over=two.people["E2"])) == []


def test_pay_is_set_for_the_people_of_the_own_department(two) -> None:
    client, before = browser(limited("hr", two.department)), PayProfile.objects.count()
    page = text(client.get("/pay-settings/"))
    assert ("员工E1" in page, "员工E2" in page) == (True, False)
    new = {
        "starts_on": "2026-03-01",
        "base_wage": "6500.00",
        "performance_pay": "2200.00",
        "reason": "step",
    }
    refused = client.post("/pay-settings/profile/", {**new, "employee": "E2"})
    assert (refused.status_code, PayProfile.objects.count()) == (422, before)
    assert "There is no employee of this number." in text(refused)
    taken = client.post("/pay-settings/profile/", {**new, "employee": "E1"})
    assert (taken.status_code, PayProfile.objects.count()) == (302, before + 1)


def test_files_are_open_for_the_people_of_the_own_department(two) -> None:
    client = browser(limited("hr", two.department))
    page = text(client.get("/employees/"))
    assert ("员工E1" in page, "员工E2" in page, "North" in page) == (True, False, False)
    assert client.get("/employees/E1/").status_code == 200
    assert client.get("/employees/E2/").status_code == 404


def test_pay_of_another_department_is_not_seen_beside_other_roles(two) -> None:
    """An analyst of the whole company who is HR of one department sees pay there alone."""
    user = limited("hr", two.department)
    assign_role(user, "analyst", actor=None)
    assert access.of(user, "E1").pay is True
    assert access.of(user, "E2").pay is False


def test_a_payroll_line_is_open_to_hr_of_its_person_and_the_batch_to_nobody_limited(two) -> None:
    batch = acknowledged()
    user = limited("hr", two.department)
    lines = {line.employee.employee_no: line for line in batch.lines.select_related("employee")}
    assert may_open_line(user, lines["E1"])
    assert not may_open_line(user, lines["E2"])
    client = browser(user)
    assert client.get(reverse("payroll_batch", args=[batch.batch_no])).status_code == 404
    for address in ("/payroll/", "/ledger/", "/corrections/", "/roster/", "/calendar/"):
        page = client.get(address)
        assert (address, page.status_code) == (address, 403)
        assert WHOLE in text(page)
    with pytest.raises(Denied, match=WHOLE):
        payroll.build(date(2026, 1, 1), actor=user)
    assert PayrollBatch.objects.count() == 1


def test_the_roster_is_of_the_whole_company(two) -> None:
    before = Employee.objects.count()
    for role in ("hr", "admin"):
        with pytest.raises(Denied, match=WHOLE):
            import_roster([table(EMPLOYEES)], actor=limited(role, two.department, role))
    assert Employee.objects.count() == before


def test_accounts_and_settings_are_of_the_whole_company(two) -> None:
    user = limited("admin", two.department)
    client = browser(user)
    for address in ("/users/", "/settings/", "/audit/", "/access-log/", "/customer-data/"):
        assert (address, client.get(address).status_code) == (address, 403)
    with pytest.raises(Denied, match=WHOLE):
        assign_role(user, "group", actor=user)
    assert roles_of(user) == {"admin"}
    # Nor does it stand in the way of closing the account, as the last administrator would.
    assert may_close_account(account("root", "admin"), user)


def test_the_side_bar_offers_what_the_role_opens(two) -> None:
    def names(user: User) -> set[str]:
        return {link.url for group in Navigation(user, "/").groups for link in group.links}

    own = {"/", "/employees/", "/pay-settings/", "/data-files/"}
    assert names(limited("hr", two.department)) == own
    assert "/data-files/" not in names(limited("analyst", two.department, "al"))
    user = limited("group", two.department, "gl")
    assert "/inbox/" in names(user)
    assert not names(user) & {"/periods/", "/proposals/"}
    for url in sorted(names(user)):
        assert (url, browser(user).get(url, follow=True).status_code) == (url, 200)


@pytest.fixture
def scene(db):
    return surveyed.create(decide=False)


@pytest.fixture
def panel(scene):
    """(appeal of E0001, who is of the assessment group where E0001 works, who is elsewhere)."""
    appeal = filed(scene, BAD)
    here = Placement.objects.get(employee=appeal.employee).department
    elsewhere = Department.objects.create(code="ELSE", name_zh="别处", name_en="Elsewhere")
    return appeal, limited("assessment", here, "near"), limited("assessment", elsewhere, "far")


def test_an_appeal_is_handled_by_the_group_of_its_department(panel) -> None:
    appeal, near, far = panel
    assert browser(far).get(f"/appeals/{appeal.appeal_no}/").status_code == 404
    posted = browser(far).post(f"/appeals/{appeal.appeal_no}/accept/")
    assert posted.status_code == 404
    with pytest.raises(Denied, match="does not work"):
        appeals.accept_appeal(appeal, actor=far)
    assert Appeal.objects.get().state == Appeal.State.SUBMITTED
    assert (counts.appeals(near), counts.appeals(far)) == (1, 0)
    found = [one.key for one in inbox.mine(near, roles_of(near))]
    assert found == [appeal.appeal_no]
    assert inbox.entries(far, roles_of(far), now=appeal.created_at) == []
    names = {user.username for user, _why in appeal_file.shown(
        appeal, near, now=appeal.created_at)["panel"]}  # fmt: skip
    assert ("near" in names, "far" in names) == (True, False)
    assert appeals.accept_appeal(appeal, actor=near).state == Appeal.State.ACCEPTED


def test_periods_are_of_the_whole_company(scene) -> None:
    here = Department.objects.filter(placements__isnull=False).distinct().get()
    user = limited("assessment", here)
    before = Period.objects.get().status
    client = browser(user)
    assert client.get("/periods/").status_code == 403
    assert client.get("/proposals/").status_code == 403
    for service in (assessments.score_period, assessments.close_period):
        more = {"confirm": "0" * 64} if service is assessments.close_period else {}
        with pytest.raises(Denied, match=WHOLE):
            service("2025-11", actor=user, **more)
    assert Period.objects.get().status == before


def test_a_dry_run_is_made_by_the_group_of_the_department(scene) -> None:
    appeal = investigated(scene, BAD)
    far = limited("group", Department.objects.create(code="E", name_zh="E"))
    with pytest.raises(Denied, match="does not work"):
        appeals.dry_run_appeal(appeal, actor=far)
    assert appeal.dry_runs.count() == 0


def test_figures_are_taken_of_the_people_of_the_own_department(two) -> None:
    user = limited("supervision", two.department)

    def file(number: str):
        header = "indicator_code,employee_no,period,numerator,denominator,source_ref"
        return [table([header, f"courtesy_rate,{number},2026-02,18,20,a"])]

    with pytest.raises(Denied, match="does not work"):
        assessments.import_measurements(file("E2"), actor=user)
    assert not Measurement.objects.exists()
    assert assessments.import_measurements(file("E1"), actor=user).created == 1
    assert Measurement.objects.get().numerator == Decimal(18)


def test_events_are_recorded_and_corrected_for_the_own_department(two) -> None:
    recorder = limited("executor", two.department)
    corrector = limited("supervision", two.department, "sup")

    def file(number: str, person: str):
        line = f"{number},K1,,,,{person},,after_sale,workshop,2026-02-10T09:30"
        return [table([HEADER, line])]

    with pytest.raises(Denied, match="other departments"):
        import_events(file("W2", "E2"), actor=recorder)
    assert not ServiceEvent.objects.exists()
    assert import_events(file("W1", "E1"), actor=recorder).created == {"W1"}
    import_events(file("W2", "E2"), actor=account("root", "admin"))
    one, other = (ServiceEvent.objects.get(event_no=number) for number in ("W1", "W2"))
    for event, person in ((other, "E1"), (one, "E2")):
        with pytest.raises(Denied, match="other departments"):
            reattribute_event(event, [two.people[person]], actor=corrector, reason="x")
        event.refresh_from_db()
        assert event.reattributions.count() == 0
    position = Position.objects.create(code="technician2", name_zh="技师")
    colleague = two.hire("E3")
    Placement.objects.filter(employee=colleague).update(position=position)
    changed = reattribute_event(one, [colleague], actor=corrector, reason="work order")
    assert changed.department_after == two.department


def test_the_second_factor_is_asked_of_limited_roles_too(two, settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["hr"]
    answer = browser(limited("hr", two.department)).get("/employees/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/mfa/totp/activate/")
