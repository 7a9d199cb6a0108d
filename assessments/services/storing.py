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
    content_hash,
    escaped,
    escaped_json,
    placements_text,
    result_line,
    result_text,
    score_text,
    who_text,
)
from assessments.rules.engine import PersonScore, Result, Scorer
from assessments.rules.scheme import SATISFACTION
from core.garbage import resting
from organization.models import Department, Position

_CARD = (
    *("id", "period_id", "employee_id", "version", "run_id", "department_id", "position_id"),
    *("corrected", "state", *CARD),
    *("placements", "facts", "content_hash", "supersedes_id", "cause"),
)
_SHEET = ("scorecard_id", "lines")
_Told = tuple[Result, str, str]  # a result, its line to store as COPY reads it, its line to hash

_LAST = """
SELECT e.employee_no, e.id, c.version, c.id
FROM organization_employee e
LEFT JOIN LATERAL (
    SELECT s.version, s.id FROM assessments_scorecard s
    WHERE s.period_id = %s AND s.employee_id = e.id ORDER BY s.version DESC LIMIT 1
) c ON true
WHERE e.employee_no = ANY(%s)
"""


class Chunks:
    """Scores the people of a run, chunk by chunk. What the run says and what its people share is
    read and worked out once, not once a chunk."""

    def __init__(self, run: ScoringRun) -> None:
        self._run = {"pk": run.pk, "started_at": run.started_at, "inputs_hash": run.inputs_hash}
        schemes = {key: parsed(row["id"], key) for key, row in run.rules["schemes"].items()}
        units = {code: row["unit"] for code, row in run.rules["indicators"].items()}
        self._scorer = Scorer(schemes, groups_of(run), units)
        self._texts = _Texts(run)

    def is_of(self, pk: int) -> bool:
        """Whether the run has this number, and is still there."""
        return self._run["pk"] == pk and ScoringRun.objects.filter(**self._run).exists()

    @property
    def kept(self) -> int:
        """How many figures and texts are held, some 2 KB each."""
        return self._texts.kept

    @resting()
    def score(self, facts: Sequence[str]) -> int:
        """Score people by their facts (canonical texts) and append their scorecards, which nobody
        sees before the period names the run; returns how many. What a person's rows were made from
        is not held beside them."""
        rows = _Rows(self._texts, len(facts), Scorecard.State.COMPUTED, "")
        for text in facts:
            rows.add(self._scorer.score(json.loads(text)), text)
        return len(rows.store())


def store_scores(
    run: ScoringRun,
    scores: Sequence[PersonScore],
    *,
    state: str = Scorecard.State.COMPUTED,
    cause: str = "",
) -> list[int]:
    """Append a version of everybody's scorecard; returns the ids."""
    rows = _Rows(_Texts(run), len(scores), state, cause)
    for score in scores:
        rows.add(score, dumps(score.facts))
    return rows.store()


class _Texts:
    """Codes as the numbers of a run's rows, and the texts of results that people share."""

    def __init__(self, run: ScoringRun) -> None:
        self.period, self.run = run.period_id, run.pk
        self.departments = _numbers(Department)
        self.positions = _numbers(Position)
        self._schemes = {key: str(row["id"]) for key, row in run.rules["schemes"].items()}
        # People who share a figure share the object (it is kept here, so no other can have its id):
        # one text for all.
        self._told: dict[int, _Told] = {}

    @property
    def kept(self) -> int:
        return len(self._told)

    def of(self, results: Sequence[Result], *, shared: bool) -> list[_Told]:
        """Of each result its own line, to store, and the line that is hashed."""
        known = self._told
        return [known.get(id(row)) or self._tell(row, shared) for row in results]

    def _tell(self, row: Result, shared: bool) -> _Told:
        number, indicator, scheme, position = row[:4]
        text = result_text(row[4:])
        line = result_line(number, indicator, scheme, position, text)
        own = result_line(number, indicator, self._schemes[scheme], self.positions[position], text)
        told = row, escaped(own), line
        if shared and not (indicator == SATISFACTION and row.n):  # that one is the person's own
            self._told[id(row)] = told
        return told


class _Rows:
    """The rows of some people in both tables, as COPY reads them."""

    def __init__(self, texts: _Texts, people: int, state: str, cause: str) -> None:
        self._texts, self._state, self._cause = texts, state, escaped(cause)
        self._reserved = _reserve(people)
        self._cards: list[tuple[str, str]] = []  # employee number, the cells that follow the run
        self._sheets: list[str] = []

    def add(self, score: PersonScore, facts: str) -> None:
        """The rows of a person; `facts` is the canonical text of the score's own."""
        pk = self._reserved[len(self._cards)]
        told = self._texts.of(score.results, shared="events" not in score.facts)
        self._sheets.append(f"{pk}\t{BREAK.join([own for _row, own, _line in told])}\n")
        employee, last = score.facts["employee"], score.facts["placements"][-1]
        department, position = last["department"], last["position"]
        who = who_text(employee, department, position)
        card = score_text(score)
        places = placements_text(score.placements)
        seal = content_hash(who, card, places, facts, [line for _row, _own, line in told])
        cells = (
            f"{self._texts.departments[department]}\t{self._texts.positions[position]}"
            f"\tf\t{self._state}\t{card}\t{escaped_json(places)}\t{escaped_json(facts)}\t{seal}"
        )
        self._cards.append((employee, cells))

    def store(self) -> list[int]:
        """Write them; returns the scorecards' ids."""
        period, run = self._texts.period, self._texts.run
        known = _last_cards(period, [number for number, _cells in self._cards])
        cards = []
        for pk, (number, cells) in zip(self._reserved, self._cards, strict=True):
            employee, version, before = known[number]
            cards.append(
                f"{pk}\t{period}\t{employee}\t{version + 1}\t{run}\t{cells}"
                f"\t{before}\t{self._cause}\n"
            )
        _copy("assessments_scorecard", _CARD, cards)
        _copy("assessments_resultsheet", _SHEET, self._sheets)
        return self._reserved


def _numbers(table: type[Department | Position]) -> dict[str, str]:
    """Code -> id, as text."""
    return {code: str(pk) for code, pk in table.objects.values_list("code", "id")}


def _last_cards(period: int, numbers: list[str]) -> dict[str, tuple[int, int, int | str]]:
    """employee number -> (id, version and id of their last scorecard of the period or 0, NULL)."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [period, numbers])
        return {
            number: (pk, version or 0, NULL if card is None else card)
            for number, pk, version, card in cursor.fetchall()
        }


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            # Its name is looked up once, not for every number.
            "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('assessments_scorecard',"
            " 'id')::regclass AS name OFFSET 0) s, generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(table: str, columns: Sequence[str], lines: list[str]) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        cursor.copy_expert(statement, BytesIO("".join(lines).encode()))
