"""Tables of a case: the row itself and what repeats around it (participants, files, links, tasks, requests)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Func
from django.db.models.functions import Lower

from commonbeat.cases.categories import Category
from commonbeat.cases.keeping import RetentionRule  # noqa: F401  (a table of this app, edited in the office)
from commonbeat.cases.promise_rows import Promise  # noqa: F401  (a table of this app: what was promised to whom)
from commonbeat.cases.queries import CaseQuerySet
from commonbeat.cases.safeguards import Hold  # noqa: F401  (tables of this app: holds, disposals, tombstones, requests)
from commonbeat.cases.tags import Tag  # noqa: F401  (a table of this app; cases hold the numbers of their tags)
from commonbeat.cases.task_queries import TaskQuerySet
from commonbeat.cases.trusted_rows import TrustedContact  # noqa: F401  (a table of this app: contacts of an area)
from commonbeat.cases.work_records import SoundLimit  # noqa: F401  (tables of this app, written by steps)
from commonbeat.core.ids import reference


class Case(models.Model):
    """A matter that moves through steps until somebody has resolved it.

    What is filtered, counted or joined is a column; what is only shown is in `details`. Rows are read through
    `Case.objects.visible_to(actor)` and written by `cases.actions` alone.
    """

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=30)
    version = models.PositiveIntegerField(default=1)
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.ForeignKey("community.Area", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey("community.Team", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(
        "community.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20, default="web")
    language = models.CharField(max_length=10, default="en")
    text = models.TextField(blank=True)
    address = models.CharField(max_length=300, blank=True)
    lat = models.FloatField(null=True)
    long = models.FloatField(null=True)
    cell = models.BigIntegerField(null=True, help_text="H3 cell, resolution 10.")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="The next running clock; empty while waiting or closed.")
    outcome = models.CharField(max_length=30, blank=True)
    details = models.JSONField(default=dict)
    clocks = models.JSONField(default=dict)
    dispose_on = models.DateField(null=True)
    tags = ArrayField(models.IntegerField(), default=list, db_default=[], help_text="Numbers of `Tag`.")
    search = models.GeneratedField(
        expression=Func(
            F("text"), F("address"), template="commonbeat_words(%(expressions)s)", output_field=SearchVectorField()
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(lat__isnull=True) & Q(long__isnull=True))
                | (Q(lat__gte=-90) & Q(lat__lte=90) & Q(long__gte=-180) & Q(long__lte=180)),
                name="case_point_is_on_earth",
            ),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["search"], name="case_search"),
            models.Index(fields=["-opened_at", "-id"], name="case_newest"),
            models.Index(fields=["area", "-opened_at", "-id"], name="case_area"),
            models.Index(
                fields=["area", "-opened_at", "-id"], name="case_open_area", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["team", "-opened_at", "-id"], name="case_team", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["assignee", "-opened_at", "-id"], name="case_assignee", condition=Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["-opened_at", "-id"], name="case_unassigned",
                condition=Q(closed_at__isnull=True, assignee__isnull=True, team__isnull=True),
            ),
            models.Index(fields=["due_at", "id"], name="case_due", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["category", "-opened_at", "-id"], name="case_category"),
            models.Index(fields=["state", "-opened_at", "-id"], name="case_state"),
            # Rare values only: common ones are found at once among the newest.
            models.Index(
                fields=["language", "-opened_at", "-id"], name="case_language", condition=~Q(language="en")
            ),
            models.Index(
                fields=["channel", "-opened_at", "-id"], name="case_channel",
                condition=~Q(channel__in=["web", "import"]),
            ),
            models.Index(fields=["outcome", "-opened_at", "-id"], name="case_outcome", condition=~Q(outcome="")),
            models.Index(
                fields=["assignee", "-opened_at", "-id"], name="case_worked_by", condition=Q(assignee__isnull=False)
            ),
            models.Index(
                fields=["category", "cell", "-opened_at"], name="case_repeats", condition=Q(cell__isnull=False)
            ),
            models.Index(Lower("address"), "category", name="case_same_address", condition=~Q(address="")),
            models.Index(fields=["cell", "kind"], name="case_cell_kind", condition=Q(cell__isnull=False)),
            models.Index(fields=["dispose_on"], name="case_dispose", condition=Q(dispose_on__isnull=False)),
            GinIndex(fields=["tags"], name="case_tags", condition=~Q(tags=[])),
        ]  # fmt: skip

    @property
    def reference(self) -> str:
        """What people call it, on paper and on the telephone."""
        return reference(self.pk)

    @property
    def is_open(self) -> bool:
        """True while somebody still has to do something."""
        return self.closed_at is None

    def detail(self, name: str, default: Any = None) -> Any:
        """One of the values that are only shown."""
        return self.details.get(name, default)


class Participant(models.Model):
    """A person, user or organisation in a role on a case. The reporter's return code is kept as a digest only."""

    class Role(models.TextChoices):
        """What somebody is to a case."""

        REPORTER = "reporter"
        FOLLOWER = "follower"
        SUBJECT = "subject"
        CHAIN = "chain"  # commanded the subject when they were named: kept out as the subject is
        PARTNER = "partner"
        THIRD_PARTY = "third_party"
        OWNER = "owner"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participants")
    role = models.CharField(max_length=20, choices=Role.choices)
    person = models.ForeignKey("community.Person", null=True, blank=True, on_delete=models.PROTECT)
    user = models.ForeignKey("community.User", null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    organisation = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    told_by = models.CharField(max_length=10, default="none", help_text="email, call, or none")
    hidden = models.BooleanField(default=False, help_text="Staff see who this is only after an approved request.")
    code_digest = models.BinaryField(max_length=32, null=True, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [  # most participants are reporters, who are neither a user nor an organisation
            models.Index(fields=["user"], name="participant_user", condition=Q(user__isnull=False)),
            models.Index(
                fields=["organisation"], name="participant_organisation", condition=Q(organisation__isnull=False)
            ),
            models.Index(
                fields=["user", "case"], name="participant_kept_out", condition=Q(role__in=["subject", "chain"])
            ),
        ]


class CaseFile(models.Model):
    """A photo or document on a case, stored by its content's digest; reached only through a permission check."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    original_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the bytes that came, before cleaning.")
    by_reporter = models.BooleanField(default=False)
    redacted_sha256 = models.CharField(max_length=64, blank=True)
    regions = models.JSONField(default=list)
    public = models.BooleanField(default=False, help_text="May be shown to the public (redacted, if there is one).")
    created_at = models.DateTimeField()


class Upload(models.Model):
    """A photo sent before its report: unclaimed ones are removed after a day."""

    id = models.BigAutoField(primary_key=True)
    token_digest = models.BinaryField(max_length=32, unique=True)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    original_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the bytes that came, before cleaning.")
    created_at = models.DateTimeField()


class CaseLink(models.Model):
    """Two cases that belong together: a duplicate of, a child of, or related to another."""

    class Relation(models.TextChoices):
        """How `one` stands to `other`."""

        DUPLICATE = "duplicate"  # one repeats other
        CHILD = "child"  # one is a part of other
        RELATED = "related"
        SAME = "same"  # two kinds of case about one matter

    id = models.BigAutoField(primary_key=True)
    one = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_from")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_to")
    relation = models.CharField(max_length=10, choices=Relation.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other", "relation"], name="caselink_once"),
            models.CheckConstraint(condition=~Q(one=F("other")), name="caselink_not_to_itself"),
        ]


class Task(models.Model):
    """Something to do by a moment: a recheck, a call, a to-do on a case, or an administrative task without one."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, null=True, editable=False)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks")
    sort = models.CharField(max_length=20, default="todo", help_text="todo, recheck, call; admin without a case")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey("community.User", null=True, blank=True, on_delete=models.PROTECT)
    due_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey("community.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("community.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(case__isnull=False) & ~Q(sort="admin")
                | Q(case__isnull=True, sort="admin", created_by__isnull=False),
                name="task_has_a_case_or_somebody_who_made_it",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "due_at"], name="task_owner", condition=Q(done_at__isnull=True)),
            models.Index(fields=["due_at"], name="task_due", condition=Q(done_at__isnull=True)),
        ]


class Question(models.Model):
    """One question to somebody without an account, answered through a one-time link."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="questions")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE)
    text = models.TextField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)


class Escalation(models.Model):
    """A clock that ran out and was told to a supervisor: once per clock and due moment."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    clock = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "clock", "due_at"], name="escalation_once")]


class RoutingRule(models.Model):
    """Who gets a new case: the first active rule whose conditions all hold. See `cases.routing` for conditions."""

    order = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    when = models.JSONField(default=dict)
    team = models.ForeignKey("community.Team", null=True, blank=True, on_delete=models.PROTECT)
    user = models.ForeignKey("community.User", null=True, blank=True, on_delete=models.PROTECT)
    area_officer = models.BooleanField(default=False, help_text="The officer of the area, or whoever covers.")
    active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(user__isnull=False) | Q(area_officer=True),
                name="routingrule_has_a_target",
            )
        ]


class ResponseTemplate(models.Model):
    """A form letter: fields such as {reference} are filled in when it is used."""

    slug = models.SlugField()
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    body = models.TextField()
    steps = models.JSONField(default=list, help_text="Steps it is offered for; empty means all.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["slug", "language"], name="template_per_language")]


class SavedSearch(models.Model):
    """A user's filters by name; with a threshold, the user is told when so many cases match within so many days."""

    user = models.ForeignKey("community.User", on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=120)
    query = models.CharField(max_length=1000, help_text="The inbox address's query string.")
    threshold = models.PositiveIntegerField(null=True, blank=True)
    within_days = models.PositiveIntegerField(null=True, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="savedsearch_name_per_user")]


class ImportedRecord(models.Model):
    """Where an imported case came from: a second import finds it and changes nothing."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "key"], name="importedrecord_once")]


class Bulk(models.Model):
    """One step taken on many cases at once, so that all of it can be taken back together."""

    user = models.ForeignKey("community.User", on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=30)
    at = models.DateTimeField()
    done = models.JSONField(default=list, help_text="Case number and entry id of each that worked.")
    refused = models.JSONField(default=list, help_text="Case number and reason of each that did not.")
    undone_at = models.DateTimeField(null=True)
