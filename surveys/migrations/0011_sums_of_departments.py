"""Sums by department beside those by person: pages need not add up a row a person."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FIGURES = ("n", "total", "sumsq")
KEY = "month, survey_id, department_id"
COLUMNS = ", ".join((KEY, *FIGURES, "dimensions", *(f"{name}s" for name in FIGURES)))

# A number that is added to stays in its page, and so out of the indexes, while the page has room.
SHAPE = f"""
ALTER TABLE surveys_departmentrollup ADD CONSTRAINT surveys_department_rollup_places CHECK (
    {" AND ".join(f"cardinality({name}s) = cardinality(dimensions)" for name in FIGURES)}),
    SET (fillfactor = 50);
"""
# From here on every verdict changes them with the sums they add up.
FILL = f"""
INSERT INTO surveys_departmentrollup ({COLUMNS})
SELECT {KEY},
    {
    ", ".join(f"coalesce(max({name}) FILTER (WHERE dimension = 'overall'), 0)" for name in FIGURES)
},
    {
    ", ".join(
        f'''coalesce(array_agg({name} ORDER BY dimension COLLATE "C")
        FILTER (WHERE dimension <> 'overall'), '{{}}')'''
        for name in ("dimension", *FIGURES)
    )
}
FROM (SELECT {KEY}, dimension, sum(n)::bigint AS n, sum(total)::bigint AS total,
        sum(sumsq) AS sumsq
    FROM (SELECT {KEY}, unnest(array_append(dimensions, 'overall')) AS dimension,
            {", ".join(f"unnest(array_append({name}s, {name})) AS {name}" for name in FIGURES)}
        FROM surveys_ratingrollup) each
    GROUP BY {KEY}, dimension HAVING sum(n) > 0) sums
GROUP BY {KEY} ORDER BY {KEY}
"""


def of(model: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        to=model,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        db_index=False,
        **more,
    )


def array(base: models.Field, name: str) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=base, default=list, size=None, verbose_name=name
    )


def whole(**more: object) -> models.Field:
    return models.BigIntegerField(**more)


def square(**more: object) -> models.Field:
    return models.DecimalField(decimal_places=0, max_digits=38, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("organization", "0002_department_path"),
        ("surveys", "0010_invitation_mail_retry"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepartmentRollup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("n", whole(default=0)),
                ("total", whole(default=0)),
                ("sumsq", square(default=0)),
                ("dimensions", array(models.CharField(max_length=64), "dimensions")),
                ("ns", array(whole(), "n")),
                ("totals", array(whole(), "total")),
                ("sumsqs", array(square(), "sumsq")),
                ("department", of("organization.department", null=True)),
                ("survey", of("surveys.survey")),
            ],
            options={
                "verbose_name": "sum of ratings of a department",
                "verbose_name_plural": "sums of ratings of departments",
                "indexes": [
                    models.Index(fields=["survey", "month"], name="surveys_dept_rollup_survey"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "department", "survey"),
                        nulls_distinct=False,
                        name="surveys_department_rollup_unique",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SHAPE, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
