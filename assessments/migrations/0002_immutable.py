from pathlib import Path

from django.db import migrations

from core.migrations_sql import append_only

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ("assessments", "0001_models"),
        ("core", "0002_foundations"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "immutable.sql").read_text(encoding="utf-8"),
            (SQL / "immutable_undo.sql").read_text(encoding="utf-8"),
        ),
        append_only("assessments_indicatorversion"),
        append_only("assessments_schemeversion"),
        append_only("assessments_measurement"),
        append_only("assessments_periodaction"),
    ]
