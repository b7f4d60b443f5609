"""What the tables of publishing hold about people."""

from commonbeat.cases.personal import PERSONAL, PersonalTable, nobody

PERSONAL.add(
    PersonalTable(
        "publishing.PublicCase", by_hand=("text", "media"),
        apart={
            **dict.fromkeys(("answer", "agency"), "What the department did, as it was published."),
            **dict.fromkeys(("lat", "long"), "A blurred place that points at nobody."),
        },
    )
)  # fmt: skip
PERSONAL.add(PersonalTable("publishing.Follow", by_hand=("email",)))
nobody("A second person read it and took out who is meant before it was published.", "publishing.Publication")
