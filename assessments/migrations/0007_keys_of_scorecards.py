"""Foreign keys and indexes of scorecards that repeat what other rows hold, or that nothing reads.

The run holds its period, the placement a scorecard was read from its department and position. Of
a run's scorecards the valid ones are found by `scorecard_one_current`, all of them by the period.
By SQL, since AlterField would take the foreign keys away and check all rows anew.
"""

import django.db.models.deletion
from django.db import migrations, models

_KEYS = (
    ('assessments_scorecar_period_id_3478d205_fk_assessmen', 'period_id', 'assessments_period'),
    ('assessments_scorecar_department_id_f3e1807f_fk_organizat', 'department_id', 'organization_department'),
    ('assessments_scorecar_position_id_105bb310_fk_organizat', 'position_id', 'organization_position'),
)
_INDEXES = (
    ('scorecard_run', 'run_id'),
    ('assessments_scorecard_department_id_f3e1807f', 'department_id'),
    ('assessments_scorecard_position_id_105bb310', 'position_id'),
)


def unenforced(name: str, to: str) -> migrations.AlterField:
    """A foreign key of the model that the database does not enforce."""
    field = models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
        related_name='scorecards', to=to,
    )
    return migrations.AlterField(model_name='scorecard', name=name, field=field)


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0006_valid_by_run'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                *(
                    migrations.RunSQL(
                        f'ALTER TABLE assessments_scorecard DROP CONSTRAINT "{name}"',
                        f'ALTER TABLE assessments_scorecard ADD CONSTRAINT "{name}" FOREIGN KEY ({column})'
                        f' REFERENCES {table} (id) DEFERRABLE INITIALLY DEFERRED',
                    )
                    for name, column, table in _KEYS
                ),
                *(
                    migrations.RunSQL(
                        f'DROP INDEX "{name}"',
                        f'CREATE INDEX "{name}" ON assessments_scorecard ({column})',
                    )
                    for name, column in _INDEXES
                ),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name='scorecard', name='scorecard_run'),
                unenforced('period', 'assessments.period'),
                unenforced('department', 'organization.department'),
                unenforced('position', 'organization.position'),
            ],
        ),
    ]
