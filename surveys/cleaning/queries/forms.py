"""The questionnaire, the window and the thresholds of a survey as the checks see them."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from surveys.cleaning.rules import ruleset
from surveys.cleaning.rules.completeness import Window
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.ruleset import RuleSet
from surveys.models import CleaningRuleSet, QuestionnaireVersion, Survey
from surveys.queries.facts import questionnaire_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


def form_of(survey: Survey) -> Form:
    """The survey's questionnaire, with the stage of service it is triggered by (if any). The
    content of a version never changes, so it is read once a process."""
    version = survey.version
    return Form.of(questionnaire_of(survey), stage=_stage(version.pk, version.content_hash))


@lru_cache(maxsize=64)
def _stage(version_id: int, _hash: str) -> str | None:
    spec = QuestionnaireVersion.objects.values_list("spec", flat=True).get(pk=version_id)
    stage = (spec.get("trigger") or {}).get("event_stage")
    return stage if isinstance(stage, str) else None


def window_of(survey: Survey) -> Window:
    """From the first moment of the first day to the last of the last day, in Shanghai."""
    first = datetime.combine(survey.opens_on, time(), SHANGHAI)
    after = datetime.combine(survey.closes_on + timedelta(days=1), time(), SHANGHAI)
    return Window(first.timestamp(), after.timestamp())


@lru_cache(maxsize=64)
def _parsed(pk: int, content_hash: str) -> RuleSet:
    return ruleset.parse(CleaningRuleSet.objects.get(pk=pk).spec)


def rules_of(stored: CleaningRuleSet) -> RuleSet:
    """The thresholds of a stored rule set (its content never changes, so it is read once)."""
    return _parsed(stored.pk, stored.content_hash)
