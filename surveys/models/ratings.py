"""Narrow facts for reading: who got which score when, and their sums."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaires import Survey
from surveys.models.responses import Response
from surveys.rules.rating import OVERALL

__all__ = ["OVERALL", "AnswerRollup", "DepartmentRollup", "Rating", "RatingRollup"]


class Rating(models.Model):
    """The scores of one response for one person, in 1e-6 points: overall, and by dimension.

    `score` and `scores` (all items) stand only on the lead's row, so sums over a survey or a
    department hold a response once; `person_score` and `person_scores` (the items the person
    answers for) on each row. The three arrays have one order; what is missing is null, and a
    dimension without either score is not named. A row is live while `counted_to` is null; it was
    live at T when counted_from <= T and not counted_to <= T.
    """

    pk = models.CompositePrimaryKey("answered_on", "response_id", "id")
    id = models.BigIntegerField(
        db_default=models.Func(models.Value("surveys_rating_id_seq"), function="nextval")
    )
    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="ratings",
    )
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+")
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="ratings", null=True
    )
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="ratings", null=True
    )
    position = models.ForeignKey(
        "organization.Position", models.PROTECT, related_name="ratings", null=True
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="ratings", null=True
    )
    score = models.BigIntegerField(_("score (1e-6 points)"), null=True)
    person_score = models.BigIntegerField(_("person's score (1e-6 points)"), null=True)
    dimensions = ArrayField(
        models.CharField(max_length=64), verbose_name=_("dimensions"), default=list
    )
    scores = ArrayField(
        models.BigIntegerField(null=True),
        verbose_name=_("scores of the dimensions (1e-6 points)"),
        default=list,
    )
    person_scores = ArrayField(
        models.BigIntegerField(null=True),
        verbose_name=_("person's scores of the dimensions (1e-6 points)"),
        default=list,
    )
    counted_from = models.DateTimeField(_("counted from"))
    counted_to = models.DateTimeField(_("counted to"), null=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")

    def __str__(self) -> str:
        return f"{self.response_id} {self.employee_id}"


def _figures(field: "models.Field[Any, Any]", name: Any) -> "ArrayField[Any, Any]":
    return ArrayField(field, verbose_name=name, default=list)


class RatingRollup(models.Model):
    """Exact sums of the live ratings of a month (its first day); changed with each verdict.

    Those of the overall scores stand in plain columns, those of the dimensions in arrays of one
    order, which is that of the dimensions' codes: the same dimensions are the same array.
    """

    month = models.DateField(_("month"))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="rollups", db_index=False)
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="+", null=True, db_index=False
    )
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="+", null=True, db_index=False
    )
    position = models.ForeignKey(
        "organization.Position", models.PROTECT, related_name="+", null=True, db_index=False
    )
    n = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    sumsq = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    person_n = models.BigIntegerField(default=0)
    person_total = models.BigIntegerField(default=0)
    person_sumsq = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    dimensions = _figures(models.CharField(max_length=64), _("dimensions"))
    ns = _figures(models.BigIntegerField(), "n")
    totals = _figures(models.BigIntegerField(), "total")
    sumsqs = _figures(models.DecimalField(max_digits=38, decimal_places=0), "sumsq")
    person_ns = _figures(models.BigIntegerField(), "person_n")
    person_totals = _figures(models.BigIntegerField(), "person_total")
    person_sumsqs = _figures(models.DecimalField(max_digits=38, decimal_places=0), "person_sumsq")

    class Meta:
        verbose_name = _("sum of ratings")
        verbose_name_plural = _("sums of ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "department", "employee", "position", "survey"],
                nulls_distinct=False,
                name="surveys_rollup_unique",
            )
        ]
        indexes = [models.Index(fields=["survey", "month"], name="surveys_rollup_survey")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.employee_id}"


class DepartmentRollup(models.Model):
    """What the rows of RatingRollup add up to by month, survey and department, changed with them:
    for pages, which look at departments and would read a row a person for each figure.

    `n`, `total` and `sumsq` alone: those of all items, which hold a response once.
    """

    month = models.DateField(_("month"))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="+", null=True, db_index=False
    )
    n = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    sumsq = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    dimensions = _figures(models.CharField(max_length=64), _("dimensions"))
    ns = _figures(models.BigIntegerField(), "n")
    totals = _figures(models.BigIntegerField(), "total")
    sumsqs = _figures(models.DecimalField(max_digits=38, decimal_places=0), "sumsq")

    class Meta:
        verbose_name = _("sum of ratings of a department")
        verbose_name_plural = _("sums of ratings of departments")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "department", "survey"],
                nulls_distinct=False,
                name="surveys_department_rollup_unique",
            )
        ]
        indexes = [models.Index(fields=["survey", "month"], name="surveys_dept_rollup_survey")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.department_id}"


class AnswerRollup(models.Model):
    """How many counted answers of a month gave which point: the spread of scores and the NPS.

    Only answers with an overall score, in the department of their lead. `point` is the number of
    the band of SCORE_BAND points for `score`, the point of the first nps question for `nps`.
    """

    class Measure(models.TextChoices):
        SCORE = "score", _("score")
        NPS = "nps", _("NPS")

    month = models.DateField(_("month"))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+")
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="+", null=True
    )
    measure = models.CharField(_("measure"), max_length=8, choices=Measure)
    point = models.SmallIntegerField(_("point"))
    n = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("number of answers by point")
        verbose_name_plural = _("numbers of answers by point")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "survey", "department", "measure", "point"],
                nulls_distinct=False,
                name="surveys_answer_rollup_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.measure} {self.point}"
