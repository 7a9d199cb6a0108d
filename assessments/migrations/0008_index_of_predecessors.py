"""Only scorecards with a predecessor are in the index of predecessors: hardly any has one, and every
stored one paid for its place.

By SQL, since AlterField would take the foreign key away and check all rows anew.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_OLD = 'assessments_scorecard_supersedes_id_3c874dfb'


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0007_keys_of_scorecards'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='scorecard',
            index=models.Index(condition=Q(supersedes__isnull=False), fields=['supersedes'], name='scorecard_supersedes'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX "{_OLD}"',
                    f'CREATE INDEX "{_OLD}" ON assessments_scorecard (supersedes_id)',
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='scorecard',
                    name='supersedes',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.scorecard'),
                ),
            ],
        ),
    ]
