"""Write scorecards and results by COPY: the text that is hashed is the text that is stored."""

import json
from collections.abc import Sequence
from io import BytesIO

from django.db import connection

from assessments.models import Scorecard, ScoringRun
from assessments.queries.schemes import parsed
from assessments.queries.scorecards import groups_of
from assessments.rules.canonical import dumps
from assessments.rules.content import (
    BREAK,
    CARD,
    NULL,
    card_of,
    card_text,
    content_hash,
    escaped,
    escaped_json,
    placements_text,
    result_line,
    result_text,
    who_text,
)
from assessments.rules.engine import PersonScore, Result, Scorer
from core.garbage import resting
from organization.models import Department, Position

_CARD = (
    *("id", "period_id", "employee_id", "version", "run_id", "department_id", "position_id"),
    *("corrected", "state", *CARD),
    *("placements", "facts", "content_hash", "supersedes_id", "cause"),
)
_SHEET = ("scorecard_id", "lines")

_LAST = """
SELECT e.employee_no, e.id, c.version, c.id
FROM organization_employee e
LEFT JOIN LATERAL (
    SELECT s.version, s.id FROM assessments_scorecard s
    WHERE s.period_id = %s AND s.employee_id = e.id ORDER BY s.version DESC LIMIT 1
) c ON true
WHERE e.employee_no = ANY(%s)
"""


@resting()
def score_texts(run: ScoringRun, facts: Sequence[str]) -> int:
    """Score people by their facts (canonical texts) and append their scorecards, which nobody sees
    before the period names the run; returns how many. What a person's rows were made from is not
    held beside them."""
    schemes = {key: parsed(row["id"], key) for key, row in run.rules["schemes"].items()}
    units = {code: row["unit"] for code, row in run.rules["indicators"].items()}
    scorer = Scorer(schemes, groups_of(run), units)
    rows = _Rows(run, len(facts), Scorecard.State.COMPUTED, "")
    for text in facts:
        rows.add(scorer.score(json.loads(text)), text)
    return len(rows.store())


def store_scores(
    run: ScoringRun,
    scores: Sequence[PersonScore],
    *,
    state: str = Scorecard.State.COMPUTED,
    cause: str = "",
) -> list[int]:
    """Append a version of everybody's scorecard; returns the ids."""
    rows = _Rows(run, len(scores), state, cause)
    for score in scores:
        rows.add(score, dumps(score.facts))
    return rows.store()


class _Rows:
    """The rows of some people in both tables, as COPY reads them."""

    def __init__(self, run: ScoringRun, people: int, state: str, cause: str) -> None:
        self._run, self._state, self._cause = run, state, escaped(cause)
        self._departments = dict(Department.objects.values_list("code", "id"))
        self._positions = dict(Position.objects.values_list("code", "id"))
        self._schemes = {key: row["id"] for key, row in run.rules["schemes"].items()}
        self._reserved = _reserve(people)
        self._cards: list[tuple[str, str]] = []  # employee number, the cells that follow the run
        self._sheets: list[str] = []
        # Result -> its line to hash and, as COPY reads it, the one to store. People who share a
        # figure share the object (it is kept here, so no other can have its id): one text for all.
        self._told: dict[int, tuple[Result, str, str]] = {}

    def add(self, score: PersonScore, facts: str) -> None:
        """The rows of a person; `facts` is the canonical text of the score's own."""
        pk = self._reserved[len(self._cards)]
        known = self._told
        told = [known.get(id(row)) or self._tell(row) for row in score.results]
        self._sheets.append(f"{pk}\t{BREAK.join([own for _row, _line, own in told])}\n")
        employee, last = score.facts["employee"], score.facts["placements"][-1]
        who = who_text(employee, last["department"], last["position"])
        card = card_text(card_of(score))
        places = placements_text(score.placements)
        cells = (
            str(self._departments[last["department"]]),
            str(self._positions[last["position"]]),
            *("f", self._state, card, escaped_json(places), escaped_json(facts)),
            content_hash(who, card, places, facts, [line for _row, line, _own in told]),
        )
        self._cards.append((employee, "\t".join(cells)))

    def store(self) -> list[int]:
        """Write them; returns the scorecards' ids."""
        known = _last_cards(self._run, [number for number, _cells in self._cards])
        run = self._run
        cards = []
        for pk, (number, cells) in zip(self._reserved, self._cards, strict=True):
            employee, version, before = known[number]
            cards.append(
                f"{pk}\t{run.period_id}\t{employee}\t{version + 1}\t{run.pk}\t{cells}"
                f"\t{before}\t{self._cause}\n"
            )
        _copy("assessments_scorecard", _CARD, cards)
        _copy("assessments_resultsheet", _SHEET, self._sheets)
        return self._reserved

    def _tell(self, row: Result) -> tuple[Result, str, str]:
        number, indicator, scheme, position = row[:4]
        text = result_text(row[4:])
        line = result_line(number, indicator, scheme, position, text)
        ids = str(self._schemes[scheme]), str(self._positions[position])
        own = escaped(result_line(number, indicator, *ids, text))
        self._told[id(row)] = (row, line, own)
        return row, line, own


def _last_cards(run: ScoringRun, numbers: list[str]) -> dict[str, tuple[int, int, int | str]]:
    """employee number -> (id, version and id of their last scorecard of the period or 0, NULL)."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [run.period_id, numbers])
        return {
            number: (pk, version or 0, NULL if card is None else card)
            for number, pk, version, card in cursor.fetchall()
        }


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('assessments_scorecard', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(table: str, columns: Sequence[str], lines: list[str]) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        cursor.copy_expert(statement, BytesIO("".join(lines).encode()))
