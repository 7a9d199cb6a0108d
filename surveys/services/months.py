"""The tables of the coming months, made before anybody answers in them.

Making a table stops every read of its parent for a moment: better at a quiet time than within the
first answer of a month.
"""

from __future__ import annotations

import logging
from datetime import date

from django.db import OperationalError, connection, transaction

from core.errors import Conflict
from core.months import shift
from surveys.services.intake.store import ensure_partitions

logger = logging.getLogger("hengping.surveys")

AHEAD = 3
_WAIT_MS = 3_000


def prepare_months(today: date) -> int:
    """Make what is missing of this month's tables and those of the AHEAD next; how many months
    were new. A table in use for long is left to the next turn: nobody shall queue behind us."""
    months = [shift(today, ahead) for ahead in range(AHEAD + 1)]
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_WAIT_MS}ms"])
            return ensure_partitions(months)
    except (OperationalError, Conflict) as error:
        logger.warning("The tables of coming months were not made now: %s", error)
        return 0
