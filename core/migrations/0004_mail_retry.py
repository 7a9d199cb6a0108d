"""When an e-mail that failed is tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("core", "0003_sessions_and_audit_indexes")]

    operations = [
        migrations.AddField("notification", "mail_retry_at", models.DateTimeField(null=True)),
    ]
