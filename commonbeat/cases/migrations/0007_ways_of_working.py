import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_tags"),
        ("community", "0004_person_address"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("days", models.JSONField(help_text="Days of the week, 0 is Monday.")),
                ("quiet_from", models.TimeField()),
                ("quiet_until", models.TimeField()),
                ("terms", models.TextField()),
                ("parties", models.TextField(help_text="Who agreed, one in a line.")),
                ("consent", models.CharField(help_text="How they said yes: in_person, writing, phone.", max_length=20)),
                ("starts_on", models.DateField()),
                ("review_on", models.DateField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("found", models.CharField(max_length=20)),
                ("extended_to", models.DateField(null=True)),
                ("inspected_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("how", models.CharField(help_text="handed, mailed, posted, email", max_length=20)),
                ("violations", models.TextField(help_text="One in a line, with the section of the code.")),
                ("cure_on", models.DateField()),
                ("served_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SoundLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.CharField(max_length=80)),
                ("starts", models.TimeField()),
                ("ends", models.TimeField(help_text="The same as `starts` means all day.")),
                ("level_db", models.FloatField(help_text="dB(A); what is louder is above the limit.")),
                ("source", models.CharField(blank=True, help_text="Where it is written.", max_length=200)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SoundMeasurement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("measured_at", models.DateTimeField()),
                ("spot", models.CharField(max_length=20)),
                ("level_db", models.FloatField(help_text="dB(A), the average over the time measured.")),
                ("background_db", models.FloatField(help_text="dB(A) with the source silent.", null=True)),
                ("seconds", models.PositiveIntegerField()),
                ("instrument", models.CharField(max_length=120)),
                ("calibrated_on", models.DateField(null=True)),
                ("zone", models.CharField(blank=True, max_length=80)),
                ("limit_db", models.FloatField(help_text="dB(A); empty when the agency had set none.", null=True)),
                ("limit_starts", models.TimeField(null=True)),
                ("limit_ends", models.TimeField(null=True)),
                ("limit_source", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name="category",
            name="cure_days",
            field=models.PositiveIntegerField(
                blank=True, help_text="Working days that an owner has to put something right.", null=True
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="procedures",
            field=models.JSONField(default=list, help_text="Procedures of the kind that this category calls for."),
        ),
        migrations.AlterField(
            model_name="participant",
            name="role",
            field=models.CharField(
                choices=[
                    ("reporter", "Reporter"),
                    ("follower", "Follower"),
                    ("subject", "Subject"),
                    ("partner", "Partner"),
                    ("third_party", "Third Party"),
                    ("owner", "Owner"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("cell__isnull", False)),
                fields=["category", "cell", "-opened_at"],
                name="case_repeats",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("category"),
                django.db.models.functions.text.Lower("address"),
                condition=models.Q(("address", ""), _negated=True),
                name="case_same_address",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="agreements", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="inspection",
            name="inspected_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.participant"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="served_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="inspection",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="inspections", to="cases.notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="soundlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("level_db__gte", 20), ("level_db__lte", 140)), name="soundlimit_is_plausible"
            ),
        ),
        migrations.AddField(
            model_name="soundmeasurement",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="measurements", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="soundmeasurement",
            name="measured_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_on__gt", models.F("starts_on"))), name="agreement_review_comes_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="soundmeasurement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level_db__gte", 20),
                    ("level_db__lte", 140),
                    models.Q(
                        ("background_db__isnull", True), ("background_db__lte", models.F("level_db")), _connector="OR"
                    ),
                ),
                name="soundmeasurement_is_plausible",
            ),
        ),
    ]
