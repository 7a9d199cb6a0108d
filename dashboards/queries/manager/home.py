"""What the home of a head of department says: last month's satisfaction and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from core.models import User
from dashboards.permissions.manager import COMMENTS, departments_open_to
from dashboards.queries.manager.department import change_of, known_tree, opened_by
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.spans import picker
from dashboards.queries.manager.words import change_sentence
from organization.models import Department
from surveys.queries.rollups import months_with_answers


@dataclass(frozen=True)
class DepartmentToday:
    department: Department
    key: str
    say: SafeString


def department_today(user: User, today: date) -> DepartmentToday | None:
    """The one department (or company) the account answers for; None without answers."""
    seen = list(departments_open_to(user, COMMENTS))
    keys = {one.pk for one in seen}
    roots = [one for one in seen if one.parent_id not in keys and one.is_active]
    if len(roots) != 1:
        return None
    chosen = picker(months_with_answers(keys), "", today)
    if chosen is None:
        return None
    frame = Frame(roots[0], seen, chosen.span, chosen.latest, known_tree(user), opened_by(user))
    total = frame.total(chosen.span.months)
    before = frame.total(chosen.span.previous().months)
    said = change_sentence(total, before, change_of(frame, total, before), chosen.span)
    return DepartmentToday(roots[0], chosen.span.key, said)
