"""Responses of a survey's month as arrays, with the verdict that is valid now."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection
from numpy.typing import NDArray

from surveys.cleaning.queries.kept import written_kept
from surveys.cleaning.rules.batch import Batch
from surveys.cleaning.rules.form import Form
from surveys.models import Survey

_RESPONSES = """SELECT r.id, r.answered_on, r.response_no, coalesce(r.event_id, -1) AS event,
    coalesce(r.customer_id, -1) AS customer, r.channel AS mode, coalesce(e.stage, '') AS stage,
    extract(epoch FROM r.submitted_at) AS submitted,
    extract(epoch FROM r.submitted_at - r.started_at) AS seconds{answers}
    FROM surveys_response r LEFT JOIN customers_serviceevent e ON e.id = r.event_id
    WHERE {where} ORDER BY r.answered_on, r.id"""

# What the figures of a whole survey are made of, in any order.
_FIGURES = """SELECT r.id, r.channel AS mode, '' AS stage, 0 AS submitted,
    extract(epoch FROM r.submitted_at - r.started_at) AS seconds{answers}
    FROM surveys_response r WHERE {where}"""

_VERDICTS = """SELECT v.response_id AS id, v.seq, v.verdict,
        array_to_string(v.checks, ';') AS checks, v.evidence, v.rule_set_id,
        v.decided_by_id IS NOT NULL AS human
    FROM surveys_verdict v
    WHERE v.survey_id = %(survey)s AND v.answered_on BETWEEN %(first)s AND %(last)s
        AND (%(ids)s::bigint[] IS NULL OR v.response_id = ANY(%(ids)s))
        AND v.decided_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
    ORDER BY v.answered_on, v.response_id, v.seq"""

_LEFT = ["id", "device", "network", "phone", "email", "texts"]

_PERSONAL_OF = """SELECT p.response_id AS id, p.device, p.network, p.phone, p.email, p.texts
    FROM surveys_responsepersonal p
    JOIN surveys_response r ON r.answered_on = p.answered_on AND r.id = p.response_id
    WHERE r.survey_id = %(survey)s AND (%(ids)s::bigint[] IS NULL OR p.response_id = ANY(%(ids)s))
        AND r.answered_on BETWEEN %(first)s AND %(last)s
        AND p.answered_on BETWEEN %(first)s AND %(last)s"""
_PERSONAL = f"""{_PERSONAL_OF} AND (p.device <> '' OR p.network <> '' OR p.phone <> ''
        OR p.email <> '' OR p.texts <> '{{}}')
    ORDER BY p.answered_on, p.response_id"""
_NO_TEXTS: dict[str, str] = {}


@dataclass(frozen=True)
class Rows:
    """Responses in the order of their ids. `facts`: one line each, index 0..n-1, with the columns
    id, answered_on (text), response_no, event, customer (-1: none), and of the valid verdict seq (0
    none yet), verdict ("" none), checks (";"-separated), evidence (JSON text), rule_set_id, human.
    `personal`: lines of those that left any (id, device, network, phone, email, texts).
    `verdicts`: how many there are, valid or not."""

    facts: pd.DataFrame
    batch: Batch
    personal: pd.DataFrame
    verdicts: int

    def __len__(self) -> int:
        return len(self.batch)


def months(survey: Survey) -> list[tuple[date, date]]:
    """First and last day with answers of each month that has any, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(answered_on), max(answered_on) FROM surveys_response WHERE survey_id = %s "
            "GROUP BY date_trunc('month', answered_on) ORDER BY 1",
            [survey.pk],
        )
        return [(first, last) for first, last in cursor.fetchall()]


def read_rows(
    survey: Survey,
    form: Form,
    first: date,
    last: date,
    *,
    as_of: datetime | None = None,
    verdicts: bool = True,
    personal: bool = True,
) -> Rows:
    """The responses answered on these days; verdicts as of a moment if one is given.

    What a caller does not need is not read: without `verdicts` none seems given, without `personal`
    data no text question seems answered.
    """
    where = "r.survey_id = %(survey)s AND r.answered_on BETWEEN %(first)s AND %(last)s"
    values = {"survey": survey.pk, "first": first, "last": last, "as_of": as_of, "ids": None}
    return _rows(form, where, values, with_verdicts=verdicts, with_personal=personal)


def read_figures(survey: Survey, form: Form, first: date, last: date) -> Rows:
    """As read_rows, but only what the figures of a whole survey are made of: the answers, the time
    taken and the channel; of the facts the id, and of personal data the texts, where there are."""
    where = "r.survey_id = %(survey)s AND r.answered_on BETWEEN %(first)s AND %(last)s"
    values = {"survey": survey.pk, "first": first, "last": last, "ids": None}
    facts, columns = _responses(form, _FIGURES, where, values)
    personal = _personal(f"{_PERSONAL_OF} AND p.texts <> '{{}}'", values)
    written = _written(facts["id"].to_numpy(), personal, _kept_texts(form, values, wanted=True))
    batch = _batch(form, facts, columns, written)
    return Rows(facts[["id"]], batch, personal, 0)


def read_cases(survey: Survey, form: Form, events: Sequence[int]) -> Rows:
    """All responses of the survey to these service events, whenever they were answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, answered_on FROM surveys_response "
            "WHERE survey_id = %s AND event_id = ANY(%s)",
            [survey.pk, list(events)],
        )
        found = cursor.fetchall()
    days = [day for _, day in found] or [survey.opens_on]
    values = {
        "survey": survey.pk,
        "ids": [response for response, _ in found],
        "first": min(days),
        "last": max(days),
        "as_of": None,
    }
    where = "r.id = ANY(%(ids)s) AND r.answered_on BETWEEN %(first)s AND %(last)s"
    return _rows(form, where, values, with_verdicts=False)


def cases(survey: Survey) -> list[int]:
    """Service events that were answered more than once in the survey."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id FROM surveys_response WHERE survey_id = %s AND event_id IS NOT NULL "
            "GROUP BY event_id HAVING count(*) > 1 ORDER BY 1",
            [survey.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def _rows(
    form: Form,
    where: str,
    values: Mapping[str, Any],
    *,
    with_verdicts: bool = True,
    with_personal: bool = True,
) -> Rows:
    facts, columns = _responses(form, _RESPONSES, where, values)
    verdicts = _copy(_VERDICTS if with_verdicts else _none(_VERDICTS), values)
    count = len(verdicts)
    verdicts = verdicts.drop_duplicates("id", keep="last")
    personal = _personal(_PERSONAL, values) if with_personal else pd.DataFrame(columns=_LEFT)
    written = _written(
        facts["id"].to_numpy(), personal, _kept_texts(form, values, wanted=with_personal)
    )
    batch = _batch(form, facts, columns, written)
    facts = facts.drop(columns=list(columns.values()))
    facts = facts.merge(verdicts, on="id", how="left")
    facts[["verdict", "checks", "evidence"]] = facts[["verdict", "checks", "evidence"]].fillna("")
    facts["human"] = facts["human"].eq("t")
    for name in ("seq", "rule_set_id"):
        facts[name] = facts[name].fillna(0).astype(np.int64)
    return Rows(facts, batch, personal.fillna({"device": "", "network": ""}), count)


def _responses(
    form: Form, query: str, where: str, values: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The result of the query with a column for each closed question, and their names by code."""
    asked = [q for q in form.questions if q.type != "text"]
    answers = ", ".join(f"r.answers ->> %(q{i})s AS q{i}" for i in range(len(asked)))
    codes = {f"q{i}": q.code for i, q in enumerate(asked)}
    query = query.format(answers=f", {answers}" if answers else "", where=where)
    words = [f"q{i}" for i, q in enumerate(asked) if q.scale is None]  # "1" stays a code
    return _copy(query, {**values, **codes}, words), {code: name for name, code in codes.items()}


def _personal(query: str, values: Mapping[str, Any]) -> pd.DataFrame:
    """Lines of personal data, their texts read."""
    personal = _copy(query, values)
    texts = personal["texts"].fillna("{}").tolist()
    read: list[Any] = [_NO_TEXTS if text == "{}" else json.loads(text) for text in texts]
    personal["texts"] = read
    return personal


def _none(query: str) -> str:
    """The query's columns without any row."""
    return f"{query} LIMIT 0"


def _copy(query: str, values: Mapping[str, Any], texts: Sequence[str] = ()) -> pd.DataFrame:
    """The result of a query as a frame; COPY is several times faster than fetching rows. `texts`:
    columns that stay text although they may look like numbers."""
    text = BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.cursor.mogrify(query, dict(values)).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER true)", text)
    text.seek(0)
    words = {"response_no", "answered_on", "mode", "stage", "verdict", "checks", "evidence",
             "human", "device", "network", "phone", "email", "texts", *texts}  # fmt: skip
    return pd.read_csv(text, dtype=dict.fromkeys(words, str), keep_default_na=False, na_values=[""])


def _batch(
    form: Form,
    facts: pd.DataFrame,
    columns: Mapping[str, str],
    written: Mapping[str, NDArray[np.bool_]],
) -> Batch:
    n = len(facts)
    values = np.full((n, len(form.numeric)), np.nan)
    for at, question in enumerate(form.numeric):
        values[:, at] = _numbers(facts[columns[question.code]])
    answered = np.zeros((n, len(form.questions)), dtype=bool)
    for at, question in enumerate(form.questions):
        if question.type == "text":
            answered[:, at] = written.get(question.code, np.zeros(n, dtype=bool))
        else:
            answered[:, at] = facts[columns[question.code]].notna().to_numpy()
    return Batch(
        values=values,
        answered=answered,
        choices={q.code: _choices(facts[columns[q.code]]) for q in form.choices},
        seconds=_positive(facts["seconds"]),
        submitted=facts["submitted"].to_numpy(dtype=np.float64),
        mode=facts["mode"].to_numpy(dtype=str),
        preview=np.zeros(n, dtype=bool),  # no way of answering stores a preview
        stage=facts["stage"].fillna("").to_numpy(dtype=str),
    )


def _numbers(column: "pd.Series[Any]") -> NDArray[np.float64]:
    """ "Not applicable" is no number."""
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _positive(column: "pd.Series[Any]") -> NDArray[np.float64]:
    """Durations; a negative one is a wrong clock and says nothing."""
    seconds = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(seconds < 0, np.nan, seconds)


def _choices(column: "pd.Series[Any]") -> NDArray[np.object_]:
    return np.array([word if isinstance(word, str) else None for word in column], dtype=object)


def _kept_texts(form: Form, values: Mapping[str, Any], *, wanted: bool) -> dict[str, list[int]]:
    """Required text question -> responses that had answered it before they were erased."""
    if not wanted or not any(q.required and q.type == "text" for q in form.questions):
        return {}
    return written_kept(values["survey"], values["first"], values["last"])


def with_texts(personal: pd.DataFrame) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(response id, texts) of those that wrote any."""
    for response, texts in zip(personal["id"].tolist(), personal["texts"].tolist(), strict=True):
        if texts:
            yield response, texts


def _written(
    ids: NDArray[np.int64], personal: pd.DataFrame, kept: Mapping[str, list[int]]
) -> dict[str, NDArray[np.bool_]]:
    """Text question -> which of the responses wrote something, erased since or not."""
    wrote = {code: list(responses) for code, responses in kept.items()}
    for response, texts in with_texts(personal):
        for code, text in texts.items():
            if text:
                wrote.setdefault(code, []).append(response)
    return {code: np.isin(ids, rows) for code, rows in wrote.items()}
