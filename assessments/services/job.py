"""The scoring job: chunks of people, scored by any number of workers to the same bytes."""

import base64
import zlib
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Period, PeriodAction, Scorecard, ScoringRun
from assessments.rules.canonical import dumps
from assessments.rules.content import evidence_hash
from assessments.services.storing import Chunks
from core import audit
from core.errors import InvalidTransition
from core.locks import Lock, take
from core.models import Job

KIND = "assessments.score"
MOST_KEPT = 5000  # results from chunk to chunk; some 10 MB
_S = Period.Status
_OPEN = (_S.PLANNED, _S.COLLECTING, _S.DATA_LOCKED, _S.SCORED)


def chunk_of(run: ScoringRun, facts: Sequence[bytes]) -> dict[str, Any]:
    """A chunk of these people's facts (canonical texts). Compressed, since the texts are alike: it
    is a tenth of what the database would have to parse, store and give back."""
    packed = zlib.compress(b"\n".join(facts), level=1)
    return {"run": run.pk, "facts": base64.b64encode(packed).decode()}


def facts_in(chunk: dict[str, Any]) -> list[str]:
    """The texts of a chunk; no canonical text holds a line break. A scoring that an earlier version
    began has the facts themselves."""
    if isinstance(chunk["facts"], list):
        return [dumps(person) for person in chunk["facts"]]
    text = zlib.decompress(base64.b64decode(chunk["facts"])).decode()
    return text.split("\n") if text else []


class ScoringHandler:
    """Chunks carry the facts, so a chunk done twice or elsewhere gives the same rows."""

    def __init__(self) -> None:
        self._last: Chunks | None = None

    def chunk(self, job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        chunks = self._chunks(chunk["run"])
        people = chunks.score(facts_in(chunk))
        # A worker lives long: it keeps little, and nothing where people share little.
        self._last = chunks if chunks.kept <= MOST_KEPT else None
        return {"people": people}

    def _chunks(self, pk: int) -> Chunks:
        """Those of the last chunk if it was of the same run, which nobody has discarded since: what
        it says never changes. A backup brought back may give its number to another one."""
        last = self._last
        if last is not None and last.is_of(pk):
            return last
        return Chunks(_run(pk))

    def finish(self, job: Job) -> dict[str, Any]:
        """Make the run the period's current one: all of it at once, or nothing."""
        self._last = None
        run = _run(job.params["run"])
        take(Lock.PERIOD, run.period.key, wait_ms=60_000)
        period = Period.objects.select_for_update().get(pk=run.period_id)
        if not belongs_to(run, period):
            raise InvalidTransition(
                _("%(key)s has moved on while it was scored; this scoring changes nothing.")
                % {"key": period.key}
            )
        cards = Scorecard.objects.filter(run=run, corrected=False).values_list(
            "employee__employee_no", "content_hash"
        )
        run.evidence_hash = evidence_hash(period.key, run.frozen, cards)
        run.finished_at = timezone.now()
        run.save(update_fields=["evidence_hash", "finished_at"])
        period.current_run, period.scored_by = run, run.scored_by
        period.scored_hash = run.evidence_hash
        if not run.provisional:
            period.status = Period.Status.SCORED
        period.save(update_fields=["current_run", "scored_by", "scored_hash", "status"])
        verb = "score_provisionally" if run.provisional else "score"
        PeriodAction.objects.create(
            period=period, verb=verb, actor=run.scored_by, at=run.started_at, run=run
        )
        audit.record(
            run.scored_by,
            f"period.{verb}",
            period,
            run=run.number,
            inputs=run.inputs_hash,
            evidence=run.evidence_hash,
        )
        # The facts stand in the scorecards now; the job need not keep them a second time.
        job.chunks.update(params={"run": run.pk})
        return {"run": run.pk, "people": len(cards), "hash": run.evidence_hash}


def _run(pk: int) -> ScoringRun:
    """The run of a job. A failed one is discarded by the next scoring: then running its job again
    has nothing to end, and says so."""
    run = ScoringRun.objects.select_related("period").filter(pk=pk).first()
    if run is None:
        raise InvalidTransition(_("A later scoring has taken the place of this one."))
    return run


def belongs_to(run: ScoringRun, period: Period) -> bool:
    """Whether the run scores the period as it stands: not yet reviewed, with this cut-off. One that
    was begun before the period was sent back has facts of a cut-off that is no longer."""
    if period.status not in _OPEN:
        return False
    return run.provisional if period.cutoff_at is None else run.cutoff_at == period.cutoff_at
