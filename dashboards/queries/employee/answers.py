"""Every response behind a result, counted or not, with the reason written to the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.queries import responses_behind
from assessments.rules.floors import may_show
from customers.models import Stage
from surveys.models import Channel

MICRO = 1_000_000
COUNTED, NOT_COUNTED, REVIEW = "counted", "not_counted", "review"


@dataclass(frozen=True)
class Line:
    """One response. `score` is over the items that count for the person, None where missing or
    hidden; `key` is survey/number, what an appeal names."""

    pk: int
    key: str
    number: str
    day: date
    service: str
    channel: str
    score: Decimal | None
    state: str
    reason: str


@dataclass(frozen=True)
class Answers:
    """All lines and how many there are of each state."""

    lines: list[Line]
    shown: bool  # False under 5 counted responses: their scores are hidden

    @property
    def counts(self) -> dict[str, int]:
        found = {"all": len(self.lines), COUNTED: 0, NOT_COUNTED: 0, REVIEW: 0}
        for line in self.lines:
            found[line.state] += 1
        return found

    def of(self, state: str) -> list[Line]:
        """Those of one state, all of them for anything else."""
        if state not in (COUNTED, NOT_COUNTED, REVIEW):
            return self.lines
        return [line for line in self.lines if line.state == state]


def answers_of(card: Scorecard) -> Answers:
    """The newest first."""
    rows = responses_behind(card)
    shown = may_show(sum(row["counted"] for row in rows))
    lines = [_line(row, shown) for row in reversed(rows)]
    return Answers(lines, shown)


def _line(row: Mapping[str, Any], shown: bool) -> Line:
    state = COUNTED if row["counted"] else NOT_COUNTED
    if row["verdict"] == "review" and row["counted"]:
        state = REVIEW
    score = row["person_score"]
    counts = row["counted"] and shown and score is not None
    return Line(
        pk=row["id"],
        key=row["key"],
        number=row["response_no"],
        day=row["answered_on"],
        service=str(Stage(row["stage"]).label) if row["stage"] else "",
        channel=str(Channel(row["channel"]).label),
        score=Decimal(score) / MICRO if counts else None,
        state=state,
        reason=reason_of(row),
    )


def reason_of(row: Mapping[str, Any]) -> str:
    """Why a response counts or not, in the reader's language."""
    if row["adjusted"]:
        return (
            _("taken out by the decision on an appeal")
            if row["adjusted"] == "excluded"
            else _("taken in by the decision on an appeal")
        )
    texts = [_check(code, row["evidence"].get(code, {})) for code in row["checks"]]
    known = "; ".join(text for text in texts if text) if texts else ""
    if not row["counted"]:
        if row["decided_by_id"] is not None:
            return _("taken out after a person looked at it") + (f": {known}" if known else "")
        return known or _("not counted by the cleaning rules")
    if row["verdict"] == "review":
        return known + _(" (a person still looks at it)") if known else _("a person looks at it")
    if row["person_score"] is None:
        return _("too few of the questions that count for you were answered: no score")
    if known and row["decided_by_id"] is not None:
        return known + _(" (a person looked at it and counts it)")
    return known + _(" (only a mark, it counts)") if known else ""


def _check(code: str, evidence: Mapping[str, Any]) -> str:
    """A cleaning check as a reason; figures of its evidence where they help."""
    kept = evidence.get("kept")
    texts = {
        "retry": _("sent again: the first one counts"),
        "duplicate": _("a second response to the same service: %(kept)s is kept") % {"kept": kept}
        if kept
        else _("a second response to the same service: the first one is kept"),
        "partial": _("only a part was answered: counts for the response rate only"),
        "out_of_window": _("answered outside the days of the survey"),
        "preview": _("a trial run, not a customer"),
        "not_eligible": _("the customer was not one of those asked"),
        "attention": _("a control question was answered wrongly"),
        "too_fast": _("answered faster than the questions can be read"),
        "straight_line": _("the same answer down a block, against its wording"),
        "irv": _("all answers the same"),
        "even_odd": _("answers that do not fit each other"),
        "mahalanobis": _("an unusual combination of answers"),
        "contradiction": _("answers that contradict each other"),
        "same_device": _("several responses from one device"),
        "store_network": _("answered in the shop's own network"),
        "staff_contact": _("the contact is that of a staff member"),
        "same_text": _("the same comment as in other responses"),
        "fact_mismatch": _("facts differ from the order"),
    }
    return texts.get(code, "")
