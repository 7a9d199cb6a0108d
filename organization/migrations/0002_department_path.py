from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "department_path.sql"


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_models")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP TRIGGER department_path_follows_parent ON organization_department;"
            " DROP FUNCTION hp_department_path();",
        )
    ]
