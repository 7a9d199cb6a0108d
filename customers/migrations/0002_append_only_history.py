from django.db import migrations

from core.migrations_sql import append_only


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_models"), ("core", "0002_foundations")]

    operations = [append_only("customers_eventreattribution")]
