"""An agency's own words of danger, by category."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_bulk")]
    operations = [
        migrations.AddField(
            model_name="category",
            name="danger_words",
            field=models.JSONField(
                default=dict,
                help_text="Language → phrases that speak of danger here; added to the product's own words.",
            ),
        ),
    ]
