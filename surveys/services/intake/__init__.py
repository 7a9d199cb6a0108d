"""Taking answers in: from a file or from the API, all or nothing, the same again changing nothing.

An answer "not applicable" is the word `na` (any case), in a cell and in JSON alike, for a question
with `allow_na`; see rules.answers for all forms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.garbage import resting
from core.locks import Lock, take
from core.models import User
from core.tables import Errors, Table
from surveys.models import Judgement, Survey
from surveys.queries.facts import questionnaire_of
from surveys.services.intake.attribution import Registers
from surveys.services.intake.known import sort_out
from surveys.services.intake.sent import NAMING, OPTIONAL, PREFIX, REQUIRED, Reader, Sent
from surveys.services.intake.store import OnProgress, OnStored, Stored, ensure_partitions, store

WAIT_FILE_MS = 600_000  # another file of the survey may take minutes
WAIT_API_MS = 10_000
MAX_ITEMS = 500


@dataclass
class IntakeReport:
    """What became of the answers. `late`: numbers of those whose period was locked already."""

    new: int = 0
    unchanged: int = 0
    late: list[str] = field(default_factory=list)
    counted: int = 0
    review: int = 0
    excluded: int = 0


@resting()
def import_responses(
    tables: Sequence[Table],
    survey_code: str,
    *,
    actor: User | None,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
) -> IntakeReport:
    """Store the answers of a file. Any faulty row: BadRows with all of them, nothing stored.

    A second import of the survey at the same time waits for the first. `dry_run` only checks.
    """
    if len(tables) != 1:
        raise InvalidInput(_("The file must hold one sheet of answers."))
    survey = survey_by_code(survey_code)
    reader = Reader(questionnaire_of(survey), Errors())
    sent = reader.table(tables[0])
    return _take_in(
        survey, reader, sent, actor, WAIT_FILE_MS, dry_run=dry_run, on_progress=on_progress
    )


@resting()
def accept_responses(
    survey_code: str,
    items: Sequence[Mapping[str, Any]],
    *,
    actor: User | None,
    on_stored: OnStored | None = None,
) -> IntakeReport:
    """Store at most 500 answers of the API, all or nothing.

    An item has the columns of a file as keys (texts) and the answers by question code under
    `answers`. Faults: BadRows, `row` being the item's place, from 1. A known response_no with the
    same content is unchanged, with other content a fault. `on_stored` is given what is new, with
    its first verdicts.
    """
    if not 1 <= len(items) <= MAX_ITEMS:
        raise InvalidInput(_("Send between 1 and %(n)d answers.") % {"n": MAX_ITEMS})
    survey = survey_by_code(survey_code)
    reader = Reader(questionnaire_of(survey), Errors())
    return _take_in(survey, reader, reader.items(items), actor, WAIT_API_MS, on_stored=on_stored)


def answer_columns(survey_code: str) -> tuple[str, ...]:
    """The columns of a file of answers to a survey, those it must have first. An anonymous
    questionnaire has none that name somebody."""
    questionnaire = questionnaire_of(survey_by_code(survey_code))
    optional = [name for name in OPTIONAL if not (questionnaire.anonymous and name in NAMING)]
    asked = [f"{PREFIX}{question.code}" for question in questionnaire.questions]
    return *REQUIRED, *optional, *asked


def survey_by_code(code: str) -> Survey:
    """The survey, or InvalidInput."""
    surveys = Survey.objects.select_related("version", "rule_set")
    # Both are large, and read once a process.
    survey = surveys.defer("version__spec", "rule_set__spec").filter(code=code).first()
    if survey is None:
        raise InvalidInput(_("There is no survey %(code)s.") % {"code": code})
    return survey


def _take_in(
    survey: Survey,
    reader: Reader,
    sent: Sequence[Sent],
    actor: User | None,
    wait_ms: int,
    *,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
    on_stored: OnStored | None = None,
) -> IntakeReport:
    """Check everything first, so that the sender sees all faults at once; then store under the
    survey's lock, looking again at what has been stored in the meantime."""
    errors = reader.errors
    registers = Registers.of([*sent, *reader.faulty])
    for faulty in reader.faulty:
        registers.note_unknown(faulty, errors)
    attributed = {id(each): registers.attribute(each, errors) for each in sent}
    seen = sort_out(survey, sent, errors)
    errors.raise_if_any()
    report = IntakeReport(new=len(seen.new), unchanged=seen.unchanged)
    if dry_run or not seen.new:
        return report
    ensure_partitions(each.answered_on for each in seen.new)
    with transaction.atomic():
        take(Lock.RESPONSES, survey.pk, wait_ms=wait_ms)
        still = sort_out(survey, seen.new, errors)  # another import may just have ended
        errors.raise_if_any()
        report = IntakeReport(new=len(still.new), unchanged=seen.unchanged + still.unchanged)
        if still.new:
            new = [attributed[id(each)] for each in still.new]
            stored = store(survey, new, on_progress, on_stored)
            _note(survey, stored, report, actor)
    return report


def _note(survey: Survey, stored: Stored, report: IntakeReport, actor: User | None) -> None:
    """Complete the report, and write it to the audit trail."""
    report.late = stored.late
    report.counted = stored.verdicts[Judgement.COUNTED]
    report.review = stored.verdicts[Judgement.REVIEW]
    report.excluded = stored.verdicts[Judgement.EXCLUDED]
    audit.record(
        actor,
        "responses.stored",
        survey,
        new=report.new,
        unchanged=report.unchanged,
        late=len(report.late),
        verdicts=stored.verdicts,
    )
