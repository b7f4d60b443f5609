"""Which administrative rows of the cases floor are kept with their history."""

from __future__ import annotations

from commonbeat.cases.categories import Category
from commonbeat.cases.keeping import RetentionRule
from commonbeat.cases.models import ResponseTemplate, RoutingRule
from commonbeat.cases.tags import Tag
from commonbeat.cases.work_records import SoundLimit
from commonbeat.journal.history import TRACKED, Part, Tracked

CATEGORY = TRACKED.add(
    Tracked(
        "category",
        Category,
        (
            "code",
            "kind",
            "order",
            "questions",
            "acknowledge_hours",
            "respond_hours",
            "recheck_hours",
            "cure_days",
            "procedures",
            "handlers",
            "needs_sworn",
            "sensitive",
            "danger",
            "danger_words",
            "outcomes",
            "public_point",
            "public_precision_m",
            "public_delay_hours",
            "public_text",
            "legacy_names",
            "retired_at",
        ),
        parts=(Part("texts", ("language",), ("language", "group", "name", "description", "keywords")),),
        touches=("categories",),
    )
)
ROUTING_RULE = TRACKED.add(
    Tracked(
        "routingrule",
        RoutingRule,
        ("order", "name", "when", "team", "user", "area_officer", "active"),
        touches=("routing",),
    )
)
TEMPLATE = TRACKED.add(
    Tracked("template", ResponseTemplate, ("slug", "language", "title", "body", "steps", "retired_at"))
)
TAG = TRACKED.add(Tracked("tag", Tag, ("code", "name", "description", "retired_at"), touches=("tags",)))
SOUND_LIMIT = TRACKED.add(
    Tracked(
        "soundlimit",
        SoundLimit,
        ("zone", "starts", "ends", "level_db", "source", "retired_at"),
        touches=("sound_limits",),
    )
)
RETENTION_RULE = TRACKED.add(
    Tracked(
        "retentionrule",
        RetentionRule,
        ("kind", "outcome", "days", "basis", "retired_at"),
        touches=("retention",),
    )
)
