"""Which administrative rows of the community floor are kept with their history."""

from __future__ import annotations

from commonbeat.community.models import Agency, Area, Holiday, Organisation, Team, User
from commonbeat.journal.history import TRACKED, Part, Tracked
from commonbeat.journal.models import Webhook

AGENCY = TRACKED.add(
    Tracked(
        "agency",
        Agency,
        (
            "name",
            "short_name",
            "logo",
            "accent",
            "emergency_number",
            "crisis_number",
            "non_emergency_number",
            "email",
            "timezone",
            "country",
            "subdivision",
            "jurisdiction",
            "hours",
            "places_note",
            "settings",
        ),
        touches=("agency",),
    )
)
HOLIDAY = TRACKED.add(Tracked("holiday", Holiday, ("on", "name"), touches=("holidays",)))
AREA = TRACKED.add(
    Tracked(
        "area",
        Area,
        ("code", "level", "revision", "name", "parent", "population", "serves", "retired_at"),
        touches=("areas",),
    )
)
"""Boundaries are not versioned row by row: a new boundary is a new revision of the area."""
ORGANISATION = TRACKED.add(
    Tracked("organisation", Organisation, ("name", "sector", "email", "phone", "url", "retired_at"))
)
TEAM = TRACKED.add(Tracked("team", Team, ("slug", "name", "organisation", "email", "areas", "retired_at")))
USER = TRACKED.add(
    Tracked(
        "user",
        User,
        (
            "email",
            "name",
            "rank",
            "badge",
            "sworn",
            "team",
            "language",
            "languages",
            "phone",
            "bio",
            "listed",
            "is_active",
            "muted",
        ),
        parts=(
            Part("grants", ("role", "team", "since"), ("role", "team", "areas", "since", "until")),
            Part("assignments", ("area", "since"), ("area", "since", "until")),
            Part("absences", ("by", "since"), ("by", "since", "until", "note")),
        ),
        touches=("officers",),
        personal=True,
    )
)
WEBHOOK = TRACKED.add(Tracked("webhook", Webhook, ("name", "url", "verbs", "paused_at"), touches=("webhooks",)))
