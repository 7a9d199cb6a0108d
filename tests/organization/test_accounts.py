"""Accounts, roles, and the commands that make them."""

import io

import pytest
from django.core.management import CommandError, call_command

from core.errors import InvalidInput
from core.models import AuditEntry, User
from core.permissions import Denied
from organization.models import Position, RoleAssignment
from organization.queries import roles_of
from organization.services import assign_role, create_user, operator


def test_the_operator_is_admin_without_a_password(db):
    user = operator()
    assert operator() == user
    assert roles_of(user) == {"admin"}
    assert not user.has_usable_password()
    given = AuditEntry.objects.filter(object_type="core.user", object_id=str(user.pk))
    assert list(given.values_list("verb", "actor")) == [("role.given", None)]


def test_create_user_command_links_the_employee_and_audits_by_command(company, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough pass phrase\n"))
    call_command(
        "create_user",
        *["zhong", "--role", "manager", "hr", "--employee-no", "E3", "--password-stdin"],
        stdout=io.StringIO(),
    )
    user = User.objects.get(username="zhong")
    assert user.employee.employee_no == "E3"
    assert user.check_password("a long enough pass phrase")
    assert roles_of(user) == {"employee", "manager", "hr"}
    given = AuditEntry.objects.filter(verb="role.given", object_id=str(user.pk))
    assert sorted(given.values_list("channel", "data__role")) == [
        ("command", "hr"),
        ("command", "manager"),
    ]


def test_create_user_again_gives_the_roles_that_are_new(company, monkeypatch):
    def command(*arguments, password="a long enough pass phrase\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(password))
        out = io.StringIO()
        call_command("create_user", "zhong", *arguments, stdout=out)
        return out.getvalue()

    command("--role", "hr", "--employee-no", "E3", "--password-stdin")
    entries = AuditEntry.objects.count()
    assert command("--role", "hr", "--password-stdin") == "zhong: given nothing new.\n"
    assert AuditEntry.objects.count() == entries
    assert command("--role", "hr", "group", "--employee-no", "E3") == "zhong: given group.\n"
    user = User.objects.get(username="zhong")
    assert {"hr", "group"} <= roles_of(user)
    assert AuditEntry.objects.filter(verb="role.given", data__role="group").count() == 1
    with pytest.raises(CommandError, match="already an account 'zhong'"):
        command("--role", "analyst", "--password-stdin", password="quite another pass phrase\n")
    with pytest.raises(CommandError, match="already an account 'zhong'"):
        command("--role", "analyst", "--employee-no", "E4")
    assert "analyst" not in roles_of(user)


def test_without_password_stdin_the_password_is_unusable(company):
    call_command("create_user", "someone", "--role", "analyst", stdout=io.StringIO())
    assert not User.objects.get(username="someone").has_usable_password()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["operator", "--role", "hr"], "already an account 'operator'"),
        (["x", "--role", "hr", "--employee-no", "E99"], "no employee 'E99'"),
        (["a b", "--role", "hr"], "Enter a valid username"),
    ],
)
def test_create_user_refuses_with_a_sentence(company, arguments, message):
    before = User.objects.count()
    with pytest.raises(CommandError, match=message):
        call_command("create_user", *arguments)
    assert User.objects.count() == before


def test_an_employee_has_one_account(company):
    create_user("first", roles=["employee"], employee_no="E4", actor=company)
    with pytest.raises(InvalidInput):
        create_user("second", roles=["employee"], employee_no="E4", actor=company)
    assert not User.objects.filter(username="second").exists()


def test_a_weak_password_is_refused(company):
    with pytest.raises(InvalidInput):
        create_user("weak", roles=["employee"], password="123456", actor=company)


def test_only_an_administrator_grants_roles_and_a_held_one_stays(company, director, outsider):
    with pytest.raises(Denied):
        assign_role(outsider, "hr", actor=director)
    assert not RoleAssignment.objects.filter(user=outsider).exists()
    first = assign_role(outsider, "hr", actor=company)
    assert assign_role(outsider, "hr", actor=company) == first


def test_ready_positions_are_there_after_migration(db):
    assert Position.objects.count() == 14
    agent = Position.objects.get(code="customer_service_agent")
    assert (agent.name_zh, agent.front_line) == ("客服专员", True)


def test_import_roster_command_reads_csv_files(db, tmp_path):
    from tests.organization.conftest import DEPARTMENTS, EMPLOYEES

    people, units = tmp_path / "people.csv", tmp_path / "units.csv"
    people.write_text("\n".join(EMPLOYEES), encoding="gb18030")
    units.write_text("\n".join(DEPARTMENTS), encoding="utf-8-sig")
    out = io.StringIO()
    call_command("import_roster", str(people), str(units), "--dry-run", stdout=out)
    assert "Employees: 5 created, 0 changed, 0 unchanged." in out.getvalue()
    assert "nothing was changed" in out.getvalue()
    people.write_text("\n".join([EMPLOYEES[0], EMPLOYEES[5].replace("S02", "S99")]), "utf-8")
    with pytest.raises(CommandError) as raised:
        call_command("import_roster", str(people))
    assert str(raised.value) == "row 2, column department_code: unknown department S99"
