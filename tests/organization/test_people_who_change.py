"""People who leave, come back, change their address: what follows from the roster at once."""

from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client

from core.errors import BadRows
from core.models import AuditEntry, User
from organization import queries
from organization.models import Department, Employee
from organization.services import (
    create_user,
    import_roster,
    preview_roster,
    send_password_link,
)
from tests.organization.conftest import EMPLOYEES, changed, table


def take(company, lines, **options):
    return import_roster([table(lines)], actor=company, **options)


# --- heads who left ------------------------------------------------------------------------------


def test_a_head_who_left_leads_nothing_though_the_roster_still_names_them(person, company):
    head = person("E3")
    assert queries.roles_of(head) == {"employee", "manager"}
    take(company, changed(EMPLOYEES, "E3", "2020-01-01,,", "2020-01-01,2022-01-31,"))
    assert Department.objects.get(code="S01").head.employee_no == "E3"
    assert queries.roles_of(head) == frozenset()
    assert list(Employee.objects.visible_to(head).values_list("employee_no", flat=True)) == ["E3"]
    assert not Department.objects.visible_to(head).exists()


def test_a_head_leads_until_the_end_of_the_last_day(person, company):
    head = person("E3")
    take(company, changed(EMPLOYEES, "E3", "2020-01-01,,", "2020-01-01,2099-01-31,"))
    assert queries.roles_of(head) == {"employee", "manager"}


def test_nobody_who_left_is_told_as_a_head(company, place):
    take(company, changed(EMPLOYEES, "E2", "2019-02-01,,", "2019-02-01,2022-01-31,"))
    heads = queries.heads_above(place("S01")).values_list("employee_no", flat=True)
    assert sorted(heads) == ["E1", "E3"]


# --- addresses -----------------------------------------------------------------------------------


def test_an_address_corrected_in_the_roster_is_the_one_that_gets_the_password_link(company):
    account = create_user("lin", roles=["group"], actor=company, employee_no="E1")
    assert account.email == "e1@example.com"
    take(company, changed(EMPLOYEES, "E1", "e1@example.com", "right@example.com"))
    account.refresh_from_db()
    assert account.email == "right@example.com"
    send_password_link(account, actor=company, root="https://example.com")
    assert mail.outbox[0].to == ["right@example.com"]
    entry = AuditEntry.objects.filter(verb="roster.imported").latest("id")
    assert (entry.data["addresses_changed"], entry.data["accounts_readdressed"]) == (
        1,
        [account.pk],
    )


def test_an_address_that_comes_after_the_account_reaches_it(company):
    account = create_user("he", roles=["hr"], actor=company, employee_no="E2")
    assert account.email == ""
    take(company, changed(EMPLOYEES, "E2", "2019-02-01,,,", "2019-02-01,,he@example.com,"))
    account.refresh_from_db()
    assert account.email == "he@example.com"


def test_an_address_taken_out_of_the_roster_is_written_to_no_more(company):
    account = create_user("lin", roles=["group"], actor=company, employee_no="E1")
    take(company, changed(EMPLOYEES, "E1", "e1@example.com", ""))
    account.refresh_from_db()
    assert account.email == ""


def test_the_same_roster_mends_an_address_that_had_stayed_behind_once(company):
    account = create_user("lin", roles=["group"], actor=company, employee_no="E1")
    User.objects.filter(pk=account.pk).update(email="old@example.com")
    assert take(company, EMPLOYEES).changes == 1
    account.refresh_from_db()
    assert account.email == "e1@example.com"
    entries = AuditEntry.objects.count()
    assert take(company, EMPLOYEES).changes == 0
    assert AuditEntry.objects.count() == entries


# --- hiring --------------------------------------------------------------------------------------


def test_the_day_of_a_rehire_can_be_corrected(company):
    take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2021-05-01,2024-06-30,"))
    take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2025-03-01,,"))
    take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2025-03-10,,"))
    e4 = Employee.objects.get(employee_no="E4")
    spans = [(date(2021, 5, 1), date(2024, 6, 30)), (date(2025, 3, 10), None)]
    assert list(e4.placements.values_list("starts_on", "ends_on")) == spans
    assert list(e4.pay_profiles.values_list("starts_on", "ends_on")) == spans


def test_a_rehire_moved_into_the_time_before_leaving_is_a_fault_and_no_crash(company):
    take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2021-05-01,2024-06-30,"))
    take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2025-03-01,,"))
    with pytest.raises(BadRows) as raised:
        take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2024-06-30,,"))
    assert [(each.row, each.column) for each in raised.value.errors] == [(5, "hired_on")]
    e4 = Employee.objects.get(employee_no="E4")
    assert e4.hired_on == date(2025, 3, 1)


def test_the_preview_of_a_corrected_day_of_hiring_says_nobody_leaves(company):
    moved = changed(EMPLOYEES, "E4", "S01,sales_consultant", "S02,sales_consultant")
    take(company, moved, effective=date(2024, 1, 1))
    lines = changed(moved, "E4", "2021-05-01", "2021-05-06")
    found = preview_roster([table(lines)], actor=company).changes
    assert [(one.kind, one.day, one.before, one.after) for one in found] == [
        ("transfer", date(2021, 5, 6), (), ("S01", "sales_consultant")),
        ("pay", date(2021, 5, 6), (), (Decimal("4200.00"), Decimal("1800.00"))),
        ("person", None, (), ()),
    ]
    leaving = changed(moved, "E4", "2021-05-01,,", "2021-05-01,2026-01-31,")
    first = preview_roster([table(leaving)], actor=company).changes[0]
    assert (first.kind, first.day, first.before, first.after) == (
        "transfer",
        date(2026, 1, 31),
        ("S02", "sales_consultant"),
        (),
    )


# --- files and addresses of pages ----------------------------------------------------------------


def test_two_editions_of_one_roster_in_one_call_are_faults_and_no_crash(company):
    later = changed(EMPLOYEES, "E1", "2019-01-01,,", "2019-01-01,2026-01-31,")
    with pytest.raises(BadRows) as raised:
        import_roster([table(EMPLOYEES, "a"), table(later, "b")], actor=company)
    assert len(raised.value.errors) == 5
    assert "E1 stands in the file twice" in str(raised.value)


def test_a_person_whose_number_holds_a_slash_has_a_page(company):
    lines = changed(EMPLOYEES, "E5", "E5,", "BJ/05,")
    take(company, lines)
    hr = create_user("hr1", roles=["hr"], actor=company)
    client = Client()
    client.force_login(hr)
    assert client.get("/employees/").status_code == 200
    assert client.get("/employees/BJ/05/").status_code == 200


@pytest.mark.parametrize("year", ["0000", "9999", "2026"])
def test_the_calendar_shows_any_year(company, year):
    hr = create_user("hr1", roles=["hr"], actor=company)
    client = Client()
    client.force_login(hr)
    assert client.get(f"/calendar/?year={year}").status_code == 200


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u200e", "\u00ad", "\t"])
def test_a_number_with_an_invisible_sign_does_not_make_a_second_person(company, sign):
    """Copied out of a chat or a page they come along, and nobody sees that it is not E4."""
    before = list(Employee.objects.order_by("pk").values_list("employee_no", flat=True))
    lines = changed(EMPLOYEES, "E4", "E4,", f"E{sign}4,")
    with pytest.raises(BadRows) as raised:
        take(company, lines)
    assert [(each.row, each.column) for each in raised.value.errors] == [(5, "employee_no")]
    assert list(Employee.objects.order_by("pk").values_list("employee_no", flat=True)) == before


def test_a_name_may_hold_any_sign_that_can_be_stored(company):
    name = "e\u0301 \u202eاسم 👩‍🔧𠮷野"
    take(company, changed(EMPLOYEES, "E4", "毛嘉树", name))
    assert Employee.objects.get(employee_no="E4").name == name
