"""Drafts, versions, opening a survey."""

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from core.commands import operator
from core.errors import Conflict, InvalidInput
from core.models import AuditEntry
from surveys import services
from surveys.models import Questionnaire, QuestionnaireVersion, Survey
from surveys.services.questionnaires import READY, read_spec
from tests.surveys.conftest import spec_of

pytestmark = pytest.mark.django_db
MARCH = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}


def test_the_same_content_twice_changes_nothing_and_changed_content_is_the_next_draft():
    first = services.import_questionnaire(spec_of(), actor=None)
    again = services.import_questionnaire(spec_of(), actor=None)
    assert (first.created, again.created, again.version.pk) == (True, False, first.version.pk)
    changed = services.import_questionnaire(spec_of(name_en="Other"), actor=None)
    assert (changed.version.number, changed.version.status) == (2, "draft")
    assert Questionnaire.objects.get().name_en == "Other"
    assert AuditEntry.objects.filter(verb="questionnaire.imported").count() == 2


def test_a_faulty_questionnaire_changes_nothing_and_names_every_fault():
    with pytest.raises(InvalidInput) as caught:
        services.import_questionnaire(spec_of(code="", colour=1), actor=None)
    assert str(caught.value).splitlines() == [
        "questionnaire: unknown key colour",
        "code: must be 1 to 64 letters, digits, points, dashes or underscores",
    ]
    assert not Questionnaire.objects.exists()


def test_every_ready_questionnaire_imports_and_round_trips():
    done = services.import_ready_questionnaires(actor=None)
    assert [each.created for each in done] == [True] * 6
    for each in done:
        stored = QuestionnaireVersion.objects.get(pk=each.version.pk)
        path = next(p for p in READY.glob("*.json") if read_spec(p)["code"] == stored.spec["code"])
        assert stored.spec == read_spec(path)
    assert not any(each.created for each in services.import_ready_questionnaires(actor=None))


def test_fractions_of_a_weight_survive_storage():
    spec = spec_of()
    spec["dimensions"][0]["weight"] = read_spec(b"33.333333")
    version = services.import_questionnaire(spec, actor=None).version
    version.refresh_from_db()
    assert str(version.spec["dimensions"][0]["weight"]) == "33.333333"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "The file is not JSON"),
        (b"\xff\xfe", "The file is not JSON"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": 1, "a": 2}', "a key appears twice in one object"),
        (b"[" * 100_000, "The file is not JSON"),
        (rb'{"purpose_en": "\u0000"}', "a character that cannot be stored"),
        (rb'{"text_en": "\ud800"}', "a character that cannot be stored"),
    ],
)
def test_a_file_that_is_not_json_is_refused(raw, message):
    with pytest.raises(InvalidInput, match=message):
        read_spec(raw)


def test_opening_a_survey_publishes_the_newest_version_with_its_approver():
    services.import_questionnaire(spec_of(), actor=None)
    services.import_questionnaire(spec_of(name_en="Other"), actor=None)
    survey, created = services.open_survey(
        "MARCH", questionnaire="VISIT", actor=operator(), **MARCH
    )
    assert (created, survey.version.number, survey.version.status) == (True, 2, "published")
    assert survey.version.approved_by == operator()
    assert survey.rule_set.approved_by == operator()
    again, created = services.open_survey("MARCH", questionnaire="VISIT", actor=operator(), **MARCH)
    assert (again.pk, created) == (survey.pk, False)
    assert AuditEntry.objects.filter(verb="survey.opened").count() == 1


def test_a_survey_cannot_be_opened_twice_with_other_days_or_without_a_questionnaire():
    services.import_questionnaire(spec_of(), actor=None)
    services.open_survey("MARCH", questionnaire="VISIT", actor=operator(), **MARCH)
    with pytest.raises(Conflict):
        services.open_survey(
            "MARCH",
            questionnaire="VISIT",
            actor=operator(),
            first=MARCH["first"],
            last=date(2026, 4, 1),
        )
    with pytest.raises(InvalidInput, match="no questionnaire X"):
        services.open_survey("APRIL", questionnaire="X", actor=operator(), **MARCH)
    with pytest.raises(InvalidInput, match="before the first"):
        services.open_survey(
            "APRIL",
            questionnaire="VISIT",
            actor=operator(),
            first=MARCH["last"],
            last=MARCH["first"],
        )
    assert Survey.objects.count() == 1


def test_the_content_of_a_version_can_never_be_changed_or_removed():
    version = services.import_questionnaire(spec_of(), actor=None).version
    rows = QuestionnaireVersion.objects.filter(pk=version.pk)
    for change in (lambda: rows.update(spec={}), lambda: rows.update(number=9), rows.delete):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()
    assert rows.get().number == 1


def test_the_commands_say_what_they_did(tmp_path, capsys):
    path = tmp_path / "visit.json"
    path.write_text(json.dumps(spec_of()), encoding="utf-8")
    call_command("import_questionnaire", str(path))
    call_command("import_questionnaire", str(path))
    for _ in range(2):
        call_command(
            *("open_survey", "MARCH", "--questionnaire", "VISIT"),
            *("--from", "2026-03-01", "--to", "2026-03-31"),
        )
    assert capsys.readouterr().out.splitlines() == [
        "Questionnaire VISIT v1 (draft): stored.",
        "Questionnaire VISIT v1 (draft): unchanged.",
        "Survey MARCH: VISIT v1, 2026-03-01 to 2026-03-31: opened.",
        "Survey MARCH: VISIT v1, 2026-03-01 to 2026-03-31: unchanged.",
    ]
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_questionnaire", str(tmp_path / "none.json"))


@pytest.mark.parametrize("code", ["2026/Q1", " MARCH", "MARCH ", "A\nB", "A\u200bB", ".", ".."])
def test_a_code_that_no_address_can_hold_is_refused(code):
    """One survey of such a code would make every list it stands in an error page."""
    services.import_questionnaire(spec_of(), actor=None)
    with pytest.raises(InvalidInput, match="code of a survey"):
        services.open_survey(code, questionnaire="VISIT", actor=operator(), **MARCH)
    assert not Survey.objects.exists()


@pytest.mark.parametrize("code", ["三月回访 2026", "CSI-2026.03_a", "客户 (北)"])
def test_a_code_may_be_words(code):
    services.import_questionnaire(spec_of(), actor=None)
    services.open_survey(code, questionnaire="VISIT", actor=operator(), **MARCH)
    assert Survey.objects.get().code == code


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-01", "9999-12-31"), ("1999-12-31", "2026-03-31")]
)
def test_a_survey_lies_in_the_years_answers_are_taken_from(first, last):
    """A last day "for ever" would be a moment no clock has, and every answer an error page."""
    services.import_questionnaire(spec_of(), actor=None)
    days = {"first": date.fromisoformat(first), "last": date.fromisoformat(last)}
    with pytest.raises(InvalidInput, match="years 2000 to 2099"):
        services.open_survey("MARCH", questionnaire="VISIT", actor=operator(), **days)
    assert not Survey.objects.exists()
