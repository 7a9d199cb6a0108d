"""From a line of payroll down to each answer, item by item, with everybody who decided."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.queries import lineage as scorecard_lineage
from assessments.rules.floors import may_show
from core.models import User
from incentives.models import (
    Appeal,
    LedgerEntry,
    PayrollLine,
    PerformancePay,
    PolicyVersion,
    Proposal,
    Recovery,
)
from incentives.queries.reasons import award_reason, pay_reason
from surveys.queries import response_detail

MICRO = 1_000_000
Row = dict[str, Any]


@dataclass
class Step:
    """One stage on the way down: `code` names it, `text` says it, `rows` are its details."""

    code: str
    text: str
    rows: list[str] = field(default_factory=list)
    children: list["Step"] = field(default_factory=list)


def lineage_of(line: PayrollLine) -> list[Step]:
    """The stages of a payroll line, from the line to the single answers."""
    entry = (
        LedgerEntry.objects.select_related(
            "created_by",
            "performance_pay__proposal__period",
            "performance_pay__employee",
            "award__proposal__period",
            "award__employee",
            "policy_version__policy",
            "appeal__decided_by",
            "appeal__scorecard__period",
            "recovery__decided_by",
            "reverses",
            "scorecard__period",
            "scorecard__employee",
            "scorecard__run",
        )
    ).get(pk=line.entry_id)
    steps = [_line_step(line), _entry_step(entry)]
    if entry.recovery is not None:
        return [*steps, _recovery_step(line, entry.recovery)]
    if entry.appeal is not None:
        steps.append(_appeal_step(entry.appeal))
    source = entry.performance_pay or entry.award
    if source is not None:
        steps.append(_decision_step(source.proposal))
        sentence = (
            pay_reason(source) if isinstance(source, PerformancePay) else award_reason(source)
        )
        steps.append(Step("source", f"{source.no}: {source.amount} CNY", [sentence]))
    if entry.policy_version is not None:
        steps.append(_policy_step(entry.policy_version))
    if entry.scorecard is not None:
        steps += _scorecard_steps(entry.scorecard)
    return steps


def _line_step(line: PayrollLine) -> Step:
    kind = f", {line.kind}" if line.kind else ""
    text = _("%(no)s: %(who)s, %(item)s %(period)s, %(amount)s CNY") % {
        "no": line.no,
        "who": line.employee.employee_no,
        "item": line.pay_item_code,
        "period": line.period,
        "amount": f"{line.signed:+}",
    }
    rows = []
    if line.reverses is not None:
        rows.append(_("reverses line %(no)s") % {"no": line.reverses.no})
    back = PayrollLine.objects.filter(reverses=line, live=True).select_related("batch").first()
    if back is not None:
        rows.append(_("reversed by line %(no)s") % {"no": back.no})
    events = line.batch.events.select_related("actor").order_by("id")
    rows += [_("batch %(verb)s by %(who)s") % _by(one.verb, one.actor, one.at) for one in events]
    return Step("line", text + kind, rows)


def _by(verb: str, who: User | None, at: Any) -> Row:
    when = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    return {"verb": verb, "who": f"{who.username if who else '-'}, {when}"}


def _entry_step(entry: LedgerEntry) -> Step:
    text = _("ledger entry %(no)d: %(amount)s CNY, source %(source)s") % {
        "no": entry.entry_no,
        "amount": f"{entry.amount:+}",
        "source": entry.source_no,
    }
    rows = [
        _("%(verb)s by %(who)s") % _by(_("posted"), entry.created_by, entry.created_at),
        f"SHA-256 {entry.row_hash}",
    ]
    if entry.reverses is not None:
        rows.append(_("reverses ledger entry %(no)d") % {"no": entry.reverses.entry_no})
    return Step("ledger", text, rows)


def _recovery_step(line: PayrollLine, recovery: Recovery) -> Step:
    text = _("%(no)s: %(amount)s CNY, decided on %(day)s by %(who)s") % {
        "no": recovery.recovery_no,
        "amount": recovery.amount,
        "day": recovery.decided_on,
        "who": recovery.decided_by.username,
    }
    rows = [
        _("contract clause: %(text)s") % {"text": recovery.contract_clause},
        _("written notice on %(day)s") % {"day": recovery.notice_on},
        _("proven cause: %(text)s") % {"text": recovery.cause},
    ]
    for figures in line.batch.guard:
        if figures["employee_no"] == line.employee.employee_no:
            rows.append(
                _("wage %(gross)s, not counted %(excluded)s, minimum %(minimum)s:") % figures
                + " "
                + _("cap %(cap)s, room %(room)s") % figures
            )
    return Step("recovery", text, rows)


def _appeal_step(appeal: Appeal) -> Step:
    who = _by("", appeal.decided_by, appeal.decided_at)["who"] if appeal.decided_at else "-"
    text = _("appeal %(no)s: %(outcome)s, decided by %(who)s") % {
        "no": appeal.appeal_no,
        "outcome": Appeal.Outcome(appeal.outcome).label if appeal.outcome else "-",
        "who": who,
    }
    card = appeal.scorecard
    rows = [_("against scorecard v%(n)d, %(c)s") % {"n": card.version, "c": card.composite}]
    return Step("appeal", text, [*rows, f"HASH {appeal.confirmed_hash}"])


def _decision_step(proposal: Proposal) -> Step:
    text = _("proposal %(no)s, decided by %(who)s") % {
        "no": proposal.no,
        "who": _by("", proposal.decided_by, proposal.decided_at)["who"]
        if proposal.decided_at
        else "-",
    }
    return Step("decision", text, [_("evidence opened: %(h)s") % {"h": proposal.confirmed_hash}])


def _policy_step(version: PolicyVersion) -> Step:
    who = version.activated_by.username if version.activated_by else "-"
    text = _("policy %(version)s, activated by %(who)s") % {"version": version, "who": who}
    return Step("policy", text, [f"SHA-256 {version.content_hash}"])


def _scorecard_steps(card: Scorecard) -> Iterator[Step]:
    facts = scorecard_lineage(card)
    yield _card_step(card, facts)
    yield Step(
        "rules",
        _("schemes: %(names)s")
        % {"names": ", ".join(f"{one['code']} v{one['number']}" for one in facts["schemes"])},
        [f"{code} v{number}" for code, number in sorted(facts["indicators"].items())],
    )
    yield Step("indicators", _("indicators"), [_result_text(row) for row in facts["results"]])
    responses = facts["responses"]
    counted = [row for row in responses if row["counted"]]
    text = _("responses: %(counted)d counted, %(rest)d not") % {
        "counted": len(counted),
        "rest": len(responses) - len(counted),
    }
    shown = may_show(len(counted))
    why = _("Fewer than five answers count: what each of them says is not shown.")
    children = [_response_step(row, shown) for row in responses]
    yield Step("responses", text, [] if shown or not responses else [why], children)


def _card_step(card: Scorecard, facts: Mapping[str, Any]) -> Step:
    text = _("scorecard %(period)s v%(n)d: %(composite)s, %(grade)s, coefficient %(k)s") % {
        "period": card.period.key,
        "n": card.version,
        "composite": "-" if card.composite is None else card.composite,
        "grade": card.grade or card.status,
        "k": "-" if card.coefficient is None else card.coefficient,
    }
    rows = []
    if card.supersedes is not None:
        rows.append(
            _("replaces v%(n)d (%(composite)s, %(grade)s), cause %(cause)s")
            % {
                "n": card.supersedes.version,
                "composite": card.supersedes.composite,
                "grade": card.supersedes.grade,
                "cause": card.cause or "-",
            }
        )
    rows += [
        _("%(verb)s by %(who)s") % _by(one.verb, one.actor, one.at)
        for one in card.period.actions.select_related("actor").order_by("id")
    ]
    group = facts["peer_group"]
    names = ("group", "level", "status", "icc", "tau2", "m", "msw", "n0", "N", "J")
    shown = [f"{name} {group[name]}" for name in names if group.get(name) not in (None, "")]
    rows.append(_("peer group: %(figures)s") % {"figures": ", ".join(shown)})
    return Step("scorecard", text, [*rows, f"SHA-256 {card.content_hash}"])


def _result_text(row: Mapping[str, Any]) -> str:
    """One indicator: numerator over denominator, n, value, interval, points, weight, status."""
    parts = [f"{row['indicator']} ({row['scheme']}, {_('weight')} {_trim(row['weight'])})"]
    if row["denominator"] is not None:
        parts.append(f"{_trim(row['numerator'])} / {_trim(row['denominator'])}")
    parts.append(f"n {row['n']}")
    for name in ("raw", "adjusted", "low", "high", "points"):
        if row[name] is not None:
            parts.append(f"{name} {_trim(row[name])}")
    parts.append(row["status"])
    parts += [
        f"{one['source_ref'] or one['period_key']} v{one['version']}:"
        f" {_trim(one['numerator'])}/{_trim(one['denominator'])}"
        for one in row["inputs"]
    ]
    return ", ".join(parts)


def _response_step(row: Mapping[str, Any], shown: bool) -> Step:
    """One response; its points and items only where they may be shown."""
    why = ", ".join(row["checks"])
    if row["adjusted"]:
        why = _("by appeal") + (f", {why}" if why else "")
    verdict = _("counted") if row["counted"] else _("not counted")
    score = _points(row["person_score"] if shown else None)
    text = f"{row['key']} {row['answered_on']}: {score}, {verdict}"
    step = Step("response", text + (f" ({why})" if why else ""))
    detail = response_detail(response_id=row["id"])
    if detail is None:
        return step
    step.rows = [_verdict_text(one) for one in detail["verdicts"]]
    if shown:
        step.rows += [_item_text(item) for item in detail["items"] if item["answer"] is not None]
    return step


def _verdict_text(one: Mapping[str, Any]) -> str:
    who = User.objects.filter(pk=one["decided_by_id"]).first()
    by = who.username if who else _("the rules")
    reason = f": {one['reason']}" if one["reason"] else ""
    source = f" [{one['source']}]" if one["source"] else ""
    return _("verdict %(verdict)s by %(who)s") % {"verdict": one["verdict"], "who": by} + (
        reason + source
    )


def _item_text(item: Mapping[str, Any]) -> str:
    return (
        f"{item['code']} {item['text_zh']}: {item['answer']},"
        f" {_points(item['score'])}, {_('weight')} {_trim(item['weight'])}"
    )


def _points(micro: int | None) -> str:
    """1e-6 points as points with two places; "-" where there is no score."""
    return "-" if micro is None else f"{Decimal(micro) / MICRO:.2f}"


def _trim(value: Any) -> str:
    """A number without needless zeros."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_text(steps: list[Step], depth: int = 0) -> Iterator[str]:
    """The steps as indented lines."""
    for step in steps:
        yield "  " * depth + step.text
        for row in step.rows:
            yield "  " * (depth + 2) + row
        yield from as_text(step.children, depth + 1)
