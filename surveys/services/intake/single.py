"""One answer of a customer's page: the steps of accept_responses, in few messages to the server.

A message costs more than most of what it asks for. So the locks travel with all that is read under
them (`look`), and the rows of all tables with each other (`keep`); the sums follow.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from core import audit
from core.locks import Lock, message
from core.prepared import Prepared, make_ready
from core.tables import Errors
from customers.models import ServiceEvent
from surveys.models import CleaningRuleSet, Survey
from surveys.queries.facts import questionnaire_of
from surveys.rules.rating import Person
from surveys.services import intake
from surveys.services.bulk import Json, copy_rows, together
from surveys.services.clock import MOMENT
from surveys.services.intake.attribution import Event, Registers
from surveys.services.intake.sent import SHANGHAI, Reader
from surveys.services.intake.store import Accepted, Stored, accept, write
from surveys.services.rollups import Deltas

# The row of the invitation is held too, as nobody else may use or withdraw it meanwhile. (Not its
# key: a draft that another window keeps may still refer to it.)
_LOOK = Prepared(
    f"""
SELECT i.used_at, i.revoked_at, i.expires_at, {MOMENT}, nextval('surveys_response_id_seq'),
    EXISTS (SELECT FROM surveys_datalock
        WHERE released_at IS NULL AND $1 BETWEEN first_day AND last_day),
    EXISTS (SELECT FROM surveys_responsekey WHERE survey_id = i.survey_id AND response_no = $2),
    EXISTS (SELECT FROM surveys_responsekey
        WHERE survey_id = i.survey_id AND event_id = i.event_id),
    EXISTS (SELECT FROM pg_class WHERE relname = $3),
    (SELECT jsonb_agg(jsonb_build_array(p.employee_id, p.department_id, p.position_id, o.code)
            ORDER BY p."order")
        FROM customers_serviceeventperson p
        LEFT JOIN organization_position o ON o.id = p.position_id
        WHERE p.event_id = i.event_id),
    s.rule_set_id,
    (SELECT content_hash FROM surveys_cleaningruleset WHERE id = s.rule_set_id)
FROM surveys_invitation i JOIN surveys_survey s ON s.id = i.survey_id
WHERE i.id = $4 FOR NO KEY UPDATE OF i""",  # noqa: S608 - constants only
    4,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """How things stand under the locks. `stored`: an answer of this number; `claimed`: another one
    to the same case; `prepared`: the month has its tables; `positions`: id -> code."""

    used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime
    moment: datetime
    response_id: int
    late: bool
    stored: bool
    claimed: bool
    prepared: bool
    people: tuple[Person, ...]
    positions: Mapping[int, str]
    rule_set: tuple[int, str] | None


def look(
    survey: Survey, invitation_id: int, number: str, day: date, *, first: str = ""
) -> Seen | None:
    """Take the locks of an answer's intake, in everybody's order, and read what its storing depends
    on: one message, to be sent as the first of a transaction within `or_busy`, which begins with
    `first` (core.brief.Ends). None: the invitation is gone."""
    locks, values = message(
        [
            (Lock.RESPONSES, survey.pk, False),
            (Lock.RESPONSES, f"{survey.pk}:{day:%Y-%m}", False),
            (Lock.VERDICTS, 0, True),
        ],
        wait_ms=intake.WAIT_API_MS,
    )
    values += [day, number, f"surveys_rating_{day:%Y%m}", invitation_id]
    with connection.cursor() as cursor:
        make_ready(cursor, [_LOOK])
        cursor.execute(f"{first}{locks};\n{_LOOK.call}", values)
        row = cursor.fetchone()
    if row is None:
        return None
    served, rule_set_id, rules = row[-3:]
    served = json.loads(served) if isinstance(served, str) else served or []
    facts: list[Any] = [
        *row[:-3],
        tuple((each[0], each[1], each[2]) for each in served),
        {each[2]: each[3] for each in served if each[2] is not None},
        None if rule_set_id is None else (rule_set_id, rules),
    ]
    return Seen(*facts)


def keep(
    survey: Survey,
    item: Mapping[str, Any],
    seen: Seen,
    *,
    event: ServiceEvent | None,
    departments: Mapping[str, int],
    network: str,
    beside: Callable[[Accepted], None],
    last: str = "",
) -> None:
    """Store the answer that `look` was asked for, an item as accept_responses takes; a fault in it:
    BadRows. `beside` stores, by `copy_rows` and `send`, what goes along with it; `last` ends the
    transaction (core.brief.Ends)."""
    reader = Reader(questionnaire_of(survey), Errors())
    registers = Registers(departments=dict(departments))
    if event is not None:
        happened = event.occurred_at.astimezone(SHANGHAI).date()
        registers.events[event.event_no] = Event(
            event.pk, event.customer_id, "", event.department_id, happened, seen.people
        )
    sent = reader.items([item])
    attributed = [registers.attribute(each, reader.errors) for each in sent]
    reader.errors.raise_if_any()
    day = attributed[0].sent.answered_on
    locked = [(day, day)] if seen.late else []
    accepted = accept(attributed[0], seen.response_id, {}, locked, seen.moment)
    accepted.network = network
    if seen.rule_set is not None:
        number, content_hash = seen.rule_set
        survey.rule_set = CleaningRuleSet(pk=number, content_hash=content_hash)
    claimed = {accepted.event_id} if seen.claimed and accepted.event_id is not None else set()
    deltas, stored = Deltas(survey.pk), Stored()
    with together(last):
        write(survey, [accepted], claimed, deltas, stored, seen.positions)
        _note(survey, stored)
        beside(accepted)
        deltas.write()


_AUDIT = ("channel", "verb", "object_type", "object_id", "data")


def _note(survey: Survey, stored: Stored) -> None:
    """As the intake of many writes it to the audit trail; nobody is the actor."""
    note = audit.entry(
        None,
        "responses.stored",
        survey,
        new=1,
        unchanged=0,
        late=len(stored.late),
        verdicts=stored.verdicts,
    )
    row = (note.channel, note.verb, note.object_type, note.object_id, Json(note.data))
    copy_rows("core_auditentry", _AUDIT, [row])
