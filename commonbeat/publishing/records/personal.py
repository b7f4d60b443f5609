"""What the tables of records requests hold about people: who asked."""

from commonbeat.cases.kind import PersonalField
from commonbeat.cases.personal import PERSONAL, PersonalTable, nobody
from commonbeat.core.text import N_

LABEL = N_("Requests for records")
INVENTORY = (
    PersonalField(
        N_("Who asked for records, how they are reached, and what they asked for"),
        N_("To answer, and to show to whom records went"),
        N_("Six years after the answer, or as the agency sets it; how they are reached until they ask"),
    ),
)  # fmt: skip

PERSONAL.add(
    PersonalTable(
        "records.RecordsRequest",
        by_hand=("requester", "contact", "text"),
        apart={
            "sha256": "A digest of what was released.",
        },
    )
)  # fmt: skip
nobody(
    "Places in texts and who decided on them; the words themselves stay in the case.",
    "records.RequestedCase", "records.Item", "records.Exemption",
)  # fmt: skip
