"""POST /api/v1/responses/: answers from wherever they were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import client_user, idempotent, items_of, stored_answer
from core.api_schema import intake_schema
from core.errors import BadRows, RowError
from core.models import User
from surveys.models import Channel, Judgement, ResponseKey, Survey
from surveys.queries.facts import latest_verdicts
from surveys.services import accept_responses
from surveys.services.intake.store import Accepted, Judged

SURVEY = "survey_code"


class ResponseIn(serializers.Serializer):
    """One filled-in questionnaire. Times without an offset are Shanghai time."""

    survey_code = serializers.CharField(min_length=1)
    response_no = serializers.CharField(min_length=1, max_length=100)
    event_no = serializers.CharField(max_length=60, required=False, allow_null=True)
    customer_no = serializers.CharField(max_length=60, required=False, allow_null=True)
    employee_no = serializers.CharField(
        max_length=400, required=False, allow_null=True, help_text="the lead first, `;`-separated"
    )
    department_code = serializers.CharField(max_length=40, required=False, allow_null=True)
    channel = serializers.ChoiceField(Channel.choices)
    interviewer_no = serializers.CharField(max_length=64, required=False, allow_null=True)
    device = serializers.CharField(max_length=200, required=False, allow_null=True)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    submitted_at = serializers.DateTimeField()
    answers = serializers.DictField(
        child=serializers.JSONField(), help_text="question code -> answer; `na` where allowed"
    )


class ResponseOut(serializers.Serializer):
    """What became of the answer: the machine's verdict, and whether its period was locked."""

    survey_code = serializers.CharField()
    response_no = serializers.CharField()
    answered_on = serializers.DateField()
    verdict = serializers.ChoiceField(Judgement.choices)
    checks = serializers.ListField(child=serializers.CharField())
    late = serializers.BooleanField()


class ResponsesView(APIView):
    """Takes answers to surveys."""

    required_scope = "responses"

    @intake_schema(
        "Response",
        ResponseIn,
        ResponseOut,
        "Stores answers, all or nothing. A known response_no with the same content is answered "
        "with 200 and what is stored; other content than stored: 409.",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        items, single = items_of(request)
        new = _accept(items, client_user(request))
        return stored_answer(_stored(items, new), created=len(new), single=single)


_Number = tuple[str, str]  # survey, response_no
_Stored = dict[_Number, dict[str, Any]]  # as ResponseOut


def _accept(items: Sequence[Mapping[str, Any]], actor: User) -> _Stored:
    """Store the answers survey by survey (in one order, so that two calls never lock each other
    out); faults keep the place of their object in the body. Returns what is new."""
    faults: list[RowError] = []
    by_survey: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        code = item.get(SURVEY)
        if isinstance(code, str) and code:
            by_survey.setdefault(code, []).append(place)
        else:
            faults.append(RowError(place + 1, SURVEY, _("a value is required")))
    known = set(Survey.objects.filter(code__in=by_survey).values_list("code", flat=True))
    new: _Stored = {}
    for code in sorted(by_survey):
        places = by_survey[code]
        if code not in known:
            unknown = _("unknown survey %(code)s") % {"code": code}
            faults += [RowError(place + 1, SURVEY, unknown) for place in places]
            continue
        sent = [_without_survey(items[place]) for place in places]
        try:
            with transaction.atomic():
                accept_responses(code, sent, actor=actor, on_stored=partial(_note, new, code))
        except BadRows as error:
            faults += [
                RowError(places[fault.row - 1] + 1, fault.column, fault.message, fault.conflict)
                for fault in error.errors
            ]
    if faults:
        raise BadRows(faults)
    return new


def _note(new: _Stored, code: str, accepted: Sequence[Accepted], judged: Sequence[Judged]) -> None:
    for each, one in zip(accepted, judged, strict=True):
        number = (code, each.response_no)
        new[number] = _out(number, each.answered_on, one.verdict, one.checks, late=each.late)


def _out(
    number: _Number, day: date, verdict: str, checks: Sequence[str], *, late: bool
) -> dict[str, Any]:
    return {
        "survey_code": number[0], "response_no": number[1], "answered_on": day,
        "verdict": verdict, "checks": list(checks), "late": late,
    }  # fmt: skip


def _without_survey(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != SURVEY}


def _stored(items: Sequence[Mapping[str, Any]], new: _Stored) -> list[dict[str, Any]]:
    """The answers as ResponseOut, in the order of the body; of those that are not new, what is
    stored."""
    numbers = [(item[SURVEY], item["response_no"].strip()) for item in items]
    known = _known([number for number in numbers if number not in new])
    return [(new.get(number) or known[number]) for number in numbers]


def _known(numbers: Sequence[_Number]) -> _Stored:
    """Answers stored before, with the valid verdict of each; two queries."""
    if not numbers:
        return {}
    keys = ResponseKey.objects.filter(
        survey__code__in={code for code, _number in numbers},
        response_no__in={number for _code, number in numbers},
    ).values_list("survey__code", "response_no", "answered_on", "response_id", "response__late")
    found = {(row[0], row[1]): row[2:] for row in keys}
    verdicts = latest_verdicts(found[number][:2] for number in numbers)
    known = {}
    for number in numbers:
        day, response_id, late = found[number]
        valid = verdicts[response_id]
        known[number] = _out(number, day, valid.verdict, valid.checks, late=late)
    return known
