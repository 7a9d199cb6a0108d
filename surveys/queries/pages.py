"""One answer with everything the desk may see of it."""

from __future__ import annotations

from typing import Any

from core.models import User
from core.permissions import Allowed, Denied
from customers.models import ServiceEvent
from organization.models import Department, Employee, Position
from organization.queries import own_id
from surveys.models import (
    DataLock,
    Judgement,
    Response,
    ResponsePersonal,
    ResponseReattribution,
)
from surveys.permissions import may_judge
from surveys.queries.details import detail_of
from surveys.queries.facts import people_of, questionnaire_of
from surveys.rules.rating import OVERALL


def evaluated(response: Response) -> list[int]:
    """Everybody the answer counts or ever counted for (employee ids)."""
    listed = [people_of(response.people)]
    changes = ResponseReattribution.objects.filter(
        answered_on=response.answered_on, response_id=response.id
    )
    listed += [people_of(after) for after in changes.values_list("after", flat=True)]
    return [person[0] for people in listed for person in people if person[0] is not None]


def may_read(user: User, response: Response) -> Allowed | Denied:
    """A member of the desk may read an answer here, the evaluated person never."""
    if own_id(user) in evaluated(response):
        return may_judge(user, evaluated(response), [response.department_id])
    return Allowed()


def response_page(user: User, response: Response) -> dict[str, Any]:
    """The answer's items, scores by dimension and person, verdicts with who and why, its event."""
    detail = detail_of(response)
    spec = response.survey.version.spec
    questions = {question["code"]: question for question in spec["questions"]}
    texts = _texts(response)
    items = [
        {
            **item,
            "question": questions[item["code"]],
            "shown": shown(item, questions[item["code"]]),
            "words": texts.get(item["code"], ""),
            "points": None if item["score"] is None else item["score"] / 1e6,
        }
        for item in detail["items"]
    ]
    people = [person for person in detail["people"] if person[0] is not None]
    return {
        "detail": detail,
        "items": items,
        "score": None if detail["score"] is None else detail["score"] / 1e6,
        "people": _people(user, people),
        "dimensions": _dimensions(response, detail, people),
        "verdicts": _verdicts(detail["verdicts"]),
        "event": _event(response),
        "lock": DataLock.objects.filter(
            released_at=None,
            first_day__lte=response.answered_on,
            last_day__gte=response.answered_on,
        )
        .order_by("-first_day")
        .first(),
    }


def shown(item: dict[str, Any], question: dict[str, Any]) -> dict[str, Any]:
    """How an answer is written: the number with its label, the options chosen, or that it did not
    apply; `kind` tells the page which."""
    answer = item["answer"]
    if item["not_applicable"]:
        return {
            "kind": "na",
            "name_zh": question.get("na_label_zh"),
            "name_en": question.get("na_label_en"),
        }
    if answer is None:
        return {"kind": "none"}
    labels_zh, labels_en = question.get("scale_labels_zh"), question.get("scale_labels_en")
    if isinstance(answer, int) and question.get("scale"):
        place = answer - question["scale"][0]
        label = {"kind": "number", "number": answer, "top": question["scale"][1]}
        if labels_zh and labels_en and 0 <= place < len(labels_zh):
            label |= {"name_zh": labels_zh[place], "name_en": labels_en[place]}
        return label
    chosen = answer if isinstance(answer, list) else [answer]
    options = {option["code"]: option for option in question.get("options", ())}
    return {"kind": "options", "options": [options.get(code, {"text_zh": code}) for code in chosen]}


def _texts(response: Response) -> dict[str, str]:
    row = ResponsePersonal.objects.filter(
        answered_on=response.answered_on, response_id=response.id
    ).first()
    return row.texts if row is not None else {}


def _people(user: User, people: list[Any]) -> list[dict[str, Any]]:
    seen = Employee.objects.visible_to(user).in_bulk([person[0] for person in people])
    places = Department.objects.in_bulk([person[1] for person in people if person[1]])
    positions = Position.objects.in_bulk([person[2] for person in people if person[2]])
    return [
        {
            "id": person[0],
            "employee": seen.get(person[0]),
            "department": places.get(person[1]),
            "position": positions.get(person[2]),
        }
        for person in people
    ]


def _dimensions(
    response: Response, detail: dict[str, Any], people: list[Any]
) -> list[dict[str, Any]]:
    """A line a dimension and one for the whole: the score over all items, then each person's."""
    scores: dict[str, dict[Any, float]] = {}
    for row in detail["scores"]:
        own = scores.setdefault(row["dimension"], {})
        if row["score"] is not None:
            own["all"] = row["score"] / 1e6
        if row["person_score"] is not None:
            own[row["employee_id"]] = row["person_score"] / 1e6
    lines: list[dict[str, Any]] = [
        {"dimension": each, "code": each.code, "weight": each.weight}
        for each in questionnaire_of(response.survey).dimensions
    ]
    lines.append({"dimension": None, "code": OVERALL, "weight": None})
    for line in lines:
        found = scores.get(line["code"], {})
        line["all"] = found.get("all")
        line["own"] = [found.get(person[0]) for person in people]
    return lines


def _verdicts(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest first, with the names of those who decided."""
    users = {row["decided_by_id"] for row in history} - {None}
    names: dict[int, str] = {}
    if users:
        rows = Employee.objects.filter(user__in=users)
        names = dict(rows.values_list("user_id", "name"))
    return [
        {
            **row,
            "who": row["decided_by__username"],
            "name": names.get(row["decided_by_id"]),
            "rules": f"{row['rule_set__code']} v{row['rule_set__version']}"
            if row["rule_set_id"]
            else "",
            "label": Judgement(row["verdict"]).label,
        }
        for row in reversed(history)
    ]


def _event(response: Response) -> ServiceEvent | None:
    if response.event_id is None:
        return None
    return ServiceEvent.objects.select_related("department").filter(pk=response.event_id).first()
