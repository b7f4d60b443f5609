"""Past cases are found by their place as open ones are, and an address without knowing a category."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_photos_as_they_came")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_cell"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("cell__isnull", False)), fields=["cell"], name="case_cell"),
        ),
        migrations.RemoveIndex(model_name="case", name="case_same_address"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                django.db.models.functions.text.Lower("address"),
                models.F("category"),
                condition=models.Q(("address", ""), _negated=True),
                name="case_same_address",
            ),
        ),
    ]
