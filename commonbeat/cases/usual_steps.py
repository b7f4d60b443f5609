"""Steps that most kinds share: each kind says where, by whom, and what people read where theirs differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from commonbeat.cases import effects, links
from commonbeat.cases.deed import Deed
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field, ShowWhen
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, Step, step

STAFF = WORKERS | {Role.SUPERVISOR}
DESK = STAFF | {Role.PARTNER}
"""A partner does this work as well."""
HANDS = {Role.ADMIN, Role.SUPERVISOR, SYSTEM}
"""Whoever hands over the work of somebody who leaves."""

RELATIONS = (
    Choice("related", N_("They have to do with each other")),
    Choice("same", N_("They are about the same matter")),
)  # fmt: skip
TELL = Field("tell", N_("Tell the reporter"), "boolean")
MESSAGE = Field(
    "message", N_("Message to the reporter"), "text",
    hint=N_("Plain words. The reporter reads this in an e-mail and on their page."),
)  # fmt: skip
REASON = Field("reason", N_("Reason, for the record"), "text")
QUESTION = Field("question", N_("Question"), "text", required=True, hint=N_("Ask one thing, in plain words."))
_SOMEBODY_ELSE = ShowWhen("whom", frozenset({"other"}))

Then = Callable[[Deed], None]


def asked(*choices: Choice) -> tuple[Field, ...]:
    """The fields of a step that asks one of these people, or somebody else by e-mail."""
    return (
        Field(
            "whom", N_("Whom"), "singlevaluelist", required=True, initial="reporter", source="whom",
            choices=(*choices, Choice("other", N_("Somebody else"))),
        ),
        Field("name", N_("Their name"), show_when=_SOMEBODY_ELSE, personal=True),
        Field("email", N_("Their e-mail address"), show_when=_SOMEBODY_ELSE, personal=True),
        QUESTION,
    )  # fmt: skip


def note_step(*, at: Iterable[str], by: Iterable[str], words: str = N_("Note for colleagues"), **more: Any) -> Step:
    """Words for the file."""
    return step(
        "note", N_("Add a note"), at=at, by=by, key="n", then=effects.note,
        fields=(Field("text", words, "text", required=True),), **more,
    )  # fmt: skip


def add_step(*, at: Iterable[str]) -> Step:
    """The reporter adds information on their page."""
    return step(
        "add", N_("Add information"), at=at, by={REPORTER}, undo=False, then=effects.add,
        fields=(Field("text", N_("What do you want to add?"), "text", required=True, personal=True),),
        audience="reporter", said=N_("You added information."),
    )  # fmt: skip


def ask_step(*, at: Iterable[str], by: Iterable[str], fields: tuple[Field, ...] = (QUESTION,), **more: Any) -> Step:
    """One question by a one-time link; the clocks wait with the case."""
    return step(
        "ask", N_("Ask a question"), at=at, by=by, to="waiting", key="q", then=effects.ask, fields=fields,
        audience="reporter", meets=("acknowledge",), said=N_("We asked a question about this."), **more,
    )  # fmt: skip


def answer_step(
    *, at: Iterable[str], by: Iterable[str], to: str | None = "assigned", then: Then = effects.answer, **more: Any
) -> Step:
    """The answer to what was asked, by link or written down by staff."""
    return step(
        "answer", N_("Answer"), at=at, by={REPORTER, *by}, to=to, undo=False, then=then,
        fields=(Field("text", N_("Answer"), "text", required=True, personal=True),),
        audience="reporter", said=N_("The question was answered."), **more,
    )  # fmt: skip


def message_step(
    *, at: Iterable[str], by: Iterable[str], label: str = N_("Write to the reporter"),
    fields: tuple[Field, ...] = (Field("message", N_("Message"), "text", required=True, hint=MESSAGE.hint), TELL),
    tells: tuple[str, ...] = ("reporter",), **more: Any,
) -> Step:  # fmt: skip
    """Words to the reporter, sent by the way they chose."""
    return step(
        "message", label, at=at, by=by, key="m", fields=fields, then=effects.message, tells=tells,
        audience="reporter", meets=("acknowledge",), said=N_("We wrote to you."), **more,
    )  # fmt: skip


def assign_step(*, at: Iterable[str], by: Iterable[str], said: str, to: str | None = "assigned", **more: Any) -> Step:
    """To a person, a team or a partner."""
    return step(
        "assign", N_("Assign"), at=at, by=by, to=to, key="s", then=effects.assign,
        fields=(Field("user", N_("Person"), source="user"), Field("team", N_("Team or partner"), source="team"), TELL),
        tells=("reporter",), audience="reporter", meets=("acknowledge",), said=said, **more,
    )  # fmt: skip


def pass_on_step(
    *, at: Iterable[str], by: Iterable[str] = HANDS, said: str = "", tell: Field = TELL,
    then: Then = effects.pass_on,
) -> Step:  # fmt: skip
    """To a successor, by a hand-over. Without `said` the reporter hears nothing of it."""
    who = Field("user", N_("Person"), required=True, source="user")
    told: dict[str, Any] = {"tells": ("reporter",), "audience": "reporter", "said": said} if said else {}
    return step(
        "pass_on", N_("Pass on to a successor"), at=at, by=by, undo=False, offered=False, then=then,
        fields=(who, tell) if said else (who,), **told,
    )  # fmt: skip


def give_back_step(
    *, at: Iterable[str], by: Iterable[str] = HANDS, falls: Mapping[str, str] | None = None
) -> Step:  # fmt: skip
    """Back to the queue, by a hand-over. `falls` maps a state that needs somebody to the one before it."""
    before = dict(falls or {})

    def give_back(deed: Deed) -> None:
        effects.give_back(deed)
        if not deed.case.team_id and deed.case.state in before:
            deed.columns["state"] = before[deed.case.state]

    return step("give_back", N_("Back to the queue"), at=at, by=by, undo=False, offered=False, then=give_back)


def link_steps(
    *, at: Iterable[str], by: Iterable[str], same: bool = True, hint: str = "", **more: Any
) -> tuple[Step, ...]:
    """Relate the case to another one, and take that off; readers of one see the link only where they see the other.

    Without `same` nobody can say that both are one matter, as in a kind whose cases are merged for that.
    """
    other = Field("reference", N_("Reference of the other case"), required=True, source="case", hint=hint)
    relation = (
        Field("relation", N_("How they belong together"), "singlevaluelist", choices=RELATIONS, initial="related"),
        Field("tell", N_("Tell whoever reported them that both are worked together"), "boolean",
              show_when=ShowWhen("relation", frozenset({"same"}))),
    ) if same else ()  # fmt: skip
    return (
        step("link", N_("Link to another case"), at=at, by=by, then=links.link, fields=(other, *relation), **more),
        unlink_step(at=at, by=by),
    )


def unlink_step(*, at: Iterable[str], by: Iterable[str]) -> Step:
    """Take a link off again, with the reason kept; what was merged or split stays as it is."""
    return step(
        "unlink", N_("Take a link off"), at=at, by=by, then=links.unlink,
        fields=(Field("reference", N_("Reference of the other case"), required=True, source="case"), REASON),
    )  # fmt: skip


def reopen_step(*, at: Iterable[str], by: Iterable[str], to: str = "reopened", tell: Field | None = TELL) -> Step:
    """Open again, with the reason kept. Without `tell` the reporter hears nothing of it."""
    why = Field("reason", N_("Why"), "text", required=True)
    said = N_("This was opened again.")
    told: dict[str, Any] = {"tells": ("reporter",), "audience": "reporter", "said": said} if tell else {}
    return step(
        "reopen", N_("Reopen"), at=at, by=by, to=to, then=effects.reopen,
        fields=(why, tell) if tell else (why,), **told,
    )  # fmt: skip


def withdraw_step(
    *, at: Iterable[str], by: Iterable[str], said: str, meets: tuple[str, ...] = ("acknowledge", "respond")
) -> Step:  # fmt: skip
    """The reporter takes it back, or staff do in their name."""
    return step(
        "withdraw", N_("Withdraw"), at=at, by={REPORTER, *by}, to="withdrawn", closes=True, undo=False,
        fields=(Field("reason", N_("Why"), "text"),), then=effects.withdraw, audience="reporter",
        meets=meets, said=said,
    )  # fmt: skip
