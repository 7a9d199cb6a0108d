"""The check of the whole ledger as long work, and what the trail keeps of an export."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assessments.services import verify_scorecards
from core import audit, jobs
from core.errors import InvalidInput
from core.models import Job, User
from core.permissions import require
from incentives.models import LedgerEntry
from incentives.permissions import may_run_payroll, may_see_payroll
from incentives.queries.entries import VERIFY_KIND
from incentives.services import ledger, payroll

PARTS = ("ledger", "payroll", "scorecards")


class LedgerCheck:
    """Ledger, batches and scorecards, one chunk each; the first broken row fails the job."""

    def chunk(self, job: Job, chunk: dict[str, Any]) -> jobs.Result:
        verify = {
            "ledger": ledger.verify,
            "payroll": payroll.verify,
            "scorecards": verify_scorecards,
        }[chunk["part"]]
        broken = verify()
        return {"broken": str(broken) if broken is not None else ""}

    def finish(self, job: Job) -> jobs.Result:
        found = [
            result["broken"]
            for _params, result in job.chunk_results()
            if result is not None and result["broken"]
        ]
        audit.record(job.actor, "ledger.checked", None, broken=len(found))
        return {"entries": LedgerEntry.objects.count(), "broken": found}


def check_ledger(*, actor: User) -> Job:
    """A job that checks everything; a running one is given instead of a second."""
    require(may_see_payroll(actor))
    return jobs.create(
        VERIFY_KIND,
        chunks=[{"part": part} for part in PARTS],
        actor=actor,
        key=VERIFY_KIND,
    )


def record_export(asked: Mapping[str, str], *, rows: int, kind: str, actor: User) -> None:
    """Entries left the house: who, how many, by which filter. Raises Denied, InvalidInput."""
    require(may_run_payroll(actor))
    if kind not in ("csv", "xlsx"):
        raise InvalidInput(_("There is no export %(kind)s.") % {"kind": kind})
    # What was searched for may be a name; the trail holds no personal data.
    known = {key: value for key, value in asked.items() if key != "q"}
    searched = "q" in asked
    audit.record(
        actor, "ledger.exported", None, rows=rows, format=kind, filter=known, searched=searched
    )
