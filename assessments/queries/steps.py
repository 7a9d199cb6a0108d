"""The next step of a period: who may take it, who may not and why, and what it shows first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import permissions
from assessments.models import Period, PeriodAction
from assessments.queries import periods as queries
from assessments.queries.closing import kept_open
from assessments.queries.evidence import Evidence, evidence
from assessments.queries.words import cause_name
from core.models import User
from core.permissions import Allowed, Denied
from core.templatetags.ui import name
from organization.models import Position

_S = Period.Status
NEXT = {
    _S.SCORED: "review",
    _S.IN_REVIEW: "approve",
    _S.APPROVED: "release",
    _S.RELEASED: "close",
}
MAY = {
    "review": permissions.may_review,
    "approve": permissions.may_approve,
    "release": permissions.may_release,
    "close": permissions.may_close,
}


@dataclass(frozen=True)
class Decision:
    """`verb` with its words; `allowed` for this account; `who`: (account, allowed, reason)."""

    verb: str
    label: str
    effect: str
    allowed: Allowed | Denied
    who: list[tuple[User, bool, str]]


def decision(period: Period, user: User) -> Decision | None:
    """The step that comes next, where one is open."""
    verb = NEXT.get(_S(period.status))
    if verb is None or period.cutoff_at is None:
        return None
    label, effect = words_of(verb)
    who = []
    for account, answer in permissions.members(verb, period):
        reason = ""
        if isinstance(answer, Denied):
            reason = permissions.reason_for_others(answer, verb, account, period)
        who.append((account, bool(answer), reason))
    allowed = MAY[verb](user, period)
    if allowed and verb == "close" and (waits := kept_open(period, timezone.now())):
        allowed = Denied(waits)
    return Decision(verb, label, effect, allowed, who)


def words_of(verb: str) -> tuple[str, str]:
    """The button of a step, and its effect in one line."""
    return {
        "review": (_("Confirm review"), _("The period goes to approval, by a third person.")),
        "approve": (_("Approve results"), _("The results may then be released.")),
        "release": (
            _("Release results"),
            _("Everybody sees their own result; the days for appeals begin today."),
        ),
        "close": (
            _("Close period"),
            _("Final: later corrections are new versions in the next payroll batch."),
        ),
    }[verb]


def state_of(period: Period) -> dict[str, Any]:
    """Everything a page says about a period: evidence, steps, changes, what blocks it."""
    shown = evidence(period)
    return {
        "period": period,
        "shown": shown,
        "badge": queries.badge_of(period),
        "steps": queries.steps_of(period, shown.actions),
        "changes": queries.changes_of(period, queries.grade_order(period)),
        "blocks": queries.blocks_of(period),
        "provisional": period.current_run is not None and period.current_run.provisional,
        **_named(shown),
        "total": sum(shown.statuses.values()),
        "reasons": [(cause_name(code), number) for code, number in shown.reasons.most_common()],
        "log": [_logged(action) for action in reversed(shown.actions)],
    }


def _named(shown: Evidence) -> dict[str, Any]:
    """Warnings and peer groups with the names of positions."""
    names = {one.code: name(one) for one in Position.objects.all()}
    warnings = shown.run.warnings if shown.run else []
    return {"warnings": _warnings(warnings, names), "groups": _groups(shown.groups, names)}


def _groups(stored: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    """Frozen peer groups with the names of their positions; None where one was too small."""
    return [
        {
            **one,
            "names": [names.get(code, code) for code in one["positions"]],
            "size": one.get("J"),
            "answers": one.get("N"),
        }
        for one in stored
    ]


def _logged(action: PeriodAction) -> dict[str, Any]:
    labels = {
        "create": _("Opened"),
        _S.PLANNED: _("Planned"),
        _S.COLLECTING: _("Collecting answers"),
        _S.DATA_LOCKED: _("Data locked"),
        "score": _("Scored"),
        "score_provisionally": _("Scored provisionally"),
        "review": _("Reviewed"),
        "approve": _("Approved"),
        "release": _("Released"),
        "close": _("Closed"),
        "send_back": _("Sent back"),
    }
    return {
        "label": labels.get(action.verb, action.verb),
        "actor": action.actor,
        "at": action.at,
        "reason": action.reason,
        "hash": action.confirmed_hash,
    }


def _warnings(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    texts = {
        "no_scheme": _("positions without a scheme"),
        "position_not_held": _(
            "people with answers earned in a job not held in the period (in their satisfaction,"
            " in no placement's composite)"
        ),
        "responses_without_placement": _("people with answers but no placement"),
        "measurements_without_placement": _("people with measurements but no placement"),
        "measured_by_month_and_longer": _(
            "figures given for months and for a longer period (added up)"
        ),
    }
    return [
        {
            **row,
            "text": texts.get(row["code"], row["code"]),
            "examples": [names.get(one, one) for one in row["examples"]],
        }
        for row in rows
    ]
