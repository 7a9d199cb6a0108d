"""The verbs of the survey app: each one transaction, audited."""

from surveys.services.deciding import (
    carry_out_verdict,
    reattribute_response,
    record_verdict,
    record_verdicts,
)
from surveys.services.intake import (
    IntakeReport,
    accept_responses,
    answer_columns,
    import_responses,
)
from surveys.services.judging import Applied, Proposed, apply_verdicts
from surveys.services.locks import lock_data, unlock_data
from surveys.services.questionnaires import (
    import_questionnaire,
    import_ready_questionnaires,
    open_survey,
)
from surveys.services.rollups import rebuild_rollups

__all__ = [
    "Applied",
    "IntakeReport",
    "Proposed",
    "accept_responses",
    "answer_columns",
    "apply_verdicts",
    "carry_out_verdict",
    "import_questionnaire",
    "import_ready_questionnaires",
    "import_responses",
    "lock_data",
    "open_survey",
    "reattribute_response",
    "rebuild_rollups",
    "record_verdict",
    "record_verdicts",
    "unlock_data",
]
