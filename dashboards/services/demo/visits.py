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
from dashboards.services.demo.coaching import Coached, coach
from dashboards.services.demo.company import Person
from dashboards.services.demo.parameters import Month, comments, parameters, random_for
from dashboards.services.demo.stories import CHEATING_SHOP, LENT_PHONE, WAITING, Stories

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = 9 * 60, 18 * 60  # minutes of the day
COMMENTED = 12  # one answer of so many has a comment
_POINTS = ("1", "2", "3", "4", "5")
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


def make(
    kind: Kind,
    month: Month,
    spec: dict[str, Any],
    today: date,
    stories: Stories | None = None,
) -> Made:
    """The events of the month before `today`, and the answers submitted before it."""
    rng = random_for(kind.questionnaire, month.key)
    drawn = _draw(kind, month, rng, stories)
    count, served, sent = len(drawn.lead), drawn.served, drawn.sent
    asked = rng.random(count) < parameters()["volumes"]["response_share"][kind.questionnaire]
    group = answers.draw(spec, served, rng)
    start = datetime.combine(month.first, time(), SHANGHAI)
    ends = int((datetime.combine(today, time(), SHANGHAI) - start) / timedelta(minutes=1))
    happened = np.flatnonzero((drawn.occurred < ends) & drawn.kept)
    possible = drawn.kept & (sent > drawn.occurred)
    coached = Coached.none()
    if stories is not None:
        _tell(kind, month, spec, stories, drawn, group, asked & possible, asked, possible)
        coached = _coached(kind, month, stories, drawn, group, asked & possible, ends)
        answers.make_coached(spec, group, coached)
    answered = np.flatnonzero(asked & possible & (sent < ends))
    numbers = [f"{kind.prefix}{month.first:%y%m}{place:05d}" for place in range(1, count + 1)]
    letter, size = kind.customers
    customer = random_for(kind.questionnaire, month.key, "customers").integers(1, size + 1, count)
    phones = _staff_phones(kind, month, stories, drawn, answered)
    events: list[Row] = [
        (
            numbers[i],
            *_customer(letter, int(customer[i]), phones.get(int(i))),
            ";".join(person.number for person in served[i]),
            None,
            kind.stage,
            kind.channel,
            _text(start, int(drawn.occurred[i])),
        )
        for i in happened
    ]
    sheet = [
        _response(
            *(numbers[i], f"{letter}{customer[i]:06d}", start, int(sent[i]), group, int(i)),
            coached.devices.get(int(i)),
        )
        for i in answered
    ]
    return Made(events, sheet, group.questions)


@dataclass
class Drawn:
    """A month's services in order of time; `kept`: whether its people were there."""

    lead: np.ndarray
    occurred: np.ndarray  # minutes since the month began
    sent: np.ndarray
    served: list[tuple[Person, ...]]
    kept: np.ndarray


def _draw(kind: Kind, month: Month, rng: np.random.Generator, stories: Stories | None) -> Drawn:
    leads = company.at(kind.lead)
    count = len(leads) * parameters()["volumes"][kind.volume]
    lead = np.repeat(np.arange(len(leads)), count // len(leads))
    day = rng.integers(0, month.last.day, count)
    minute = rng.integers(OPENS, CLOSES, count)
    order = np.lexsort((minute, day))
    lead, day, minute = lead[order], day[order], minute[order]
    served, kept = _served(kind, month, lead, day, rng, stories)
    occurred = day * 24 * 60 + minute
    return Drawn(lead, occurred, _submitted(occurred, month, rng), served, kept)


def _served(
    kind: Kind,
    month: Month,
    lead: np.ndarray,
    day: np.ndarray,
    rng: np.random.Generator,
    stories: Stories | None,
) -> tuple[list[tuple[Person, ...]], np.ndarray]:
    """The people of each event, lead first; the helper is one of the same shop who is there."""
    leads = company.at(kind.lead)
    chosen = rng.random(len(lead))
    helpers = {one.department: company.at(kind.helper, one.department) for one in leads
               } if kind.helper else {}  # fmt: skip
    now: dict[str, Person] = {}

    def today(person: Person) -> Person:
        if stories is None:
            return person
        return now.get(person.number) or now.setdefault(
            person.number, stories.in_month(person, month)
        )

    served: list[tuple[Person, ...]] = []
    kept = np.ones(len(lead), dtype=bool)
    for place, (i, share) in enumerate(zip(lead, chosen, strict=True)):
        on = month.first + timedelta(days=int(day[place]))
        department = leads[i].department
        if stories is not None:
            kept[place] = not stories.absent(leads[i].number, on)
            department = stories.department(leads[i], on)
        there = helpers.get(department, [])
        if stories is not None and there:
            alone = stories.sole_helper(kind.questionnaire, department, month)
            there = [one for one in there if not stories.absent(one.number, on)]
            there = [one for one in there if alone in (None, one.number)]
        if kind.helper and not there:
            kept[place] = False
        helper = (today(there[int(share * len(there))]),) if there else ()
        served.append((today(leads[i]), *helper))
    return served, kept


def _tell(
    kind: Kind,
    month: Month,
    spec: dict[str, Any],
    stories: Stories,
    drawn: Drawn,
    group: answers.Answers,
    answered: np.ndarray,
    asked: np.ndarray,
    possible: np.ndarray,
) -> None:
    """Give those of the stories as many answers as they say (`asked` is changed)."""
    rng = random_for(kind.questionnaire, month.key, "quota")
    for number, count, mean in stories.quota(kind.questionnaire, month):
        own = np.array([any(one.number == number for one in who) for who in drawn.served])
        asked[own] = False
        places = rng.permutation(np.flatnonzero(own & possible))[:count]
        asked[places] = True
        if mean is not None:
            position = next(one.position for one in drawn.served[places[0]] if one.number == number)
            answers.settle_mean(spec, group, places, position, mean, rng)


def _coached(
    kind: Kind,
    month: Month,
    stories: Stories,
    drawn: Drawn,
    group: answers.Answers,
    answered: np.ndarray,
    ends: int,
) -> Coached:
    offset = stories.offset(month)
    if not stories.coached(CHEATING_SHOP, kind.lead, offset):
        return Coached.none()
    rng = random_for(kind.questionnaire, month.key, "coached")
    online = np.array([channel == "online" for channel in group.channels])
    own = np.array([who[0].department == CHEATING_SHOP for who in drawn.served])
    running = offset > 0
    places = np.flatnonzero(answered & online & own & (drawn.sent < ends - 24 * 60))
    share = parameters()["stories"]
    share = next(one for one in share if one["key"] == "cheating_shop")["coached"][
        "share_of_online"
    ]
    places = places[rng.random(len(places)) < share]
    if running:
        places = places[:WAITING] if kind.questionnaire == "SALES-VISIT" else places[:0]
    return coach(
        *(places, drawn.occurred, drawn.sent, month, CHEATING_SHOP, rng),
        running_end=ends if running else None,
    )


def _staff_phones(
    kind: Kind, month: Month, stories: Stories | None, drawn: Drawn, answered: np.ndarray
) -> dict[int, str]:
    """Services whose customer is named with the telephone number of the consultant."""
    count = stories.staff_phone_answers(kind.questionnaire, month) if stories else 0
    own = [int(i) for i in answered if drawn.served[i][0].number == LENT_PHONE]
    return {place: company.phone(LENT_PHONE) for place in own[:count]}


def _submitted(occurred: np.ndarray, month: Month, rng: np.random.Generator) -> np.ndarray:
    """Minutes since the month began: up to 60 hours after the service, inside the month (what
    would come later is answered on the last evening)."""
    end = month.last.day * 24 * 60 - 1
    delay = (rng.beta(1.2, 3.0, len(occurred)) * LATEST).astype(int) + 20
    sent: np.ndarray = np.minimum(occurred + delay, end - rng.integers(0, 90, len(occurred)))
    return sent


def _customer(
    letter: str, number: int, other_phone: str | None = None
) -> tuple[str, str, str | None, str]:
    """Number, surname with a title, telephone (a few have none), e-mail: all invented."""
    surnames = parameters()["names"]["surnames"]
    name = surnames[number * 7 % len(surnames)] + ("女士", "先生")[number * 5 % 2]
    place = number - 1 if letter == "K" else number + 13_999
    prefix = parameters()["company"]["phone_prefix"]
    phone = other_phone or (f"{prefix}{place:04d}" if place < company.STAFF_PHONES else None)
    code = f"{letter}{number:06d}"
    return code, name, phone, f"{code.lower()}@{parameters()['company']['email_domain']}"


def _text(start: datetime, minutes: int) -> str:
    return (start + timedelta(minutes=minutes)).isoformat()


def _response(
    event_no: str,
    customer: str,
    start: datetime,
    sent: int,
    group: answers.Answers,
    i: int,
    device: str | None = None,
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
        (device or f"demo-{customer}") if channel == "online" else None,
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
    """Comments spread over the answers, where they fit how content the customer was; none on an
    answer that says the same everywhere."""
    if "comment" not in questions or not rows:
        return rows
    column = len(RESPONSE_COLUMNS) + list(questions).index("comment")
    rng = random_for("comments", month.key, rows[0][0])
    given, found = comments(), list(rows)
    for place in rng.permutation(len(rows))[: max(1, len(rows) // COMMENTED)]:
        row = list(found[place])
        points = [int(cell) for cell in row[len(RESPONSE_COLUMNS) :] if cell in _POINTS]
        if row[column] or len(set(points)) < 2:
            continue
        mood = "good" if np.mean(points) >= 4 else "bad" if np.mean(points) < 3.2 else "mixed"
        row[column] = given[mood][int(rng.integers(0, len(given[mood])))]
        found[place] = tuple(row)
    return found
