"""One person's result of one period, and the results of its indicators. Never edited: superseded.

Foreign keys that repeat what other rows hold are not enforced row by row: scorecards and sheets
are written by COPY, thousands at a time, from rows just read. A run holds its period, the placement
a scorecard was read from its department and position, a scorecard its sheet. Nor have they indexes:
nothing is looked for by them, and what begins with a scorecard, a period or a run is found by the
unique indexes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from assessments.models.periods import Period, ScoringRun
from assessments.models.schemes import SchemeVersion
from organization.models import Employee

if TYPE_CHECKING:
    from core.models import User


class ScorecardState(models.TextChoices):
    COMPUTED = "computed", _("computed")
    REVIEWED = "reviewed", _("reviewed")
    APPROVED = "approved", _("approved")
    RELEASED = "released", _("released")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    ACK_TIMEOUT = "ack_timeout", _("not acknowledged in time")
    FINAL = "final", _("final")
    UNDER_APPEAL = "under_appeal", _("under appeal")
    UPHELD = "upheld", _("upheld")
    REVISED = "revised", _("revised")


class AssessmentStatus(models.TextChoices):
    ASSESSED = "assessed", _("assessed")
    PARTIAL = "partial", _("partial")
    NOT_ASSESSED = "not_assessed", _("not assessed")


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    def current(self) -> ScorecardQuerySet:
        """The valid ones: of the run their period names, and not corrected since."""
        return self.filter(run=F("period__current_run"), corrected=False)

    def current_in(self, period: Period) -> ScorecardQuerySet:
        """The valid ones of a period, by the run it names."""
        return self.filter(period=period, run=period.current_run_id, corrected=False)

    def visible_to(self, user: User) -> ScorecardQuerySet:
        """Scorecards of the people the user may see; one's own only once they are released."""
        visible = self.filter(employee__in=Employee.objects.visible_to(user))
        return visible.exclude(employee__user_id=user.pk, state__in=UNRELEASED)


_S = ScorecardState
UNRELEASED = (_S.COMPUTED, _S.REVIEWED, _S.APPROVED)


class Scorecard(models.Model):
    """A version of a person's result. Only `state`, `corrected`, `acknowledged_at` ever change.

    Which is valid is said once for a whole run, by its period: nobody sees what a run has written
    before that. `corrected` says that a later version of the same run has taken its place.

    Scores are points 0..100 (more with a cap over 100); composite, quantitative and qualitative are
    rounded to what the employee sees. satisfaction_raw and the fair score are unrounded and empty
    below 5 counted responses. `facts` is everything the result was computed from, so it can be
    computed again; `placements` what each placement gave.
    """

    State = ScorecardState
    Status = AssessmentStatus
    TRANSITIONS = {
        _S.COMPUTED: {_S.REVIEWED},
        _S.REVIEWED: {_S.APPROVED, _S.COMPUTED},
        _S.APPROVED: {_S.RELEASED, _S.COMPUTED},
        _S.RELEASED: {_S.ACKNOWLEDGED, _S.ACK_TIMEOUT, _S.UNDER_APPEAL, _S.FINAL},
        _S.ACKNOWLEDGED: {_S.UNDER_APPEAL, _S.FINAL},
        _S.ACK_TIMEOUT: {_S.UNDER_APPEAL, _S.FINAL},
        _S.UNDER_APPEAL: {_S.UPHELD, _S.REVISED, _S.RELEASED, _S.FINAL},
        _S.UPHELD: {_S.UNDER_APPEAL, _S.FINAL},
        _S.REVISED: {_S.UNDER_APPEAL, _S.FINAL},
        _S.FINAL: {_S.UNDER_APPEAL},
    }

    period = models.ForeignKey(
        Period, models.PROTECT, related_name="scorecards", db_constraint=False, db_index=False
    )
    employee = models.ForeignKey("organization.Employee", models.PROTECT, related_name="scorecards")
    version = models.PositiveIntegerField(_("version"))
    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="scorecards", db_index=False)
    department = models.ForeignKey(
        "organization.Department",
        models.PROTECT,
        related_name="scorecards",
        db_constraint=False,
        db_index=False,
    )
    position = models.ForeignKey(
        "organization.Position",
        models.PROTECT,
        related_name="scorecards",
        db_constraint=False,
        db_index=False,
    )
    corrected = models.BooleanField(_("corrected"), default=False)
    state = models.CharField(
        _("state"), max_length=16, choices=ScorecardState, default=ScorecardState.COMPUTED
    )
    status = models.CharField(_("assessment"), max_length=16, choices=AssessmentStatus)
    reason = models.TextField(_("reason"), blank=True)
    quantitative = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    qualitative = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    composite = models.DecimalField(_("composite"), max_digits=7, decimal_places=2, null=True)
    grade = models.CharField(_("grade"), max_length=16, blank=True)
    coefficient = models.DecimalField(_("coefficient"), max_digits=7, decimal_places=4, null=True)
    satisfaction_raw = models.FloatField(null=True)
    satisfaction_n = models.PositiveIntegerField(default=0)
    fair_status = models.CharField(max_length=16)
    peer_group = models.CharField(_("peer group"), max_length=64, blank=True)
    fair_score = models.FloatField(null=True)
    fair_low = models.FloatField(null=True)
    fair_high = models.FloatField(null=True)
    working_days = models.DecimalField(_("working days"), max_digits=6, decimal_places=2)
    present_days = models.DecimalField(_("days present"), max_digits=6, decimal_places=2)
    placements = models.JSONField(_("placements"))
    facts = models.JSONField(_("facts"))
    content_hash = models.CharField(max_length=64)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False
    )
    cause = models.TextField(_("cause of the correction"), blank=True)
    created_at = models.DateTimeField(db_default=Now())
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        ordering = ["period", "employee", "version"]
        indexes = [
            # What is deleted is looked for as a predecessor; hardly any scorecard has one.
            models.Index(
                fields=["supersedes"],
                condition=Q(supersedes__isnull=False),
                name="scorecard_supersedes",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "employee", "version"], name="scorecard_version_unique"
            ),
            models.UniqueConstraint(
                fields=["run", "employee"],
                condition=Q(corrected=False),
                name="scorecard_one_current",
            ),
            models.CheckConstraint(
                name="scorecard_not_assessed_has_no_grade",
                condition=Q(status="not_assessed", composite=None, grade="", coefficient=None)
                | (~Q(status="not_assessed") & Q(composite__isnull=False) & ~Q(grade="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.employee_id} v{self.version}"

    @property
    def is_current(self) -> bool:
        """Whether it is the valid version (see `ScorecardQuerySet.current`)."""
        return not self.corrected and self.run_id == self.period.current_run_id


class ResultStatus(models.TextChoices):
    OK = "ok", _("ok")
    NO_DATA = "no_data", _("no data")
    BELOW_MIN_N = "below_min_n", _("too few")
    WAIVED = "waived", _("waived")
    NO_PEER_GROUP = "no_peer_group", _("no peer group")
    NO_DIFFERENCE = "no_difference", _("no difference between people")


class ResultSheet(models.Model):
    """The results of a scorecard as they were hashed, a line each; IndicatorResult shows them.

    A line has the fields of IndicatorResult from `placement_no` on, separated by tabs, in the order
    of the placements and of their schemes; an empty field is \\N. One row instead of one a figure:
    stored it costs an eighth. Written by the transaction that writes the scorecard, with its id.
    """

    scorecard = models.OneToOneField(
        Scorecard, models.PROTECT, primary_key=True, related_name="sheet", db_constraint=False
    )
    lines = models.TextField(_("results"))

    class Meta:
        verbose_name = _("results of a scorecard")
        verbose_name_plural = _("results of scorecards")
        ordering = ["scorecard"]

    def __str__(self) -> str:
        return str(self.scorecard_id)


class IndicatorResult(models.Model):
    """One indicator of one placement of a scorecard, read from its sheet by a view.

    `raw` in the indicator's unit, `adjusted` the fair value with its interval (low, high);
    `value_used` the one the scheme asks for; `points` the curve's result, empty unless assessed:
    missing is never zero. Look for results by their scorecards; anything else reads every sheet.
    """

    Status = ResultStatus

    scorecard = models.ForeignKey(Scorecard, models.DO_NOTHING, related_name="results")
    placement_no = models.PositiveSmallIntegerField(_("placement"))
    indicator = models.CharField(_("indicator"), max_length=40)
    scheme_version = models.ForeignKey(
        SchemeVersion, models.DO_NOTHING, related_name="+", null=True
    )
    position = models.ForeignKey("organization.Position", models.DO_NOTHING, related_name="+")
    weight = models.DecimalField(_("weight"), max_digits=7, decimal_places=4)
    numerator = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    denominator = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    n = models.PositiveIntegerField()
    raw = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    adjusted = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    low = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    high = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    value_used = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    points = models.DecimalField(_("points"), max_digits=20, decimal_places=10, null=True)
    status = models.CharField(_("status"), max_length=16, choices=ResultStatus)
    inputs_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("indicator result")
        verbose_name_plural = _("indicator results")
        ordering = ["scorecard", "placement_no", "id"]
        managed = False

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.indicator}"
