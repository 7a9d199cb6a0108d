"""An answer as it was sent: read from a row of a file or an item of the API, nothing looked up."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import starmap
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core import tables
from core.months import EVER
from core.tables import Errors, Table
from surveys.models import Channel
from surveys.rules.answers import UNSTORABLE, BadAnswer, read_answer
from surveys.rules.questionnaires import Question, Questionnaire

SHANGHAI = ZoneInfo("Asia/Shanghai")
REQUIRED = ("response_no", "channel", "submitted_at")
OPTIONAL = (
    "event_no",
    "customer_no",
    "employee_no",
    "department_code",
    "interviewer_no",
    "device",
    "started_at",
)
LIMITS = {
    "response_no": 100,
    "event_no": 60,
    "customer_no": 60,
    "employee_no": 400,
    "department_code": 40,
    "interviewer_no": 64,
    "device": 200,
}
# What would name somebody: an anonymous questionnaire takes none of it.
NAMING = ("event_no", "customer_no", "employee_no", "device")
PREFIX = "q_"
_CHANNELS = frozenset(Channel.values)
_NO_WORDS = dict.fromkeys(LIMITS, "")
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Named:
    """What an answer refers to by its number. `row`: where it stands, for errors."""

    row: int
    event_no: str
    employee_nos: tuple[str, ...]
    department_code: str


@dataclass(slots=True)
class Sent(Named):
    """One answer. `hash` covers all but personal data."""

    response_no: str
    customer_no: str
    channel: str
    interviewer_no: str
    started_at: datetime | None
    submitted_at: datetime
    answered_on: date
    answers: dict[str, Any]
    device: str
    texts: dict[str, str]
    hash: str

    @property
    def personal(self) -> tuple[str, dict[str, str]]:
        return self.device, self.texts


class Reader:
    """Reads the answers to one questionnaire; what is wrong goes to `errors`, all of it.

    `faulty`: what the answers with a fault refer to, so that unknown numbers are named with it.
    """

    def __init__(self, questionnaire: Questionnaire, errors: Errors) -> None:
        self.questionnaire = questionnaire
        self.faulty: list[Named] = []
        self.questions = questionnaire.by_code
        self.errors = errors
        self._read: dict[tuple[str, type, Any], Any] = {}  # (question, cell) -> answer

    def table(self, table: Table) -> list[Sent]:
        """Every row of a file with the columns of contracts; bad headers: BadRows at once. The
        rows are taken out of the table."""
        place = tables.columns(table, REQUIRED, OPTIONAL, prefix_ok=PREFIX)
        self._check_questions(name for name in place if name.startswith(PREFIX))
        self.errors.raise_if_any()
        named = [(name, at) for name, at in place.items() if not name.startswith(PREFIX)]
        asked = [
            (name.removeprefix(PREFIX), at) for name, at in place.items() if name.startswith(PREFIX)
        ]
        sent = []
        for number, cells in enumerate(table.taken(), 2):
            if not any(cells):
                continue  # an empty line between rows is no fault
            fields = {name: cells[at] for name, at in named}
            answers = {code: cells[at] for code, at in asked if cells[at] is not None}
            if (one := self.one(number, fields, answers)) is not None:
                sent.append(one)
        return sent

    def items(self, items: Sequence[Mapping[str, Any]]) -> list[Sent]:
        """Items of the API: the columns as keys, the answers by question code under `answers`."""
        sent: list[Sent] = []
        for number, item in enumerate(items, 1):
            before = len(self.errors)
            one = self.one(number, self._fields(number, item), self._sent_answers(number, item))
            if one is not None:
                (sent if len(self.errors) == before else self.faulty).append(one)
        return sent

    def _fields(self, number: int, item: Mapping[str, Any]) -> dict[str, str | None]:
        fields: dict[str, str | None] = {}
        for key, value in item.items():
            if key == "answers":
                continue
            if key not in REQUIRED and key not in OPTIONAL:
                self.errors.add(number, key, _("the key is unknown"))
            elif value is not None and not isinstance(value, str):
                self.errors.add(number, key, _("must be a text"))
            else:
                fields[key] = value
        return fields

    def _sent_answers(self, number: int, item: Mapping[str, Any]) -> Mapping[str, Any]:
        answers = item.get("answers")
        if isinstance(answers, Mapping):
            return answers
        wrong = _("is missing") if answers is None else _("must be an object")
        self.errors.add(number, "answers", wrong)
        return {}

    def one(
        self, row: int, fields: Mapping[str, str | None], answers: Mapping[str, Any]
    ) -> Sent | None:
        """One answer, or None with its faults noted."""
        before = len(self.errors)
        words = dict(_NO_WORDS)
        for name in LIMITS:
            if value := fields.get(name):
                words[name] = self._word(row, name, value)
        if not words["response_no"]:
            self.errors.add(row, "response_no", _("is missing"))
        channel = (fields.get("channel") or "").strip()
        if channel not in _CHANNELS:
            self.errors.add(
                row, "channel", _("must be one of %(names)s") % {"names": ", ".join(Channel.values)}
            )
        started = self._moment(row, "started_at", fields.get("started_at"))
        submitted = self._moment(row, "submitted_at", fields.get("submitted_at"))
        if submitted is None and not (fields.get("submitted_at") or "").strip():
            self.errors.add(row, "submitted_at", _("is missing"))
        if started and submitted and started > submitted:
            self.errors.add(row, "started_at", _("is later than submitted_at"))
        closed, texts = self._answers(row, answers)
        self._anonymous(row, words)
        people = _listed(words["employee_no"])
        if len(self.errors) > before or submitted is None:
            self.faulty.append(Named(row, words["event_no"], people, words["department_code"]))
            return None
        sent = Sent(
            row=row,
            event_no=words["event_no"],
            employee_nos=people,
            department_code=words["department_code"],
            response_no=words["response_no"],
            customer_no=words["customer_no"],
            channel=channel,
            interviewer_no=words["interviewer_no"],
            started_at=started,
            submitted_at=submitted,
            answered_on=submitted.astimezone(SHANGHAI).date(),
            answers=closed,
            device=words["device"],
            texts=texts,
            hash="",
        )
        sent.hash = _hash(sent)
        return sent

    def _word(self, row: int, name: str, value: str) -> str:
        word = value.strip()
        if len(word) <= LIMITS[name] and word.isprintable():
            return word
        if len(word) > LIMITS[name]:
            self.errors.add(row, name, _("is longer than %(n)d characters") % {"n": LIMITS[name]})
        elif UNSTORABLE.search(word):
            self.errors.add(row, name, _("holds a character that is not allowed"))
        elif name != "device" and not word.isprintable():
            # It would be another number that looks the same.
            self.errors.add(row, name, _("holds an invisible character; type it anew"))
        return word

    def _moment(self, row: int, name: str, value: str | None) -> datetime | None:
        if value is None or not value.strip():
            return None
        try:
            moment = tables.parse_datetime(value)
        except ValueError as error:
            self.errors.add(row, name, error)
            return None
        if not EVER[0] <= moment.date() <= EVER[1]:
            self.errors.add(row, name, _("is not in the years 2000 to 2099"))
            return None
        return moment

    def _answers(
        self, row: int, answers: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """(answers by choosing, free texts)."""
        closed: dict[str, Any] = {}
        texts: dict[str, str] = {}
        read = self._read
        for code, raw in answers.items():
            # The few different cells of a closed question are read once each. The type is part of
            # the key: 1, true and 1.0 are equal, and not all of them are answers.
            kind = type(raw)
            if (kind is int or kind is str) and (found := read.get((code, kind, raw))) is not None:
                closed[code] = found
                continue
            question = self.questions.get(code)
            if question is None:
                self.errors.add(row, f"{PREFIX}{code}", _("the question is unknown"))
                continue
            answer = self._answer(row, question, raw)
            if answer is None:
                continue
            (closed if question.closed else texts)[code] = answer
            if question.closed and kind in (int, str) and len(read) < 10_000:
                read[code, kind, raw] = answer
        return closed, texts

    def _answer(self, row: int, question: Question, raw: Any) -> Any:
        """A read answer; None where there is none, or a fault, which is noted."""
        try:
            return read_answer(question, raw)
        except BadAnswer as error:
            fault = error.fault
            self.errors.add(row, fault.where, _(fault.message) % fault.values)
            return None

    def _check_questions(self, names: Any) -> None:
        for name in names:
            if name.removeprefix(PREFIX) not in self.questions:
                self.errors.add(1, name, _("the question is unknown"))

    def _anonymous(self, row: int, words: Mapping[str, str]) -> None:
        if self.questionnaire.anonymous:
            for name in NAMING:
                if words[name]:
                    self.errors.add(row, name, _("must be empty: the questionnaire is anonymous"))


@lru_cache(maxsize=4096)  # the same few people over and over
def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for each in text.split(";") if (part := each.strip())) if text else ()


def _hash(sent: Sent) -> str:
    """SHA-256 of the answer as sent, without device and free texts (they can be erased)."""
    content = [
        sent.event_no,
        sent.customer_no,
        sent.employee_nos,
        sent.department_code,
        sent.channel,
        sent.interviewer_no,
        sent.started_at.astimezone(UTC).isoformat() if sent.started_at else None,
        sent.submitted_at.astimezone(UTC).isoformat(),
    ]
    answers = sorted(sent.answers.items())
    try:
        listed = f"[{','.join(starmap(_pair, answers))}]"
    except TypeError:  # a list of choices
        listed = _canonical(answers)
    return hashlib.sha256(f"{_canonical(content)[:-1]},{listed}]".encode()).hexdigest()


# The same few answers over and over; 1 and true are equal, and not the same.
@lru_cache(maxsize=10_000, typed=True)
def _pair(code: str, value: Any) -> str:
    return _canonical((code, value))
