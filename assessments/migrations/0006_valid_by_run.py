"""Which scorecards are valid is said by their period's run instead of every row a second time.

A scoring marked each of its rows when it ended: a new wide row and new entries in eight indexes for
everybody. Now a row says only whether it was corrected within its run.
"""

from django.db import migrations, models

CORRECTED = """
UPDATE assessments_scorecard s SET corrected = true
WHERE EXISTS (
    SELECT FROM assessments_scorecard later
    WHERE later.period_id = s.period_id AND later.employee_id = s.employee_id
        AND later.version > s.version AND later.run_id = s.run_id
)"""
MARKED = """
UPDATE assessments_scorecard s SET is_current = true
FROM assessments_period p
WHERE p.id = s.period_id AND s.run_id = p.current_run_id AND NOT s.corrected"""
PROOF = """
DO $do$
DECLARE
    v_wrong bigint;
BEGIN
    SELECT count(*) INTO v_wrong
    FROM assessments_scorecard s JOIN assessments_period p ON p.id = s.period_id
    WHERE s.is_current <> (NOT s.corrected AND s.run_id IS NOT DISTINCT FROM p.current_run_id);
    IF v_wrong <> 0 THEN
        RAISE EXCEPTION '% scorecards would not stay valid or invalid', v_wrong;
    END IF;
END $do$"""


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0005_failed_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='scorecard',
            name='corrected',
            field=models.BooleanField(default=False, verbose_name='corrected'),
        ),
        migrations.RunSQL([CORRECTED, PROOF], [MARKED, PROOF]),
        migrations.RemoveConstraint(model_name='scorecard', name='scorecard_one_current'),
        migrations.RemoveField(model_name='scorecard', name='is_current'),
        migrations.AddConstraint(
            model_name='scorecard',
            constraint=models.UniqueConstraint(condition=models.Q(('corrected', False)), fields=('run', 'employee'), name='scorecard_one_current'),
        ),
    ]
