"""Nouns of the survey app: what is asked, what was answered, and what each answer counts for."""

from surveys.models.baselines import CleaningBaseline
from surveys.models.invitations import (
    AnswerConsent,
    AnswerDraft,
    AnswerRate,
    Invitation,
    InvitationLink,
)
from surveys.models.locks import DataLock
from surveys.models.questionnaires import (
    CleaningRuleSet,
    Questionnaire,
    QuestionnaireVersion,
    Survey,
)
from surveys.models.ratings import (
    OVERALL,
    AnswerRollup,
    DepartmentRollup,
    Rating,
    RatingRollup,
)
from surveys.models.responses import (
    Channel,
    Response,
    ResponseKey,
    ResponsePersonal,
    ResponseReattribution,
)
from surveys.models.verdicts import Judgement, KeptFinding, Verdict

__all__ = [
    "OVERALL",
    "AnswerConsent",
    "AnswerDraft",
    "AnswerRate",
    "AnswerRollup",
    "Channel",
    "CleaningBaseline",
    "CleaningRuleSet",
    "DataLock",
    "DepartmentRollup",
    "Invitation",
    "InvitationLink",
    "Judgement",
    "KeptFinding",
    "Questionnaire",
    "QuestionnaireVersion",
    "Rating",
    "RatingRollup",
    "Response",
    "ResponseKey",
    "ResponsePersonal",
    "ResponseReattribution",
    "Survey",
    "Verdict",
]
