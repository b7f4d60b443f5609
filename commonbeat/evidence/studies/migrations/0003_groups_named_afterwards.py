"""Groups in which an effect may differ, named after a plan was frozen: hints, kept apart from plans."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studies", "0002_frozen_plans")]

    operations = [
        migrations.AddField(
            model_name="study",
            name="explore",
            field=models.JSONField(default=list, help_text="Groups that were named after a plan was frozen."),
        )
    ]
