"""The cast every test may call on: accounts with the roles their names promise."""

from core.models import User
from organization.queries import roles_of


def test_the_cast_holds_its_roles(
    hr_admin: User, director: User, manager: User, employee: User, outsider: User
) -> None:
    assert [sorted(roles_of(user)) for user in (hr_admin, director, manager, employee)] == [
        ["hr"],
        ["group"],
        ["manager"],
        ["employee"],
    ]
    assert roles_of(outsider) == frozenset()
