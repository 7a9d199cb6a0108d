"""Questionnaires for reading: their versions, and one version laid out by dimension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet

from organization.models import Employee, Position
from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.rules.questionnaires import Question
from surveys.rules.questionnaires import Questionnaire as Parsed

OUTSIDE = ""  # questions of no dimension


def questionnaires() -> QuerySet[Questionnaire]:
    """All questionnaires with their versions, the newest first."""
    return Questionnaire.objects.prefetch_related("versions__approved_by").order_by("code")


def versions(code: str) -> QuerySet[QuestionnaireVersion]:
    rows = QuestionnaireVersion.objects.filter(questionnaire__code=code)
    return rows.annotate(in_field=Count("surveys")).order_by("-number")


def person_of(user_id: int | None) -> str:
    """The name of the employee behind an account; empty where there is none."""
    if user_id is None:
        return ""
    found = Employee.objects.filter(user_id=user_id).values_list("name", flat=True).first()
    return found or ""


def laid_out(questionnaire: Parsed, spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Dimensions with their questions, in their order; questions of no dimension come last."""
    raw = {question["code"]: question for question in spec["questions"]}
    positions = {row.code: row for row in Position.objects.all()}
    everything = sum(dimension.weight for dimension in questionnaire.dimensions)
    blocks: list[dict[str, Any]] = [
        {
            "dimension": dimension,
            "share": 100 * dimension.weight / everything if everything else None,
            "questions": _questions(questionnaire, dimension.code, raw, positions),
        }
        for dimension in questionnaire.dimensions
    ]
    rest = _questions(questionnaire, None, raw, positions)
    return [*blocks, {"dimension": None, "share": None, "questions": rest}] if rest else blocks


def _questions(
    questionnaire: Parsed,
    dimension: str | None,
    raw: Mapping[str, Any],
    positions: Mapping[str, Position],
) -> list[dict[str, Any]]:
    numbers = {question.code: n for n, question in enumerate(questionnaire.questions, 1)}
    return [
        {
            "number": numbers[question.code],
            "question": question,
            "raw": raw[question.code],
            "scale": _scale(question, raw[question.code]),
            "accountable": None
            if question.accountable is None
            else [positions.get(code, {"name_zh": code}) for code in sorted(question.accountable)],
        }
        for question in questionnaire.questions
        if question.dimension == dimension
    ]


def _scale(question: Question, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each point of the scale with its words, or each option to choose."""
    if raw.get("options"):
        return [
            {"value": "", "name_zh": option["text_zh"], "name_en": option["text_en"]}
            for option in raw["options"]
        ]
    chinese, english = raw.get("scale_labels_zh"), raw.get("scale_labels_en")
    if question.scale is None or not chinese or not english:
        return []
    low, high = question.scale
    if len(chinese) == high - low + 1:
        points = range(low, high + 1)
    else:
        points = range(low, high + 1, max(high - low, 1))
    labels = zip(points, chinese, english, strict=False)
    found = [{"value": value, "name_zh": zh, "name_en": en} for value, zh, en in labels]
    # A scale whose words are its numbers is shown as its ends.
    return [] if all(one["name_zh"] == str(one["value"]) for one in found) else found
