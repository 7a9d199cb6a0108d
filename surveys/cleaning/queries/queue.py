"""Answers in review, those with the same reasons and the same source together."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import F

from core.models import User
from surveys.cleaning.queries.forms import rules_of
from surveys.cleaning.rules import identity
from surveys.cleaning.rules.catalogue import CATALOGUE
from surveys.models import DataLock, Survey
from surveys.queries.facts import PEOPLE, people_of
from surveys.queries.responses import departments_seen
from surveys.rules.rating import Person

# What ties answers together, from the strongest.
DEVICE, TEXT, NETWORK, STAFF, REASONS = "device", "text", "network", "staff", "reasons"

_OPEN = f"""
SELECT v.answered_on, v.response_id, v.seq, v.checks, v.evidence, v.decided_at, r.response_no,
    r.channel, r.submitted_at, r.department_id, {PEOPLE}, r.people || (
        SELECT coalesce(jsonb_agg(person), '[]'::jsonb)
        FROM surveys_responsereattribution a, jsonb_array_elements(a.after) person
        WHERE a.answered_on = r.answered_on AND a.response_id = r.id),
    coalesce(p.device, ''), coalesce(p.network, ''), coalesce(p.texts, '{{}}'::jsonb),
    (SELECT e.id FROM organization_employee e WHERE e.user_id = %(user)s)
FROM surveys_verdict v
JOIN surveys_response r ON r.answered_on = v.answered_on AND r.id = v.response_id
LEFT JOIN surveys_responsepersonal p
    ON p.answered_on = v.answered_on AND p.response_id = v.response_id
WHERE v.survey_id = %(survey)s AND v.verdict = 'review' AND NOT EXISTS (
    SELECT 1 FROM surveys_verdict later
    WHERE later.answered_on = v.answered_on AND later.response_id = v.response_id
        AND later.seq > v.seq)
ORDER BY r.submitted_at, v.response_id"""  # noqa: S608 - constants only

_COUNTS = """
SELECT v.survey_id, count(*), min(v.answered_on), max(v.answered_on),
    array_agg(DISTINCT array_to_string(v.checks, ';'))
FROM surveys_verdict v
WHERE v.verdict = 'review' AND NOT EXISTS (
    SELECT 1 FROM surveys_verdict later
    WHERE later.answered_on = v.answered_on AND later.response_id = v.response_id
        AND later.seq > v.seq)
    AND (%(departments)s::bigint[] IS NULL OR EXISTS (
        SELECT 1 FROM surveys_response r
        WHERE r.answered_on = v.answered_on AND r.id = v.response_id
            AND r.department_id = ANY(%(departments)s)))
GROUP BY 1 ORDER BY 3, 1"""


@dataclass(frozen=True)
class Open:
    """An answer that waits for a person, with the verdict it stands under."""

    answered_on: date
    response_id: int
    seq: int
    checks: tuple[str, ...]
    evidence: dict[str, Any]
    response_no: str
    channel: str
    submitted_at: datetime
    department_id: int | None
    people: tuple[Person, ...]
    device: str
    network: str
    texts: dict[str, str]

    @property
    def seen(self) -> str:
        """What a form sends back: which answer, under which verdict."""
        return f"{self.response_id}:{self.seq}"


@dataclass(frozen=True)
class Group:
    """Answers that were marked for the same reasons and share `tie`; `key` names the group."""

    key: str
    tie: str
    checks: tuple[str, ...]
    rows: Sequence[Open]

    @property
    def same_source(self) -> bool:
        return self.tie != REASONS and len(self.rows) > 1

    @property
    def families(self) -> list[str]:
        """The families of doubt, each once, as the catalogue orders them."""
        found = (CATALOGUE[code].family for code in self.checks if code in CATALOGUE)
        return list(dict.fromkeys(str(family) for family in found if family is not None))


@dataclass(frozen=True)
class Waiting:
    """How much of a survey waits, over which days and for which checks."""

    survey: Survey
    n: int
    first: date
    last: date
    checks: Sequence[str]


def open_rows(survey: Survey, *, user: User) -> list[Open]:
    """Every undecided answer of the survey, the first given first; those that evaluate the user
    are left out, and those of departments the user may not see."""
    visible = departments_seen(user)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"survey": survey.pk, "as_of": None, "user": user.pk})
        found = cursor.fetchall()
    rows = []
    for day, i, seq, checks, evidence, _at, number, channel, sent, place, *rest in found:
        people, ever = people_of(rest[0]), people_of(rest[1])
        own = rest[5]
        if own is not None and any(p[0] == own for p in ever):
            continue
        if visible is not None and place not in visible:
            continue
        rows.append(
            Open(
                day, i, seq, tuple(checks), _object(evidence), number, channel, sent,
                people[0][1] if people else place, people, rest[2], rest[3], _object(rest[4]),
            )
        )  # fmt: skip
    return rows


def groups(survey: Survey, rows: Iterable[Open]) -> list[Group]:
    """Groups of one source first, then of the same reasons, then single answers; each by size."""
    least = 10
    if survey.rule_set is not None and rules_of(survey.rule_set).uses("same_text"):
        least = int(rules_of(survey.rule_set).number("same_text", "min_length"))
    sorted_in: dict[tuple[tuple[str, ...], str, str], list[Open]] = {}
    for row in rows:
        sorted_in.setdefault((row.checks, *_tie(row, least)), []).append(row)
    found = [
        Group(_key(checks, tie, value), tie, checks, members)
        for (checks, tie, value), members in sorted_in.items()
    ]
    return sorted(
        found,
        key=lambda g: (
            0 if g.same_source else 1 if len(g.rows) > 1 else 2,
            -len(g.rows),
            g.rows[0].submitted_at,
            g.key,
        ),
    )


def waiting(user: User) -> list[Waiting]:
    """Surveys with undecided answers of the departments the user may see, the oldest first."""
    seen = departments_seen(user)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"departments": None if seen is None else sorted(seen)})
        found = cursor.fetchall()
    surveys = Survey.objects.select_related("version__questionnaire").in_bulk(
        [row[0] for row in found]
    )
    return [
        Waiting(surveys[pk], n, first, last, _codes(checks)) for pk, n, first, last, checks in found
    ]


def locks_over(first: date, last: date) -> list[DataLock]:
    """Periods whose data are locked and that share days with these."""
    return list(
        DataLock.objects.filter(released_at=None, first_day__lte=last, last_day__gte=first)
        .annotate(days=F("last_day") - F("first_day"))
        .order_by("days", "first_day")
    )


def _codes(joined: Iterable[str]) -> list[str]:
    found = {code for each in joined for code in each.split(";") if code}
    return [code for code in CATALOGUE if code in found]


def _tie(row: Open, least: int) -> tuple[str, str]:
    if "same_device" in row.checks and row.device:
        return DEVICE, row.device
    if "same_text" in row.checks:
        digests = sorted(filter(None, (identity.text_digest(t, least) for t in row.texts.values())))
        if digests:
            return TEXT, digests[0]
    if "store_network" in row.checks and row.network:
        return NETWORK, row.network
    if "staff_contact" in row.checks:
        return STAFF, ""
    return REASONS, ""


def _key(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:12]


def _object(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else dict(value)
