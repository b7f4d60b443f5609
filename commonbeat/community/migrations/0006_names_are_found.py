"""People are found by the words of their name without looking at everybody."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("community", "0005_person_apart")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("name", config="simple"),
                condition=models.Q(("name", ""), _negated=True),
                name="person_name_words",
            ),
        ),
    ]
