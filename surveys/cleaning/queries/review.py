"""Everything the review page of a survey shows about one group of answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.models import User
from organization.models import Department, Employee
from surveys.cleaning.queries.evidence import compare
from surveys.cleaning.queries.lines import alike_words, evidence_rows
from surveys.cleaning.queries.queue import (
    DEVICE,
    NETWORK,
    STAFF,
    TEXT,
    Group,
    Open,
    groups,
    locks_over,
    open_rows,
)
from surveys.cleaning.queries.words import check_title, family_name, finding
from surveys.cleaning.rules.catalogue import CATALOGUE, Family
from surveys.models import Judgement, Response, Survey
from surveys.models.responses import Channel
from surveys.queries.effects import (
    DEPARTMENT,
    PERSON,
    SURVEY,
    Effect,
    effects,
    effects_of_each,
)
from surveys.queries.facts import questionnaire_of
from surveys.queries.responses import departments_seen
from surveys.rules.suppression import MINIMUM


@dataclass(frozen=True)
class Listed:
    """A group as the queue shows it."""

    group: Group
    kind: str  # "source", "reasons" or "single"
    title: str
    families: str
    places: str


@dataclass(frozen=True)
class Named:
    """An effect with the name of whom it is about."""

    effect: Effect
    name: Any
    hidden: bool  # too few answers to show a score
    person: bool

    @property
    def moved(self) -> bool:
        return self.effect.before.mean != self.effect.after.mean

    @property
    def change(self) -> float | None:
        before, after = self.effect.before.mean, self.effect.after.mean
        return None if before is None or after is None else after - before


def queue_of(user: User, survey: Survey) -> list[Group]:
    """The groups that wait and that this user may decide on."""
    return groups(survey, open_rows(survey, user=user))


def listed(found: Sequence[Group], departments: dict[int, Department]) -> list[Listed]:
    """Groups with their names, for one page of the queue."""
    return [_listed(group, departments) for group in found]


def departments_of(found: Sequence[Group]) -> dict[int, Department]:
    ids = {row.department_id for group in found for row in group.rows if row.department_id}
    return Department.objects.in_bulk(list(ids))


def group_title(group: Group) -> str:
    """One device, a network, the same words; else what was found, or the answer's number."""
    n = len(group.rows)
    titles = " · ".join(check_title(code) for code in group.checks if _moves(code))
    if n == 1:
        return f"{group.rows[0].response_no} {titles}"
    ties = {
        DEVICE: _("One device"),
        NETWORK: _("A store's network"),
        STAFF: _("Contact of a staff member"),
        TEXT: _("The same words"),
    }
    return _("%(what)s, %(count)d answers") % {"what": ties.get(group.tie, titles), "count": n}


def _moves(code: str) -> bool:
    return code not in CATALOGUE or CATALOGUE[code].kind != "support"


def _listed(group: Group, departments: dict[int, Department]) -> Listed:
    places = list(dict.fromkeys(row.department_id for row in group.rows if row.department_id))
    name = ""
    if len(places) == 1 and places[0] in departments:
        name = _name(departments[places[0]])
    elif places:
        name = _("%(count)d departments") % {"count": len(places)}
    families = " · ".join(family_name(each) for each in group.families)
    kind = "source" if group.same_source else "reasons" if len(group.rows) > 1 else "single"
    return Listed(group, kind, group_title(group), families, name)


def _name(department: Department) -> str:
    from core.templatetags.ui import name

    return name(department)


def families_of(row: Open) -> list[dict[str, Any]]:
    """The four families of doubt with what was found in each; a family without is said so too."""
    found = []
    for family in Family:
        codes = [c for c in row.checks if c in CATALOGUE and CATALOGUE[c].family == family]
        words = _("; ").join(finding(code, row.evidence) for code in codes)
        found.append({"name": family_name(family), "words": words, "icon": _ICONS[family]})
    alone = [c for c in row.checks if c in CATALOGUE and CATALOGUE[c].kind == "review"]
    found += [
        {"name": "", "words": finding(code, row.evidence), "icon": "user-question"}
        for code in alone
    ]
    return found


_ICONS = {
    Family.TIME: "clock",
    Family.PATTERN: "dots",
    Family.CONSISTENCY: "arrows-exchange",
    Family.IDENTITY: "fingerprint",
}


def looked_at(
    user: User,
    survey: Survey,
    group: Group,
    row: Open,
    summary: dict[str, Any],
    departments: dict[int, Department],
) -> dict[str, Any]:
    """The answer beside its neighbour and the usual, whom it is about, what a verdict would do."""
    comparison = compare(survey, (row.answered_on, row.response_id), user)
    total = sum(summary["verdicts"].values())
    refs = [(each.answered_on, each.response_id) for each in group.rows]
    one, whole = effects_of_each(
        survey,
        [[(row.answered_on, row.response_id)], refs],
        Judgement.EXCLUDED,
        valid={each.response_id: Judgement.REVIEW for each in group.rows},
    )
    names = _names(user, [*one, *whole], departments)
    every = departments_seen(user) is None
    days = [each.answered_on for each in group.rows]
    return {
        "comparison": comparison,
        "rows": evidence_rows(comparison, row.evidence, summary["hits"], total),
        "alike": alike_words(comparison),
        "families": families_of(row),
        "one": named(survey, one, names, whole=every),
        "whole": named(survey, whole, names, whole=every),
        "people": [names.get((PERSON, person[0])) for person in row.people],
        "place_name": names.get((DEPARTMENT, row.department_id)),
        "channel": Channel(row.channel).label if row.channel in Channel.values else row.channel,
        "locks": locks_over(min(days), max(days)),
    }


def _names(
    user: User, found: Sequence[Effect], departments: dict[int, Department]
) -> dict[tuple[str, int | None], Any]:
    """(kind, id) -> the department or employee this user may name."""
    people = {e.key for e in found if e.kind == PERSON and e.key is not None}
    names: dict[tuple[str, int | None], Any] = {
        (DEPARTMENT, pk): row for pk, row in departments.items()
    }
    seen = Employee.objects.visible_to(user).in_bulk(list(people))
    return names | {(PERSON, pk): row for pk, row in seen.items()}


def named(
    survey: Survey,
    found: Sequence[Effect],
    names: dict[tuple[str, int | None], Any],
    *,
    whole: bool,
) -> list[Named]:
    """`whole`: with the survey's own score, which is for who may open all of its answers."""
    floor = max(MINIMUM, questionnaire_of(survey).min_group or 0)
    return [
        Named(
            each,
            names.get((each.kind, each.key)),
            hidden=each.kind != SURVEY and min(each.before.n, each.after.n) < floor,
            person=each.kind == PERSON,
        )
        for each in found
        if whole or each.kind != SURVEY
    ]


def moves(
    user: User, response: Response, history: Sequence[Any], people: Sequence[dict[str, Any]]
) -> list[Named]:
    """What the other verdict than the one that stands would do to the scores."""
    counts = bool(history) and history[0]["verdict"] != Judgement.EXCLUDED
    other = Judgement.EXCLUDED if counts else Judgement.COUNTED
    found = effects(
        response.survey,
        [(response.answered_on, response.id)],
        other,
        valid={response.id: history[0]["verdict"]} if history else {},
        codes={p["position"].pk: p["position"].code for p in people if p["position"]},
    )
    names: dict[tuple[str, int | None], Any] = {}
    for person in people:
        names[PERSON, person["id"]] = person["employee"]
        if person["department"]:
            names[DEPARTMENT, person["department"].pk] = person["department"]
    return named(response.survey, found, names, whole=departments_seen(user) is None)
