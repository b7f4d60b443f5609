"""What the desk shows of linked cases: how they stand to this one, and where a link is taken off again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases import story as stories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.links import is_told_of
from commonbeat.cases.story import Story
from commonbeat.core.actor import Actor
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.panels import ASIDE, PANELS, Panel
from commonbeat.interfaces.web.desk.words import Words, state_label

RELATIONS: dict[str, str] = {
    "duplicate": N_("This repeats"),
    "duplicated_by": N_("Repeated by"),
    "child": N_("Part of"),
    "parent_of": N_("Split off"),
    "related": N_("Related to"),
    "same": N_("The same matter as"),
}
LOOSE = {"related", "same"}
"""What can be taken off: a merged case stays merged, and a part that was split off stays a part."""


def linked(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The linked cases that this reader may see."""
    kind = KINDS[story.case.kind]
    return {
        "links": [
            {
                "relation": gettext(RELATIONS[row["relation"]]), "reference": reference(row["id"]),
                "category": shown.matter(row["category_id"], row["kind"]),
                "state": state_label(row["kind"], row["state"]),
                "loose": row["relation"] in LOOSE and is_told_of(row["kind"], kind),
            }
            for row in stories.linked(story, actor=actor)
        ]
    }  # fmt: skip


PANELS.add(Panel("links", "pages/desk/links.html", linked, place=ASIDE, steps=("unlink",)))
