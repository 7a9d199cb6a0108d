"""Appeals: an employee's objection to a released result, its timeline, dry runs and evidence."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import User
from organization.models import Role
from organization.queries import has_role, people_held

READERS = (Role.HR, Role.GROUP, Role.ASSESSMENT)  # of what others hand in
EVIDENCE_LIMIT = 10 * 1024 * 1024  # bytes per file
EVIDENCE_FILES = 5

# May still change the result; one of them at most per scorecard version.
OPEN = Q(
    state__in=[
        "draft",
        "submitted",
        "returned_for_info",
        "accepted",
        "investigating",
        "recomputed",
        "decided",
    ]
) | Q(state="notified", outcome__in=["partly", "upheld"])


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: User) -> Self:
        """Own appeals for everyone; what was handed in by the people a role of HR, the assessment
        or management group reaches: a draft is its writer's alone."""
        own, handed_in = Q(employee__user=user), ~Q(state=Appeal.State.DRAFT) | Q(created_by=user)
        if has_role(user, *READERS):
            return self.filter(own | handed_in)
        reached = Q(employee__in=people_held(user, *READERS).values("pk"))
        return self.filter(own | reached & handed_in)

    def open(self) -> Self:
        """Appeals that may still change the result they are against."""
        return self.filter(OPEN)

    def overdue(self, now: datetime) -> Self:
        """Appeals whose running deadline has passed and that were not escalated for it yet."""
        return self.filter(due_at__lte=now, escalated_at__isnull=True)


class Appeal(models.Model):
    """One objection of one employee to one released scorecard version.

    A missed deadline is escalated and never decides anything. What people wrote stands here and
    in `AppealNote`; the timeline itself (`AppealEvent`) is append-only and holds no text.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED_FOR_INFO = "returned_for_info", _("returned for information")
        ACCEPTED = "accepted", _("accepted")
        INADMISSIBLE = "inadmissible", _("inadmissible")
        INVESTIGATING = "investigating", _("under investigation")
        RECOMPUTED = "recomputed", _("recomputed (dry run)")
        DECIDED = "decided", _("decided")
        NOTIFIED = "notified", _("employee told")
        EXECUTED = "executed", _("executed")
        CLOSED = "closed", _("closed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Subject(models.TextChoices):
        SCORECARD = "scorecard", _("scorecard")
        RESPONSE = "response", _("response")

    class Outcome(models.TextChoices):
        MAINTAINED = "maintained", _("maintained")
        PARTLY = "partly", _("partly upheld")
        UPHELD = "upheld", _("upheld")

    class Effect(models.TextChoices):
        REVISED = "revised", _("new scorecard version")
        KEPT = "kept", _("old result kept, the recomputed one is lower")
        UNCHANGED = "unchanged", _("nothing to change")

    TRANSITIONS = {
        State.DRAFT: {State.SUBMITTED, State.WITHDRAWN},
        State.SUBMITTED: {
            State.ACCEPTED,
            State.RETURNED_FOR_INFO,
            State.INADMISSIBLE,
            State.WITHDRAWN,
        },
        State.RETURNED_FOR_INFO: {State.SUBMITTED, State.INADMISSIBLE, State.WITHDRAWN},
        State.ACCEPTED: {State.INVESTIGATING, State.WITHDRAWN},
        State.INVESTIGATING: {State.RECOMPUTED, State.WITHDRAWN},
        State.RECOMPUTED: {State.RECOMPUTED, State.DECIDED, State.WITHDRAWN},
        State.DECIDED: {State.NOTIFIED},
        State.NOTIFIED: {State.EXECUTED},
        State.EXECUTED: {State.CLOSED},
        State.INADMISSIBLE: set(),
        State.CLOSED: set(),
        State.WITHDRAWN: set(),
    }

    appeal_no = models.CharField(_("appeal number"), max_length=20, unique=True)
    employee = models.ForeignKey("organization.Employee", models.PROTECT, related_name="appeals")
    scorecard = models.ForeignKey("assessments.Scorecard", models.PROTECT, related_name="appeals")
    subject = models.CharField(_("subject"), max_length=12, choices=Subject.choices)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    reason = models.TextField(_("reason"))
    request = models.TextField(_("request"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    notice_on = models.DateField(_("day of notice"))
    file_until = models.DateTimeField(_("to be filed until"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    late_reason = models.TextField(_("reason for being late"), blank=True)
    first_appeal = models.OneToOneField(
        "self", models.PROTECT, related_name="second_review", null=True
    )
    due_from = models.DateField(_("deadline counted from"), null=True)
    due_days = models.PositiveSmallIntegerField(_("working days"), null=True)
    due_at = models.DateTimeField(_("due"), null=True)
    extended = models.BooleanField(_("investigation extended"), default=False)
    escalated_at = models.DateTimeField(_("escalated at"), null=True)
    investigator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    confirmed_hash = models.CharField(_("dry run confirmed"), max_length=64, blank=True)
    effect = models.CharField(_("effect"), max_length=10, choices=Effect.choices, blank=True)
    new_scorecard = models.ForeignKey(
        "assessments.Scorecard", models.PROTECT, related_name="+", null=True
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["appeal_no"]
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard"], condition=OPEN, name="appeal_one_open_per_scorecard"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "notified", "executed", "closed"])
                | Q(
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    outcome__in=["maintained", "partly", "upheld"],
                )
                & ~Q(confirmed_hash="")
                & ~Q(decision_reason=""),
                name="appeal_decided_by_a_named_human",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True)
                | Q(submitted_at__lt=F("file_until"))
                | ~Q(late_reason=""),
                name="appeal_late_needs_reason",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True)
                | Q(due_from__isnull=False, due_days__isnull=False),
                name="appeal_deadline_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="appeal_due")
        ]

    def __str__(self) -> str:
        return self.appeal_no

    @property
    def late(self) -> bool:
        """Submitted after the filing deadline: the panel decides whether to hear it."""
        return self.submitted_at is not None and self.submitted_at >= self.file_until

    @property
    def responses(self) -> list[str]:
        """The numbers of the responses objected to."""
        return [claim.response_no for claim in self.claims.all()]


class AppealClaim(models.Model):
    """One response the appellant objects to; the real foreign key stands in the migration."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="claims")
    label = models.CharField(_("claim"), max_length=4)
    response_id = models.BigIntegerField(_("response id"))
    answered_on = models.DateField(_("answered on"))
    response = models.ForeignObject(
        "surveys.Response",
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="+",
    )
    response_no = models.CharField(_("response number"), max_length=100)
    supported = models.BooleanField(_("supported"), null=True)

    class Meta:
        ordering = ["appeal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "response_id"], name="appealclaim_once"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal} {self.label}: {self.response_no}"


class AppealDryRun(models.Model):
    """A recomputation shown before the decision; append-only.

    `before` and `after` hold n, mean, fair, fair_low, fair_high, quantitative, composite, grade,
    coefficient and pay as text; `knock_on` lists what else would move, as information.
    `content_hash` is what the decider confirms.
    """

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="dry_runs")
    number = models.PositiveIntegerField(_("number"))
    excluded = models.JSONField(_("responses left out"))
    included = models.JSONField(_("responses taken in"))
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    knock_on = models.JSONField(_("what else would move"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        ordering = ["appeal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "number"], name="appealdryrun_number"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal} #{self.number}"


class AppealEvent(models.Model):
    """One step of an appeal's timeline; append-only. No actor means the system (escalation)."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="events")
    verb = models.CharField(_("step"), max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(_("at"))
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20)
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        ordering = ["appeal", "id"]

    def __str__(self) -> str:
        return f"{self.appeal} {self.verb}"


class AppealNote(models.Model):
    """What was written at a step. Apart from the event, because it may have to be erased."""

    event = models.OneToOneField(AppealEvent, models.PROTECT, related_name="note")
    text = models.TextField(_("text"))

    def __str__(self) -> str:
        return self.text[:60]


class AppealFile(models.Model):
    """A file of evidence, typed by its content, served only as an attachment."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="files")
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.BinaryField(_("content"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        ordering = ["appeal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "sha256"], name="appealfile_once"),
            models.CheckConstraint(
                condition=Q(size__gt=0, size__lte=EVIDENCE_LIMIT), name="appealfile_size"
            ),
        ]

    def __str__(self) -> str:
        return self.name
