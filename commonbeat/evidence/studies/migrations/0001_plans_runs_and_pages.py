"""Data that were brought in, studies, frozen plans, runs, pictures and public pages."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dataset",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "outcome_name",
                    models.CharField(help_text="What is counted, in the plural: “burglaries”.", max_length=60),
                ),
                ("unit_name", models.CharField(default="areas", max_length=40)),
                ("period_name", models.CharField(default="months", max_length=40)),
                ("absent_is_zero", models.BooleanField(default=False)),
                ("text", models.TextField(help_text="The table as it came, in UTF-8.")),
                ("fingerprint", models.CharField(max_length=64)),
                ("units", models.PositiveIntegerField()),
                ("periods", models.PositiveIntegerField()),
                ("first_period", models.CharField(max_length=40)),
                ("last_period", models.CharField(max_length=40)),
                ("has_population", models.BooleanField()),
                ("has_positions", models.BooleanField()),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("plan", models.JSONField()),
                ("stamp", models.CharField(help_text="Hash of the plan.", max_length=64)),
                ("data", models.CharField(help_text="Fingerprint of the history that was known.", max_length=64)),
                ("history_until", models.CharField(max_length=40)),
                (
                    "known_after",
                    models.PositiveIntegerField(help_text="Periods from the start on that were in the data already."),
                ),
                ("software", models.CharField(max_length=40)),
                (
                    "ahead",
                    models.JSONField(
                        help_text="What was foretold: smallest detectable effect, regression to the mean."
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why the version before it did not do.", max_length=400),
                ),
                ("frozen_at", models.DateTimeField()),
                (
                    "frozen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0)),
                ("stage", models.CharField(blank=True, max_length=120)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("job", models.TextField(blank=True)),
                ("result", models.JSONField(null=True)),
                ("problem", models.CharField(blank=True, max_length=400)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="studies.dataset"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="studies.planversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=120)),
                (
                    "request",
                    models.JSONField(
                        default=dict,
                        help_text="What to count from the department's own records, when there is no table.",
                    ),
                ),
                ("draft", models.JSONField(default=dict)),
                ("dose", models.JSONField(default=dict, help_text="What was delivered: amount by period.")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies",
                        to="studies.dataset",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="planversion",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="studies.study"
            ),
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("language", models.CharField(max_length=10)),
                ("slug", models.SlugField(max_length=40)),
                ("svg", models.TextField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="studies.run"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "language", "slug"), name="picture_once")],
            },
        ),
        migrations.CreateModel(
            name="StudyPage",
            fields=[
                (
                    "study",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="page",
                        serialize=False,
                        to="studies.study",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("withdrawn", "Withdrawn")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("words", models.JSONField(default=dict, help_text="By language: title, tried, next.")),
                ("version", models.PositiveIntegerField(default=1)),
                ("drafted_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=400)),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="studies.planversion"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="studies.run"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(fields=("study", "number"), name="plan_number_once"),
        ),
        migrations.AddConstraint(
            model_name="studypage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    models.Q(
                        ("published_by__isnull", False),
                        models.Q(("published_by", models.F("drafted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="study_page_second_person",
            ),
        ),
    ]
