"""The results of a scorecard in one row, read through a view: stored they cost an eighth."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / 'sql'

# Everything a result says but its own number, and its place among those of the scorecard.
SAID = """SELECT scorecard_id, placement_no, indicator, scheme_version_id, position_id,
        weight::text, numerator::text, denominator::text, n, raw::text, adjusted::text, low::text,
        high::text, value_used::text, points::text, status, inputs_hash,
        row_number() OVER (PARTITION BY scorecard_id ORDER BY placement_no, id) AS place
    FROM assessments_indicatorresult"""

# What was said before is said now, and nothing else.
PROOF = f"""DO $do$
DECLARE
    v_wrong bigint;
BEGIN
    WITH a AS ({SAID}_before), b AS ({SAID})
    SELECT (SELECT count(*) FROM (SELECT * FROM a EXCEPT ALL SELECT * FROM b) x)
         + (SELECT count(*) FROM (SELECT * FROM b EXCEPT ALL SELECT * FROM a) y) INTO v_wrong;
    IF v_wrong <> 0 THEN
        RAISE EXCEPTION '% results would not stay the same', v_wrong;
    END IF;
END $do$;"""


def statements(name: str) -> str:
    """The file, with the proof where it belongs."""
    return (SQL / name).read_text(encoding='utf-8').replace('{{proof}}', PROOF)


FORWARD, BACKWARD = statements('result_sheets.sql'), statements('result_rows.sql')


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0003_fewer_indexes'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.CreateModel(
                    name='ResultSheet',
                    fields=[
                        ('scorecard', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='sheet', serialize=False, to='assessments.scorecard')),
                        ('lines', models.TextField(verbose_name='results')),
                    ],
                    options={
                        'verbose_name': 'results of a scorecard',
                        'verbose_name_plural': 'results of scorecards',
                        'ordering': ['scorecard'],
                    },
                ),
                migrations.DeleteModel(name='IndicatorResult'),
                migrations.CreateModel(
                    name='IndicatorResult',
                    fields=[],
                    options={
                        'verbose_name': 'indicator result',
                        'verbose_name_plural': 'indicator results',
                        'ordering': ['scorecard', 'placement_no', 'id'],
                        'managed': False,
                    },
                ),
            ],
        ),
    ]
