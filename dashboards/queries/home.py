"""What a person's home shows: who they are, and what waits for them across the apps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Scorecard
from core.models import Job, Notification, User
from core.templatetags.ui import period_name
from dashboards.queries import inbox
from dashboards.queries.employee import access, scores
from dashboards.queries.manager.home import department_today
from dashboards.queries.notices import news
from incentives.models import Appeal, PayrollBatch
from incentives.queries.month import close_of, working_month
from organization.models import Placement, Role
from organization.queries import employee_of, has_role, roles_of
from surveys.queries import surveys_to_judge

NOTICES = 10


@dataclass(frozen=True)
class Item:
    """One of them, and the page where it is dealt with."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Waiting:
    """Something that waits for this person; `items` are the names people know it by."""

    text: str
    items: Sequence[Item]
    icon: str = "circle-dot"


def home(user: User) -> dict[str, Any]:
    """Context of the home page."""
    roles = roles_of(user)
    notices = Notification.objects.filter(user=user, read_at=None).order_by("-id")[:NOTICES]
    sight = access.own(user)
    return {
        "latest": scores.latest_of(sight) if sight else None,
        "department": department_today(user, timezone.localdate()),
        "close": close_of(working_month(timezone.localdate())) if has_role(user, Role.HR) else None,
        "employee": employee_of(user),
        "placement": Placement.objects.current()
        .filter(employee__user_id=user.pk)
        .select_related("department", "position")
        .first(),
        "roles": [role.label for role in Role if role.value in roles],
        "waiting": waiting(user, roles),
        "notices": news(notices),
    }


def jobs_visible_to(user: User) -> QuerySet[Job]:
    """Own jobs; the administrator sees all."""
    jobs = Job.objects.all()
    return jobs if has_role(user, Role.ADMIN) else jobs.filter(actor=user)


def waiting(user: User, roles: frozenset[str]) -> list[Waiting]:
    """What the roles make this person responsible for, the most urgent first."""
    found = _decisions(user, roles)
    for needed, look in _LOOKS:
        if roles & needed and (one := look(user)) is not None:
            found.append(one)
    return found


def _some(
    text: str,
    items: Iterable[str],
    icon: str,
    page: str = "",
    called: Callable[[str], str] = str,
) -> Waiting | None:
    found = [Item(called(key), _page(page, key)) for key in sorted(items)]
    return Waiting(text, found, icon) if found else None


def _page(url_name: str, key: str) -> str:
    """The address of the object's page; empty where there is none."""
    try:
        return reverse(url_name, args=[key])
    except NoReverseMatch:
        return ""


def _decisions(user: User, roles: frozenset[str]) -> list[Waiting]:
    """What the inbox holds for this person, by what is to be done."""
    texts = {
        "accept": (_("Appeals to handle"), "scale"),
        "investigate": (_("Appeals to handle"), "scale"),
        "dry_run": (_("Appeals to handle"), "scale"),
        "decide": (_("Appeals to handle"), "scale"),
        "execute": (_("Appeals to handle"), "scale"),
        "review": (_("Periods to review"), "calendar-stats"),
        "approve": (_("Periods to approve"), "calendar-stats"),
        "release": (_("Periods to release"), "calendar-stats"),
        "close": (_("Periods to close"), "calendar-stats"),
        "award": (_("Proposed awards and pay to decide"), "award"),
        "batch": (_("Payroll batches to approve"), "coin-yuan"),
    }
    found: dict[tuple[str, str], list[Item]] = {}
    for entry in inbox.mine(user, roles):
        found.setdefault(texts[entry.step], []).append(Item(entry.called, entry.page))
    return [Waiting(text, items, icon) for (text, icon), items in found.items()]


def _payroll(user: User) -> Waiting | None:
    states = PayrollBatch.State
    open_states = (states.BUILDING, states.APPROVED, states.GENERATED, states.DELIVERED)
    batches = PayrollBatch.objects.visible_to(user).filter(state__in=open_states)
    return _some(
        _("Payroll batches to carry on with"),
        batches.values_list("batch_no", flat=True),
        "clipboard-check",
        "payroll_batch",
    )


def _own_scores(user: User) -> Waiting | None:
    cards = Scorecard.objects.current().filter(
        employee__user_id=user.pk, state=Scorecard.State.RELEASED
    )
    return _some(
        _("Own results to read"),
        cards.values_list("period__key", flat=True),
        "chart-dots-3",
        "my_score",
        called=period_name,
    )


def _own_appeals(user: User) -> Waiting | None:
    appeals = Appeal.objects.filter(employee__user_id=user.pk, state=Appeal.State.RETURNED_FOR_INFO)
    return _some(
        _("Own appeals that need information"),
        appeals.values_list("appeal_no", flat=True),
        "scale",
        "my_appeal",
    )


def _to_judge(user: User) -> Waiting | None:
    return _some(_("Answers to review"), surveys_to_judge(user), "filter-check", "survey_review")


_LOOKS: tuple[tuple[frozenset[str], Callable[[User], Waiting | None]], ...] = (
    (frozenset({Role.EXECUTOR, Role.ANALYST, Role.SUPERVISION}), _to_judge),
    (frozenset({Role.HR}), _payroll),
    (frozenset({Role.EMPLOYEE}), _own_appeals),
    (frozenset({Role.EMPLOYEE}), _own_scores),
)
