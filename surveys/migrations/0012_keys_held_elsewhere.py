"""Keys of an answer's rows that other rows hold already, no longer looked up for each of them.

Survey and case of a response's key repeat those of the response, which is written in the same
transaction and whose own foreign keys hold them. The rule set of a verdict is one of the survey's
or of a job's, stored before, and rule sets are never deleted. verify_rollups finds what differs.
"""

import django.db.models.deletion
from django.db import migrations, models


def key(to: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to=to, **more
    )


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0011_sums_of_departments'),
    ]

    operations = [
        migrations.AlterField(
            'responsekey', 'survey', key('surveys.survey', db_index=False, related_name='keys')
        ),
        migrations.AlterField(
            'responsekey', 'event',
            key('customers.serviceevent', db_index=False, null=True, related_name='+'),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    'verdict', 'rule_set',
                    key('surveys.cleaningruleset', null=True, related_name='verdicts'),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    'ALTER TABLE surveys_verdict'
                    ' DROP CONSTRAINT surveys_verdict_rule_set_id_fkey',
                    'ALTER TABLE surveys_verdict ADD CONSTRAINT surveys_verdict_rule_set_id_fkey'
                    ' FOREIGN KEY (rule_set_id) REFERENCES surveys_cleaningruleset',
                ),
            ],
        ),
    ]
