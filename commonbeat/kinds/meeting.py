"""The community meeting: town halls, beat and neighborhood meetings, forums and focus groups (O01, B06)."""

from __future__ import annotations

from commonbeat.activities.kind import ACTIVITIES, PROGRESS, QUESTION, TOPIC, ActivityKind
from commonbeat.cases.kind import PersonalField
from commonbeat.core.actor import DESK_ROLES, INSIDERS
from commonbeat.core.fields import Choice
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_

MEETING = ACTIVITIES.add(
    ActivityKind(
        slug="meeting",
        label=N_("Community meeting"),
        plural=N_("Community meetings"),
        formats=(
            Choice("beat", N_("Beat or neighborhood meeting")), Choice("town_hall", N_("Town hall")),
            Choice("forum", N_("Forum")), Choice("focus_group", N_("Focus group")),
            Choice("talk", N_("Open talk without an agenda, such as over coffee")),
        ),
        plans=DESK_ROLES,
        reads=INSIDERS,
        agenda={TOPIC: N_("Topic"), QUESTION: N_("Question"), PROGRESS: N_("How a problem stands")},
        promises=True,
        note=Retention(1095, N_("Colleagues prepare the next meetings with it; what was public stays.")),
        personal=(
            PersonalField(
                N_("Who planned, led and recorded a meeting"), N_("Residents know whom they meet"),
                N_("As long as the meeting is on record"),
            ),
            PersonalField(
                N_("How many people came and which languages they spoke, as numbers"),
                N_("To invite those who were not reached"),
                N_("As long as the meeting is on record; small numbers stay inside"),
            ),
        ),
    )
)  # fmt: skip
