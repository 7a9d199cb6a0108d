"""Indexes of a response's key that nobody reads: one repeats the beginning of another."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0008_sums_per_person'),
    ]

    operations = [
        migrations.AlterField(
            'responsekey', 'survey',
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='keys',
                to='surveys.survey',
            ),
        ),
        migrations.AlterField(
            'responsekey', 'event',
            models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name='+', to='customers.serviceevent',
            ),
        ),
        # A number that is added to stays in its page, and so out of the indexes, while there is room.
        migrations.RunSQL(
            'ALTER TABLE surveys_answerrollup SET (fillfactor = 50)',
            'ALTER TABLE surveys_answerrollup RESET (fillfactor)',
        ),
    ]
