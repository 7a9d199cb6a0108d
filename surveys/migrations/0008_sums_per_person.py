"""One row of sums a person instead of one a dimension, in three indexes instead of eight."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

KEY = 'month, survey_id, department_id, employee_id, position_id'
FIGURES = ('n', 'total', 'sumsq', 'person_n', 'person_total', 'person_sumsq')
NAMES = ', '.join(FIGURES)
# Sums that are all zero say nothing (their answers count no longer) and are left out both ways.
SAYS = f"({NAMES}) <> (0, 0, 0, 0, 0, 0)"

NARROW = f'SELECT {KEY}, dimension, {NAMES} FROM %s WHERE {SAYS}'
WIDE = f"""SELECT * FROM (
    SELECT {KEY}, unnest(array_append(dimensions, 'overall')) AS dimension,
        {', '.join(f'unnest(array_append({name}s, {name})) AS {name}' for name in FIGURES)}
    FROM %s) each WHERE {SAYS}"""
WIDEN = f"""SELECT {KEY},
    {', '.join(f"coalesce(max({name}) FILTER (WHERE dimension = 'overall'), 0)"
               for name in FIGURES)},
    {', '.join(f'''coalesce(array_agg({name} ORDER BY dimension COLLATE "C")
        FILTER (WHERE dimension <> 'overall'), '{{}}')''' for name in ('dimension', *FIGURES))}
FROM surveys_ratingrollup_before WHERE {SAYS} GROUP BY {KEY} ORDER BY {KEY}"""


def rewrite(change: str, names: str, fill: str, before: str, now: str) -> str:
    """The rows go aside, the table changes, the rows come back in the other shape; then each sum
    has to be there, and no other. A month of a company is some thousand rows."""
    return f"""
CREATE TABLE surveys_ratingrollup_before AS SELECT * FROM surveys_ratingrollup;
TRUNCATE surveys_ratingrollup;
{change}
INSERT INTO surveys_ratingrollup ({KEY}, {names}) {fill};
DO $do$
DECLARE
    v_wrong bigint;
BEGIN
    WITH a AS ({before % 'surveys_ratingrollup_before'}), b AS ({now % 'surveys_ratingrollup'})
    SELECT (SELECT count(*) FROM (SELECT * FROM a EXCEPT ALL SELECT * FROM b) x)
        + (SELECT count(*) FROM (SELECT * FROM b EXCEPT ALL SELECT * FROM a) y) INTO v_wrong;
    IF v_wrong <> 0 THEN
        RAISE EXCEPTION '% sums would not stay the same', v_wrong;
    END IF;
END $do$;
DROP TABLE surveys_ratingrollup_before;
SET CONSTRAINTS ALL IMMEDIATE;
"""


# Adding two rows of sums. As functions: the same in the statement itself took PostgreSQL half a
# millisecond to plan, each time.
FUNCTIONS = """
CREATE FUNCTION hp_sums_added(p_names varchar[], p_sums anyarray, p_more_names varchar[],
                              p_more anyarray)
RETURNS anyarray LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF p_names = p_more_names THEN
        FOR v_at IN 1 .. cardinality(p_sums) LOOP
            p_sums[v_at] := p_sums[v_at] + p_more[v_at];
        END LOOP;
        RETURN p_sums;
    END IF;
    RETURN ARRAY(
        SELECT sum(figure)
        FROM (SELECT unnest(p_names || p_more_names) AS name, unnest(p_sums || p_more) AS figure) t
        GROUP BY name ORDER BY name COLLATE "C");
END $$;
CREATE FUNCTION hp_names_joined(p_names varchar[], p_more_names varchar[])
RETURNS varchar[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF p_names = p_more_names THEN
        RETURN p_names;
    END IF;
    RETURN ARRAY(SELECT DISTINCT name COLLATE "C" FROM unnest(p_names || p_more_names) t (name)
                 ORDER BY 1);
END $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION hp_sums_added(varchar[], anyarray, varchar[], anyarray);
DROP FUNCTION hp_names_joined(varchar[], varchar[]);
"""

COLUMNS = {
    'dimensions': 'varchar(64)[]', 'ns': 'bigint[]', 'totals': 'bigint[]',
    'sumsqs': 'numeric(38)[]', 'person_ns': 'bigint[]', 'person_totals': 'bigint[]',
    'person_sumsqs': 'numeric(38)[]',
}
# The foreign keys of 0001 came with an index each. Nobody looks sums up by position, or by person
# without the month; department and survey stand in the two that stay. A row that is added to stays
# in its page, and so out of the indexes, while the page has room.
FORWARD = rewrite(
    f"""
ALTER TABLE surveys_ratingrollup DROP CONSTRAINT surveys_rollup_unique;
DROP INDEX surveys_rollup_employee, surveys_ratingrollup_department_id_14273dfa,
    surveys_ratingrollup_employee_id_0708e0f5, surveys_ratingrollup_position_id_aeec9eae,
    surveys_ratingrollup_survey_id_c7acaec6;
ALTER TABLE surveys_ratingrollup DROP COLUMN dimension,
    {', '.join(f'ADD COLUMN {name} {kind} NOT NULL' for name, kind in COLUMNS.items())},
    ADD CONSTRAINT surveys_rollup_unique
        UNIQUE NULLS NOT DISTINCT (month, department_id, employee_id, position_id, survey_id),
    ADD CONSTRAINT surveys_rollup_places CHECK (
        {' AND '.join(f'cardinality({name}s) = cardinality(dimensions)' for name in FIGURES)}
    ),
    SET (fillfactor = 75);
""",
    ', '.join((*FIGURES, *COLUMNS)), WIDEN, NARROW, WIDE,
)
BACKWARD = rewrite(
    f"""
ALTER TABLE surveys_ratingrollup DROP CONSTRAINT surveys_rollup_unique,
    DROP CONSTRAINT surveys_rollup_places,
    {', '.join(f'DROP COLUMN {name}' for name in COLUMNS)},
    ADD COLUMN dimension varchar(64) NOT NULL,
    ADD CONSTRAINT surveys_rollup_unique UNIQUE NULLS NOT DISTINCT
        (month, department_id, employee_id, position_id, dimension, survey_id),
    RESET (fillfactor);
CREATE INDEX surveys_rollup_employee ON surveys_ratingrollup (employee_id, month);
CREATE INDEX surveys_ratingrollup_department_id_14273dfa ON surveys_ratingrollup (department_id);
CREATE INDEX surveys_ratingrollup_employee_id_0708e0f5 ON surveys_ratingrollup (employee_id);
CREATE INDEX surveys_ratingrollup_position_id_aeec9eae ON surveys_ratingrollup (position_id);
CREATE INDEX surveys_ratingrollup_survey_id_c7acaec6 ON surveys_ratingrollup (survey_id);
""",
    f'dimension, {NAMES}', WIDE % 'surveys_ratingrollup_before', WIDE, NARROW,
)


def of(model: str, name: str = '+', **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        to=model, on_delete=django.db.models.deletion.PROTECT, related_name=name, db_index=False,
        **more,
    )


def array(base: models.Field, name: str) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=base, default=list, size=None, verbose_name=name
    )


def whole() -> models.Field:
    return models.BigIntegerField()


def square() -> models.Field:
    return models.DecimalField(decimal_places=0, max_digits=38)


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0007_rating_per_person'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint('ratingrollup', 'surveys_rollup_unique'),
                migrations.RemoveIndex('ratingrollup', 'surveys_rollup_employee'),
                migrations.RemoveField('ratingrollup', 'dimension'),
                migrations.AlterField('ratingrollup', 'survey', of('surveys.survey', 'rollups')),
                *(
                    migrations.AlterField(
                        'ratingrollup', name, of(f'organization.{name}', null=True)
                    )
                    for name in ('department', 'employee', 'position')
                ),
                *(
                    migrations.AddField('ratingrollup', name, array(base, said))
                    for name, base, said in (
                        ('dimensions', models.CharField(max_length=64), 'dimensions'),
                        ('ns', whole(), 'n'),
                        ('totals', whole(), 'total'),
                        ('sumsqs', square(), 'sumsq'),
                        ('person_ns', whole(), 'person_n'),
                        ('person_totals', whole(), 'person_total'),
                        ('person_sumsqs', square(), 'person_sumsq'),
                    )
                ),
                migrations.AddConstraint(
                    'ratingrollup',
                    models.UniqueConstraint(
                        fields=('month', 'department', 'employee', 'position', 'survey'),
                        name='surveys_rollup_unique', nulls_distinct=False,
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
                migrations.RunSQL(FORWARD, BACKWARD),
            ],
        ),
    ]
