"""Closing, opening and helping accounts: what changes, who is told, what is refused."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from core.errors import InvalidInput, InvalidTransition
from core.models import AuditEntry, Notification, User
from core.permissions import Denied
from organization.models import Role, RoleAssignment
from organization.permissions import duties_in_conflict, may_close_account, may_end_role
from organization.services import (
    assign_role,
    create_user,
    deactivate_user,
    end_role,
    end_sessions,
    grant_role,
    operator,
    reactivate_user,
    reset_second_factor,
    send_password_link,
)


@pytest.fixture
def boss(company):
    """An administrator who is a person."""
    return create_user("boss", roles=["admin"], actor=company)


@pytest.fixture
def account(person):
    return person("E4")


def verbs(user):
    rows = AuditEntry.objects.filter(object_type="core.user", object_id=str(user.pk))
    return list(rows.order_by("id").values_list("verb", flat=True))


def test_a_closed_account_is_logged_out_and_keeps_its_roles(boss, account):
    assign_role(account, Role.HANDLER, actor=boss)
    browser = Client()
    browser.force_login(account)
    deactivate_user(account, reason="has left the company", actor=boss)
    account.refresh_from_db()
    assert not account.is_active
    assert browser.get("/", secure=True).status_code == 302
    assert account.role_assignments.filter(ended_at=None).count() == 1
    assert AuditEntry.objects.get(verb="user.deactivated").data == {
        "reason": "has left the company"
    }
    with pytest.raises(InvalidTransition):
        deactivate_user(account, reason="has left the company", actor=boss)
    reactivate_user(account, actor=boss)
    assert User.objects.get(pk=account.pk).is_active
    assert Notification.objects.get(user=account).verb == "user.reactivated"
    with pytest.raises(InvalidTransition):
        reactivate_user(account, actor=boss)


def test_a_reason_is_needed(boss, account):
    with pytest.raises(InvalidInput):
        deactivate_user(account, reason="  no ", actor=boss)
    assert User.objects.get(pk=account.pk).is_active


def test_only_administrators_manage_accounts(boss, account, hr_admin):
    for attempt in (
        lambda: deactivate_user(account, reason="long enough", actor=hr_admin),
        lambda: reactivate_user(account, actor=hr_admin),
        lambda: end_sessions(account, actor=hr_admin),
        lambda: grant_role(account, Role.HR, actor=hr_admin),
        lambda: send_password_link(account, actor=hr_admin, root="https://host"),
    ):
        with pytest.raises(Denied):
            attempt()
    assert verbs(account) == []


def test_the_last_administrator_and_oneself_stay(boss):
    own = RoleAssignment.objects.get(user=boss)
    with pytest.raises(Denied, match="own administrator role"):
        end_role(own, actor=boss)
    with pytest.raises(Denied, match="last administrator"):
        end_role(own, actor=operator())
    assert not may_close_account(boss, boss)
    assert not may_close_account(operator(), boss)
    second = create_user("second", roles=["admin"], actor=boss)
    assert may_end_role(second, own)
    end_role(own, actor=second)
    assert AuditEntry.objects.filter(verb="role.ended").count() == 1
    assert not may_end_role(boss, RoleAssignment.objects.get(user=second))


def test_a_closed_administrator_does_not_count(boss):
    second = create_user("second", roles=["admin"], actor=boss)
    deactivate_user(second, reason="long holiday", actor=boss)
    with pytest.raises(Denied, match="last administrator"):
        end_role(RoleAssignment.objects.get(user=boss), actor=operator())


def test_machines_are_not_managed_here(boss):
    with pytest.raises(Denied, match="commands"):
        deactivate_user(operator(), reason="long enough", actor=boss)
    robot = User.objects.create_user("api:till")
    with pytest.raises(Denied, match="API client"):
        grant_role(robot, Role.HR, actor=boss)


def test_a_role_is_given_for_a_part_and_told(boss, account, place):
    grant_role(account, Role.MANAGER, actor=boss, department=place("S02"))
    assert AuditEntry.objects.get(verb="role.given", object_id=str(account.pk)).data == {
        "role": "manager",
        "department": "S02",
    }
    assert Notification.objects.get(user=account).verb == "role.given"
    with pytest.raises(InvalidInput, match="already"):
        grant_role(account, Role.MANAGER, actor=boss, department=place("S02"))
    with pytest.raises(InvalidInput, match="whole company"):
        grant_role(account, Role.ADMIN, actor=boss, department=place("S02"))


def test_a_lost_second_factor_is_removed_with_its_sessions(boss, account):
    with pytest.raises(InvalidTransition):
        reset_second_factor(account, reason="lost the telephone", actor=boss)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={})
    browser = Client()
    browser.force_login(account)
    assert reset_second_factor(account, reason="lost the telephone", actor=boss) == 1
    assert not Authenticator.objects.filter(user=account).exists()
    assert browser.get("/", secure=True).status_code == 302
    assert Notification.objects.get(user=account).verb == "user.second_factor_reset"


def test_sessions_end_and_a_new_login_holds(boss, account):
    browser = Client()
    browser.force_login(account)
    assert browser.get("/", secure=True).status_code == 200
    end_sessions(account, actor=boss)
    assert browser.get("/", secure=True).status_code == 302
    browser.force_login(User.objects.get(pk=account.pk))
    assert browser.get("/", secure=True).status_code == 200
    assert verbs(account) == ["user.sessions_ended"]


@pytest.mark.parametrize(("language", "words"), [("en", "set a password"), ("zh-hans", "设置密码")])
def test_a_password_link_is_mailed_and_works_once(boss, person, language, words):
    account = person("E1")
    account.email, account.language = "e1@example.com", language
    account.set_unusable_password()
    account.save()
    send_password_link(account, actor=boss, root="http://testserver/")
    (letter,) = mail.outbox
    assert letter.to == ["e1@example.com"]
    assert words in letter.subject
    link = next(line for line in letter.body.splitlines() if line.startswith("http"))
    assert link.startswith("http://testserver/password/reset/key/")
    browser = Client()
    form = browser.get(link, follow=True, secure=True)
    new = "quite a long pass phrase"
    answer = browser.post(
        form.request["PATH_INFO"], {"password1": new, "password2": new}, secure=True
    )
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.check_password(new)
    assert "password1" not in Client().get(link, follow=True, secure=True).content.decode()


def test_without_an_address_nothing_is_noted(boss, account):
    with pytest.raises(InvalidInput, match="no e-mail address"):
        send_password_link(account, actor=boss, root="https://host")
    assert verbs(account) == []


def test_roles_that_should_not_meet_are_named():
    assert duties_in_conflict(["hr", "analyst", "employee"]) == []
    assert duties_in_conflict(["hr", "group"]) == [
        "HR and management group: the same person prepares the payroll and approves it."
    ]
