"""The index of running clocks holds open cases only: no closed one has a clock, but the planner cannot know."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_walls_of_command")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_due"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["due_at", "id"], name="case_due"
            ),
        ),
    ]
