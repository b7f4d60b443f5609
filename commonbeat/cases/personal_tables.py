"""What the tables of cases, of the journal and of the community hold about people."""

from __future__ import annotations

from commonbeat.cases.personal import PERSONAL, PersonalTable, nobody

STAFF_WORDS = "Words of staff for colleagues: they tell how work was done, and go with the case."
DECIDED = "Why somebody here did something: it is kept as evidence of the deed, and goes with the case."

PERSONAL.add(PersonalTable("community.Person", by_hand=("name", "email", "phone", "address")))
PERSONAL.add(
    PersonalTable(
        "cases.Case", by_hand=("text", "details"),
        kept=dict.fromkeys(("address", "lat", "long"), "Where something happened stays: work on the place goes on."),
        apart={"clocks": "When the department had to act, and did."},
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "cases.Participant", by_hand=("person",),
        apart={"code_digest": "A digest that nobody can read back; it opens the case to its sender."},
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "cases.CaseFile", case="case", where={"by_reporter": True}, told=("name", "media_type", "created_at"),
        kept=dict.fromkeys(("name", "media_type", "created_at"), "The photo goes as a whole when the words go."),
        apart=dict.fromkeys(
            ("sha256", "redacted_sha256", "original_sha256", "regions"),
            "Part of the photo, which goes as a whole when the words go.",
        ),
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "cases.Question", participant="participant", told=("text", "asked_at", "answered_at"),
        kept={name: "What the department asked, and when." for name in ("text", "asked_at", "answered_at")},
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "cases.Notice", participant="owner", told=("violations", "cure_on", "served_at"),
        kept={name: "A notice is a record of what was served." for name in ("violations", "cure_on", "served_at")},
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "cases.Agreement",
        apart={
            name: "It belongs to everybody who agreed, not to one of them; each got a copy. It goes with the case."
            for name in ("terms", "parties", "days")
        },
    )
)
PERSONAL.add(
    PersonalTable(
        "cases.Upload",
        apart={
            name: "A photo that no report has claimed: nobody knows whose it is, and it is removed after a day."
            for name in ("token_digest", "sha256", "original_sha256", "media_type", "name")
        },
    )
)
for _model, _names in {
    "cases.Task": ("text",), "cases.Hold": ("reason",), "cases.Disposal": ("reason",),
    "cases.IdentityRequest": ("reason", "decision_reason"),
}.items():  # fmt: skip
    PERSONAL.add(PersonalTable(_model, apart=dict.fromkeys(_names, DECIDED)))

PERSONAL.add(
    PersonalTable(
        "journal.Entry", by_hand=("personal", "data"),
        apart={
            "verb": "What was done.", "actor_name": "Who of the staff did it.",
            **dict.fromkeys(("personal_digest", "previous", "hash"), "Digests that nobody can read back."),
        },
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "journal.Delivery", by_hand=("recipient", "person", "context", "template"),
        apart={"error": "What the mail server said; addresses are left out of it."},
    )
)  # fmt: skip
PERSONAL.add(PersonalTable("journal.OutboxMessage", by_hand=("recipient", "subject", "body", "headers")))
PERSONAL.add(
    PersonalTable(
        "journal.AccessLog",
        apart=dict.fromkeys(
            ("user_name", "what", "reason"), "Who of the staff looked, and why: it protects the person."
        ),
    )
)
PERSONAL.add(
    PersonalTable(
        "journal.PushSubscription",
        apart=dict.fromkeys(
            ("sealed", "digest"), "A browser without a name: only who has it can end it, on the page where it began."
        ),
    )
)
PERSONAL.add(PersonalTable("community.OneTimeLink", by_hand=("data", "digest")))

PERSONAL.add(
    PersonalTable(
        "cases.Promise",
        case="case",
        where={"for_reporter": True},
        told=("text", "due_on", "state", "reason", "reported"),
        kept=dict.fromkeys(
            ("text", "due_on", "state", "reason", "reported"), "What the department promised, and whether it kept it."
        ),
        apart={"to": "To whom it was made, in words that name no private person."},
    )
)

PERSONAL.add(
    PersonalTable(
        "cases.TrustedContact", person="person",
        told=("organisation", "role", "reach", "agreed_on", "agreed_how", "confirmed_on"),
        erased=("organisation", "role", "reach"),
        kept=dict.fromkeys(("agreed_on", "agreed_how", "confirmed_on"), "Goes with the row in the same night."),
        by_hand=("person",),
    )
)  # fmt: skip

nobody(
    "What administrators set for the whole department.",
    "community.Agency", "community.ReferenceStamp", "community.Holiday", "community.Area", "community.Team",
    "cases.Category", "cases.CategoryText", "cases.RetentionRule", "cases.Tag", "cases.SoundLimit",
    "cases.RoutingRule", "cases.ResponseTemplate", "journal.Webhook", "community.ApiKey",
)  # fmt: skip
nobody(
    "People who work here: they read and change it under My account, administrators under People.",
    "community.User", "community.RoleGrant", "community.AreaAssignment", "community.Cover",
)  # fmt: skip
nobody("A public body or business.", "community.Organisation")
nobody("Where houses stand, from the public list of the town; who lives there is not in it.", "community.HouseNumber")
nobody(
    "Numbers, moments and names of staff only.",
    "cases.CaseLink", "cases.Escalation", "cases.Tombstone", "cases.ImportedRecord", "cases.SavedSearch", "cases.Bulk",
    "cases.SoundMeasurement", "cases.Inspection", "journal.Seal",
)  # fmt: skip
