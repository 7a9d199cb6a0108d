"""What a failed run wrote may be removed, by the application too: the guard judges each row itself.

Under the name `append_only` it stood for tables of which nothing is ever removed, so that the
application's role was not given the right, and a scoring that had failed could not be started again.
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0004_result_sheets'),
    ]

    operations = [
        migrations.RunSQL(
            f'ALTER TRIGGER append_only ON {table} RENAME TO keep_finished',
            f'ALTER TRIGGER keep_finished ON {table} RENAME TO append_only',
        )
        for table in ('assessments_scorecard', 'assessments_scoringrun')
    ]
