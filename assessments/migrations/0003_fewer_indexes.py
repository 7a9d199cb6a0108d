"""Indexes of scorecards and results that nothing reads: a unique index begins with the same column,
or nothing is looked for by it. Every stored result pays for each of them.

By SQL, since AlterField would take the foreign keys away and check all rows anew.
"""

import django.db.models.deletion
from django.db import migrations, models

_INDEXES = (
    ('assessments_indicatorresult_scorecard_id_d98ff712', 'assessments_indicatorresult', 'scorecard_id'),
    ('assessments_indicatorresult_scheme_version_id_8b338faa', 'assessments_indicatorresult', 'scheme_version_id'),
    ('assessments_indicatorresult_position_id_e8363faf', 'assessments_indicatorresult', 'position_id'),
    ('assessments_scorecard_period_id_3478d205', 'assessments_scorecard', 'period_id'),
    ('assessments_scorecard_run_id_e7542004', 'assessments_scorecard', 'run_id'),
)


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0002_immutable'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX "{name}"', f'CREATE INDEX "{name}" ON "{table}" ("{column}")'
                )
                for name, table, column in _INDEXES
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='indicatorresult',
                    name='scorecard',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='assessments.scorecard'),
                ),
                migrations.AlterField(
                    model_name='indicatorresult',
                    name='scheme_version',
                    field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.schemeversion'),
                ),
                migrations.AlterField(
                    model_name='indicatorresult',
                    name='position',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.position'),
                ),
                migrations.AlterField(
                    model_name='scorecard',
                    name='period',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scorecards', to='assessments.period'),
                ),
                migrations.AlterField(
                    model_name='scorecard',
                    name='run',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scorecards', to='assessments.scoringrun'),
                ),
            ],
        ),
    ]
