"""When an invitation whose e-mail failed is tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("surveys", "0009_fewer_key_indexes")]

    operations = [
        migrations.AddField("invitation", "mail_retry_at", models.DateTimeField(null=True)),
    ]
