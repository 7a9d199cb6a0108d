"""An appeal and its dry run as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.deadlines import last_day
from incentives.models import Appeal, AppealDryRun, AppealEvent

SHOWN = (
    "n",
    "mean",
    "fair",
    "fair_low",
    "fair_high",
    "quantitative",
    "composite",
    "grade",
    "coefficient",
    "status",
)
LONG = 12  # digits of an unrounded figure a person looks at


def appeal_lines(appeal: Appeal) -> list[str]:
    """State and deadline first, then what was asked, the claims and the timeline."""
    card = appeal.scorecard
    first = _("%(no)s of %(who)s, %(period)s v%(version)s: %(state)s") % {
        "no": appeal.appeal_no,
        "who": appeal.employee.employee_no,
        "period": card.period.key,
        "version": card.version,
        "state": Appeal.State(appeal.state).label,
    }
    if appeal.outcome:
        first += f", {Appeal.Outcome(appeal.outcome).label}"
    if appeal.effect:
        first += f", {Appeal.Effect(appeal.effect).label}"
    if appeal.due_at is not None:
        first += _(", due %(day)s 24:00") % {"day": last_day(appeal.due_at).isoformat()}
    lines = [first, _("reason: %(text)s") % {"text": appeal.reason}]
    lines.append(_("request: %(text)s") % {"text": appeal.request})
    for claim in appeal.claims.all():
        found = {None: _("open"), True: _("supported"), False: _("not supported")}
        lines.append(f"  {claim.label}. {claim.response_no}: {found[claim.supported]}")
    if appeal.decision_reason:
        lines.append(_("decision: %(text)s") % {"text": appeal.decision_reason})
    events = appeal.events.select_related("actor", "note").order_by("id")
    return [*lines, *(_event_line(event) for event in events)]


def _event_line(event: AppealEvent) -> str:
    at = timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M")
    who = event.actor.username if event.actor else _("the system")
    note = getattr(event, "note", None)
    return f"  {at} {event.verb} ({who})" + (f": {note.text}" if note else "")


def dry_run_lines(run: AppealDryRun, *, with_pay: bool) -> list[str]:
    """`HASH …` first, then each figure before and after, then what else would move.

    `with_pay` is whether the reader may see pay; who may not reads that there is such a figure.
    """
    lines = [
        f"HASH {run.content_hash}",
        _("left out: %(nos)s") % {"nos": _numbers(run.excluded)},
        _("taken in: %(nos)s") % {"nos": _numbers(run.included)},
    ]
    for name in (*SHOWN, "pay") if with_pay else SHOWN:
        before, after = _short(run.before.get(name)), _short(run.after.get(name))
        lines.append(f"  {name}: {before} -> {after}" if before != after else f"  {name}: {before}")
    if not with_pay:
        lines.append(_("  pay: for HR and the management group only"))
    if run.after["lower"]:
        lines.append(_("The recomputed result is lower: the old one would be kept."))
    lines += [knock_on_text(row) for row in run.knock_on]
    return lines


HIDDEN = "–"  # fewer answers than a mean is shown of


def knock_on_text(row: Mapping[str, Any]) -> str:
    """One thing that would move, as a sentence."""
    if row["what"] == "award":
        text = _(
            "Award %(code)s: rank %(rank)s of %(places)s places, paid from the appeal reserve."
        )
        if not row["from_reserve"]:
            text = _("Award %(code)s: rank %(rank)s of %(places)s places; the reserve is used up.")
        return text % row
    before, after = row["before"], row["after"]
    if row["what"] == "department":
        return _("Department %(code)s: n %(n0)s -> %(n1)s, mean %(m0)s -> %(m1)s.") % {
            "code": row["code"],
            "n0": before["n"],
            "n1": after["n"],
            "m0": before["mean"] or HIDDEN,
            "m1": after["mean"] or HIDDEN,
        }
    return _(
        "%(who)s would have %(c1)s instead of %(c0)s; information only, nothing of theirs changes."
    ) % {"who": row["employee_no"], "c0": before["composite"], "c1": after["composite"]}


def _numbers(rows: list[dict[str, str]]) -> str:
    return ", ".join(row["no"] for row in rows) or "-"


def _short(value: str | None) -> str:
    if not value:
        return "-"
    return value[:LONG] if "." in value else value
