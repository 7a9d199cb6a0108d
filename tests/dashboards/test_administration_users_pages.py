"""Accounts on the administrator's pages: what they show, what they change, who is kept out."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from core.models import AuditEntry, User
from organization.models import Employee, Role, RoleAssignment
from organization.services import assign_role, create_user


@pytest.fixture(autouse=True)
def _no_failures_yet(db):
    cache.clear()


@pytest.fixture
def desk(people, settings) -> Client:
    """An administrator's browser; E4 has an account, E5 has none."""
    settings.SECOND_FACTOR_ROLES = []
    boss = create_user("E2", roles=["admin"], employee_no="E2", actor=people)
    create_user("E4", roles=["handler"], employee_no="E4", actor=people)
    browser = Client(headers={"accept-language": "en"})
    User.objects.update(language="en")
    browser.force_login(boss)
    return browser


def text(answer):
    return answer.content.decode()


def e4() -> User:
    return User.objects.get(username="E4")


def test_the_list_finds_by_name_role_and_state(desk):
    page = text(desk.get("/users/"))
    assert "2 open accounts" in page
    assert "毛嘉树" in page
    assert "complaint handler" in page
    assert "operator" not in page
    assert "毛嘉树" in text(desk.get("/users/?q=毛"))
    assert "毛嘉树" not in text(desk.get("/users/?role=admin"))
    assert "No account is like this" in text(desk.get("/users/?state=closed"))
    assert desk.get("/users/?page=99&role=nonsense&state=x").status_code == 200


def test_the_list_costs_the_same_for_many(desk, people, django_assert_max_num_queries):
    desk.get("/users/")
    with django_assert_max_num_queries(25) as few:
        desk.get("/users/")
    for number in range(20):
        user = User.objects.create_user(f"x{number}")
        assign_role(user, Role.ANALYST, actor=people)
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get("/users/")


def test_a_role_is_given_and_ended_with_its_reasons(desk, place_code):
    answer = desk.post(
        "/users/E4/roles/", {"role": "manager", "department": place_code("S02")}, follow=True
    )
    assert "The role is given." in text(answer)
    assert "North" in text(answer)
    held = RoleAssignment.objects.get(user=e4(), role="manager")
    entry = AuditEntry.objects.get(verb="role.given", data__department="S02")
    assert (entry.actor.username, entry.channel) == ("E2", "web")
    again = desk.post("/users/E4/roles/", {"role": "manager", "department": held.department_id})
    assert again.status_code == 422
    assert "The account holds this role already." in text(again)
    answer = desk.post(f"/users/E4/roles/{held.pk}/end/", follow=True)
    assert "The role is ended." in text(answer)
    held.refresh_from_db()
    assert held.ended_at is not None


@pytest.fixture
def place_code(people):
    from organization.models import Department

    return lambda code: Department.objects.get(code=code).pk


def test_roles_that_should_not_meet_are_warned_about(desk):
    desk.post("/users/E4/roles/", {"role": "hr"})
    page = text(desk.post("/users/E4/roles/", {"role": "group"}, follow=True))
    assert "the same person prepares the payroll and approves it" in page
    assert "These roles should not meet in one person" in page


def test_ones_own_administrator_role_stays(desk):
    own = RoleAssignment.objects.get(user__username="E2", role="admin")
    answer = desk.post(f"/users/E2/roles/{own.pk}/end/")
    assert answer.status_code == 403
    assert "own administrator role" in text(answer)
    own.refresh_from_db()
    assert own.ended_at is None
    assert "own administrator role" in text(desk.get("/users/E2/"))


def test_an_account_is_made_for_an_employee_who_gets_a_link(desk):
    Employee.objects.filter(employee_no="E5").update(email="e5@example.com")
    assert "沈若溪" in text(desk.get("/users/new/?q=沈"))
    form = text(desk.get("/users/new/?employee=E5"))
    assert 'value="E5"' in form
    answer = desk.post(
        "/users/new/", {"employee": "E5", "username": "shen", "roles": ["hr"]}, follow=True
    )
    assert "a link to set the password went to e5@example.com" in text(answer)
    account = User.objects.get(username="shen")
    assert not account.has_usable_password()
    assert account.employee.employee_no == "E5"
    (letter,) = mail.outbox
    assert "账号名为 shen" in letter.body, "in the language a new account begins with"
    assert "沈若溪" not in text(desk.get("/users/new/?q=沈"))


def test_a_taken_name_comes_back_with_what_was_typed(desk):
    answer = desk.post("/users/new/", {"employee": "E5", "username": "E4", "roles": ["hr"]})
    assert answer.status_code == 422
    assert "already an account" in text(answer)
    assert not Employee.objects.get(employee_no="E5").user_id


def test_closing_needs_a_reason_and_ends_sessions(desk):
    other = Client()
    other.force_login(e4())
    answer = desk.post("/users/E4/close/", {"reason": ""})
    assert answer.status_code == 422
    assert e4().is_active
    page = text(desk.post("/users/E4/close/", {"reason": "left the company"}, follow=True))
    assert "logged out everywhere" in page
    assert "left the company" in page
    assert other.get("/").status_code == 302
    assert "The account is open again." in text(desk.post("/users/E4/reopen/", follow=True))


def test_second_factor_sessions_and_password_link(desk):
    Authenticator.objects.create(user=e4(), type=Authenticator.Type.TOTP, data={})
    assert "authenticator app" in text(desk.get("/users/E4/"))
    page = text(desk.post("/users/E4/second-factor/", {"reason": "lost phone"}, follow=True))
    assert "The second factor is removed" in page
    assert desk.post("/users/E4/second-factor/", {"reason": "lost phone"}).status_code == 409
    desk.post("/users/E4/sessions/end/")
    assert e4().session_generation == 2
    page = text(desk.post("/users/E4/password/", follow=True))
    assert "no e-mail address" in page
    User.objects.filter(username="E4").update(email="e4@example.com")
    page = text(desk.post("/users/E4/password/", follow=True))
    assert "The link is on its way to e4@example.com." in page


def test_a_locked_account_is_seen_and_let_in_again(desk):
    user = e4()
    user.set_password("a long enough pass phrase")
    user.save()
    visitor = Client(headers={"accept-language": "en"}, REMOTE_ADDR="10.1.1.1")
    for _attempt in range(6):
        visitor.post("/login/", {"login": "E4", "password": "wrong"})
    right = {"login": "E4", "password": "a long enough pass phrase"}
    assert visitor.post("/login/", right).status_code == 200
    assert "locked" in text(desk.get("/users/"))
    assert "Allow logins again" in text(desk.get("/users/E4/"))
    desk.post("/users/E4/unlock/")
    assert Client(REMOTE_ADDR="10.1.1.2").post("/login/", right).status_code == 302
    assert AuditEntry.objects.filter(verb="user.unlocked").count() == 1


def test_an_administrator_without_a_second_factor_sets_one_up_first(desk, settings):
    settings.SECOND_FACTOR_ROLES = ["admin"]
    assert desk.get("/users/").headers["Location"] == "/mfa/totp/activate/"


def test_others_are_kept_out_and_change_nothing(desk):
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(e4())
    before = AuditEntry.objects.count()
    for path in ("/users/", "/users/E2/", "/users/new/"):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "administrator" in text(answer)
    for path in ("close/", "reopen/", "sessions/end/", "password/", "unlock/", "roles/"):
        assert browser.post(f"/users/E2/{path}", {"reason": "long enough"}).status_code == 403
    assert AuditEntry.objects.count() == before
    assert desk.get("/users/nobody/").status_code == 404
