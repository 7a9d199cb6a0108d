"""A month of service: who came, who served, and what a part of them answered.

Everything is drawn with numpy for a whole month at once and handed on as tables of contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dashboards.services.demo import answers, company
from dashboards.services.demo.company import Person
from dashboards.services.demo.parameters import Month, comments, parameters, random_for

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = 9 * 60, 18 * 60  # minutes of the day
LATEST = 60 * 60  # minutes after the service an answer comes at the latest, inside its month
EVENT_COLUMNS = (
    *("event_no", "customer_no", "customer_name", "phone", "email", "employee_no"),
    *("department_code", "stage", "channel", "occurred_at"),
)
RESPONSE_COLUMNS = (
    *("response_no", "event_no", "customer_no", "employee_no", "department_code", "channel"),
    *("interviewer_no", "device", "started_at", "submitted_at"),
)
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of service: who leads, who helps in the same shop, how often, asked by what."""

    questionnaire: str
    prefix: str
    lead: str
    helper: str | None
    volume: str
    stage: str
    channel: str
    customers: tuple[str, int]  # letter and size of the circle they come from


OWNERS, PROSPECTS = ("K", 14_000), ("P", 20_000)
KINDS = (
    Kind(
        *("SALES-DELIVERY", "JF", "sales_consultant", "delivery_specialist"),
        *("deliveries_per_consultant_month", "sale", "showroom", OWNERS),
    ),
    Kind(
        *("SALES-VISIT", "DD", "sales_consultant", None),
        *("visits_per_consultant_month", "pre_sale", "showroom", PROSPECTS),
    ),
    Kind(
        *("AFTER-SALES", "WX", "service_advisor", "technician"),
        *("service_visits_per_advisor_month", "after_sale", "workshop", OWNERS),
    ),
    Kind(
        *("COMPLAINT-HANDLING", "TS", "customer_service_agent", None),
        *("complaints_per_agent_month", "after_sale", "hotline", OWNERS),
    ),
)


@dataclass
class Made:
    """Rows of one kind and month, in order of time."""

    events: list[Row]
    responses: list[Row]
    questions: tuple[str, ...]


def make(kind: Kind, month: Month, spec: dict[str, Any], today: date) -> Made:
    """The events of the month before `today`, and the answers submitted before it."""
    rng = random_for(kind.questionnaire, month.key)
    leads = company.at(kind.lead)
    count = len(leads) * parameters()["volumes"][kind.volume]
    lead = np.repeat(np.arange(len(leads)), count // len(leads))
    day = rng.integers(0, month.last.day, count)
    minute = rng.integers(OPENS, CLOSES, count)
    order = np.lexsort((minute, day))
    lead, day, minute = lead[order], day[order], minute[order]
    letter, size = kind.customers
    customer = rng.integers(1, size + 1, count)
    served = _served(kind, leads, lead, rng)
    occurred = day * 24 * 60 + minute  # minutes since the month began
    sent = _submitted(occurred, month, rng)
    asked = rng.random(count) < parameters()["volumes"]["response_share"][kind.questionnaire]
    group = answers.draw(spec, served, rng)
    numbers = [f"{kind.prefix}{month.first:%y%m}{place:05d}" for place in range(1, count + 1)]
    start = datetime.combine(month.first, time(), SHANGHAI)
    ends = int((datetime.combine(today, time(), SHANGHAI) - start) / timedelta(minutes=1))
    happened = np.flatnonzero(occurred < ends)
    answered = np.flatnonzero(asked & (sent < ends) & (sent > occurred))
    events: list[Row] = [
        (
            numbers[i],
            *_customer(letter, int(customer[i])),
            ";".join(person.number for person in served[i]),
            None,
            kind.stage,
            kind.channel,
            _text(start, int(occurred[i])),
        )
        for i in happened
    ]
    sheet = [
        _response(numbers[i], f"{letter}{customer[i]:06d}", start, int(sent[i]), group, int(i))
        for i in answered
    ]
    return Made(events, sheet, group.questions)


def _served(
    kind: Kind, leads: Sequence[Person], lead: np.ndarray, rng: np.random.Generator
) -> list[tuple[Person, ...]]:
    """The people of each event, lead first; the helper is one of the same shop."""
    chosen = rng.random(len(lead))
    served: list[tuple[Person, ...]] = []
    if kind.helper is None:
        served.extend((leads[i],) for i in lead)
        return served
    helpers = {one.department: company.at(kind.helper, one.department) for one in leads}
    for i, share in zip(lead, chosen, strict=True):
        there = helpers[leads[i].department]
        served.append((leads[i], there[int(share * len(there))]))
    return served


def _submitted(occurred: np.ndarray, month: Month, rng: np.random.Generator) -> np.ndarray:
    """Minutes since the month began: up to 60 hours after the service, inside the month (what
    would come later is answered on the last evening)."""
    end = month.last.day * 24 * 60 - 1
    delay = (rng.beta(1.2, 3.0, len(occurred)) * LATEST).astype(int) + 20
    sent: np.ndarray = np.minimum(occurred + delay, end - rng.integers(0, 90, len(occurred)))
    return sent


def _customer(letter: str, number: int) -> tuple[str, str, str | None, str]:
    """Number, surname with a title, telephone (a few have none), e-mail: all invented."""
    surnames = parameters()["names"]["surnames"]
    name = surnames[number * 7 % len(surnames)] + ("女士", "先生")[number * 5 % 2]
    place = number - 1 if letter == "K" else number + 13_999
    prefix = parameters()["company"]["phone_prefix"]
    phone = f"{prefix}{place:04d}" if place < 10_000 else None
    code = f"{letter}{number:06d}"
    return code, name, phone, f"{code.lower()}@{parameters()['company']['email_domain']}"


def _text(start: datetime, minutes: int) -> str:
    return (start + timedelta(minutes=minutes)).isoformat()


def _response(
    event_no: str, customer: str, start: datetime, sent: int, group: answers.Answers, i: int
) -> Row:
    channel = group.channels[i]
    submitted = start + timedelta(minutes=sent, seconds=int(group.seconds[i]))
    return (
        f"R{event_no}",
        event_no,
        customer,
        None,
        None,
        channel,
        group.interviewers[i],
        f"demo-{customer}" if channel == "online" else None,
        (start + timedelta(minutes=sent)).isoformat(),
        submitted.isoformat(),
        *group.cells(i),
    )


def relationship(month: Month, spec: dict[str, Any]) -> Made:
    """A wave of the half-yearly survey: no service event, the manager stands for the shop."""
    volumes = parameters()["volumes"]
    rng = random_for("RELATIONSHIP", month.key)
    managers = company.at("shop_manager")
    size = volumes["owners_in_frame"]
    asked = np.sort(rng.choice(size, int(size * volumes["response_share"]["RELATIONSHIP"]), False))
    served: list[tuple[Person, ...]] = [(managers[i % len(managers)],) for i in asked]
    group = answers.draw(spec, served, rng)
    sent = rng.integers(9 * 60, 10 * 24 * 60, len(asked))
    start = datetime.combine(month.first, time(), SHANGHAI)
    rows = []
    for i, customer in enumerate(asked):
        code = f"K{customer + 1:06d}"
        row = _response(f"GX{month.first:%y%m}{i + 1:05d}", code, start, int(sent[i]), group, i)
        rows.append((row[0], None, code, served[i][0].number, *row[4:]))
    return Made([], rows, group.questions)


def with_comments(rows: list[Row], questions: Sequence[str], month: Month) -> list[Row]:
    """Each comment of the story once in a month, spread over the answers."""
    if "comment" not in questions or not rows:
        return rows
    column = len(RESPONSE_COLUMNS) + list(questions).index("comment")
    rng = random_for("comments", month.key)
    texts = comments()[month.first.month % 2 :: 2][: len(rows)]
    found = list(rows)
    for place, text in zip(rng.choice(len(rows), len(texts), False), texts, strict=True):
        row = list(found[place])
        row[column] = text
        found[place] = tuple(row)
    return found
