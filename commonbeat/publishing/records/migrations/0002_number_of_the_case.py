"""A request keeps the number of its cases: who may not learn of one does not learn of it when it is destroyed, either."""

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Coalesce


def fill(apps, schema_editor):
    apps.get_model("records", "RequestedCase").objects.update(number=Coalesce(F("case_id"), Value(0)))


class Migration(migrations.Migration):
    dependencies = [("records", "0001_requests_for_records")]

    operations = [
        migrations.AddField(
            model_name="requestedcase",
            name="number",
            field=models.BigIntegerField(null=True, help_text="Of the case, also when it is destroyed."),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="requestedcase",
            name="number",
            field=models.BigIntegerField(help_text="Of the case, also when it is destroyed."),
        ),
    ]
