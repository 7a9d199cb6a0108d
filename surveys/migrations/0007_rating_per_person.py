"""One row a person instead of one a dimension: an answer costs a third of the index entries."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

REWRITE = (Path(__file__).resolve().parent.parent / 'sql' / 'ratings_rewrite.sql').read_text()

# Survey and customer repeat the response, whose own foreign keys hold them; employee, department
# and position stand in the sums of the same transaction (surveys_ratingrollup), whose foreign keys
# hold them. A key per rating row would only repeat that.
SHARED = """
    id bigint NOT NULL DEFAULT nextval('surveys_rating_id_seq'),
    response_id bigint NOT NULL,
    survey_id bigint NOT NULL,
    employee_id bigint,
    department_id bigint,
    position_id bigint,
    customer_id bigint,
    counted_from timestamptz NOT NULL,
    counted_to timestamptz CHECK (counted_to >= counted_from),
    answered_on date NOT NULL,
    score bigint CHECK (score BETWEEN 0 AND 100000000),
    person_score bigint CHECK (person_score BETWEEN 0 AND 100000000),
"""
PER_PERSON = SHARED + """
    dimensions varchar(64)[] NOT NULL,
    scores bigint[] NOT NULL CHECK (0 <= ALL (scores) AND 100000000 >= ALL (scores)),
    person_scores bigint[] NOT NULL
        CHECK (0 <= ALL (person_scores) AND 100000000 >= ALL (person_scores)),
    CONSTRAINT surveys_rating_scored CHECK (
        cardinality(dimensions) > 0 OR score IS NOT NULL OR person_score IS NOT NULL
    ),
    CONSTRAINT surveys_rating_places CHECK (
        cardinality(scores) = cardinality(dimensions)
        AND cardinality(person_scores) = cardinality(dimensions)
    )
"""
PER_DIMENSION = SHARED + """
    dimension varchar(64) NOT NULL,
    CONSTRAINT surveys_rating_scored CHECK (score IS NOT NULL OR person_score IS NOT NULL)
"""
FACTS = ('response_id, survey_id, employee_id, department_id, position_id, customer_id, '
         'counted_from, counted_to, answered_on')
IDS, NEW_IDS = f'id, {FACTS}', f"nextval(''surveys_rating_id_seq''), {FACTS}"

# Within a format() of PL/pgSQL: quotes stand twice, the table is %I. "again": should the same
# rating have counted twice from and to the same moments, it stays two.
NARROW = f'SELECT {FACTS}, dimension, score, person_score FROM %I'
WIDE = f"""SELECT {FACTS}, e.* FROM %I t CROSS JOIN LATERAL (
    SELECT ''overall'', t.score, t.person_score
    WHERE t.score IS NOT NULL OR t.person_score IS NOT NULL
    UNION ALL SELECT * FROM unnest(t.dimensions, t.scores, t.person_scores)
    ) e (dimension, score, person_score)"""
WIDEN = f"""SELECT min(id), {FACTS},
    max(score) FILTER (WHERE dimension = ''overall''),
    max(person_score) FILTER (WHERE dimension = ''overall''),
    coalesce(array_agg(dimension ORDER BY id) FILTER (WHERE dimension <> ''overall''), ''{{}}''),
    coalesce(array_agg(score ORDER BY id) FILTER (WHERE dimension <> ''overall''), ''{{}}''),
    coalesce(array_agg(person_score ORDER BY id) FILTER (WHERE dimension <> ''overall''), ''{{}}'')
    FROM (SELECT *, row_number() OVER (PARTITION BY {FACTS}, dimension ORDER BY id) AS again
        FROM %I) r
    GROUP BY {FACTS}, again ORDER BY 1"""
NARROWED = f"""SELECT {NEW_IDS}, e.score, e.person_score, e.dimension
    FROM (SELECT * FROM %I ORDER BY id) t CROSS JOIN LATERAL (
        SELECT dimension, score, person_score, place
        FROM unnest(t.dimensions, t.scores, t.person_scores)
            WITH ORDINALITY d (dimension, score, person_score, place)
        UNION ALL SELECT ''overall'', t.score, t.person_score, NULL
        WHERE t.score IS NOT NULL OR t.person_score IS NOT NULL ORDER BY place
    ) e"""


def rewrite(**parts: str) -> str:
    """The statements, with their parts."""
    text = REWRITE
    for name, part in parts.items():
        text = text.replace(f'{{{{{name}}}}}', part)
    return text


FORWARD = rewrite(
    columns=PER_PERSON, names=f'{IDS}, score, person_score, dimensions, scores, person_scores',
    fill=WIDEN, said_before=NARROW, says_now=WIDE, once='response_id, employee_id, answered_on',
)
BACKWARD = rewrite(
    columns=PER_DIMENSION, names=f'{IDS}, score, person_score, dimension', fill=NARROWED,
    said_before=WIDE, says_now=NARROW, once='response_id, dimension, employee_id, answered_on',
)


def array(base: models.Field, name: str) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=base, default=list, size=None, verbose_name=name
    )


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0006_erasure'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name='rating', name='dimension'),
                migrations.AddField(
                    model_name='rating', name='dimensions',
                    field=array(models.CharField(max_length=64), 'dimensions'),
                ),
                migrations.AddField(
                    model_name='rating', name='scores',
                    field=array(
                        models.BigIntegerField(null=True),
                        'scores of the dimensions (1e-6 points)',
                    ),
                ),
                migrations.AddField(
                    model_name='rating', name='person_scores',
                    field=array(
                        models.BigIntegerField(null=True),
                        "person's scores of the dimensions (1e-6 points)",
                    ),
                ),
            ],
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
        ),
    ]
