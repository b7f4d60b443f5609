"""Steps and states that all kinds of talks share, from the sides' yes to the question whether an agreement is kept."""

from __future__ import annotations

from collections.abc import Iterable

from commonbeat.cases.usual_steps import give_back_step, pass_on_step
from commonbeat.core.fields import Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, State, Step, step
from commonbeat.talks import agreeing, leading, notes, sessions, sides

OPEN = ("new", "intake", "screened", "asking", "ready", "meeting", "following")
BEFORE = ("new", "intake", "screened", "asking")
TALKS = ("ready", "meeting")
STATES = (
    State("screened", N_("Suitable"), N_("Talks can help here. We ask everybody whether they want to take part.")),
    State("asking", N_("Sides are asked"), N_("We ask everybody whether they want to take part."), runs="answer"),
    State("ready", N_("All said yes"), N_("Everybody said yes. We arrange the talks.")),
    State("meeting", N_("Sessions"), N_("The talks are under way.")),
    State("following", N_("Agreed"), N_("There is an agreement. We ask whether it is kept."), runs="follow_up"),
    State("closed", N_("Closed"), N_("This has ended."), closed=True),
)
"""From the moment in which somebody looked whether talks are safe and free."""


def talk_steps(
    *, team: Iterable[str], coordinators: Iterable[str], hands: Iterable[str], by_itself: bool
) -> tuple[Step, ...]:
    """The steps; with `by_itself` sides are asked after 30 and 90 days without anybody deciding it."""
    team = frozenset(team)
    return (
        step(
            "change_side", N_("Change a side"), at=OPEN, by=team, undo=False,
            fields=(
                sides.SIDE,
                *(one for one in sides.WHO_FIELDS if one.code in {"called", "language"}),
                *sides.NEED_FIELDS,
            ),
            then=sides.change_side,
        ),
        step(
            "assign", N_("Choose who leads the talks"), at=OPEN, by=coordinators, key="s", fields=leading.FIELDS,
            then=leading.choose_leader,
        ),
        pass_on_step(at=OPEN, by=hands),
        give_back_step(at=OPEN, by=hands),
        step(
            "record_answer", N_("Record an answer"), at=("asking",), by=team, to="ready", undo=False,
            fields=sides.ANSWER_FIELDS, then=sides.answer,
        ),
        step(
            "reply", N_("Answer of a side"), at=("asking",), by={REPORTER}, to="ready", undo=False, offered=False,
            fields=sides.OWN_FIELDS, then=sides.answer,
        ),
        *_session_steps(team),
        *_agreement_steps(team, by_itself=by_itself),
        step("keep_note", N_("Write a sealed note"), at=OPEN, by=team, fields=notes.NOTE_FIELDS,
             then=notes.keep_note),
        step("analyse", N_("Write what matters to a side"), at=OPEN, by=team, fields=notes.ANALYSIS_FIELDS,
             then=notes.analyse),
        step("write_side", N_("Write to one side"), at=OPEN, by=team, undo=False,
             fields=(sides.SIDE, Field("message", N_("Message"), "text", required=True),
                     Field("tell", N_("Send it now"), "boolean")),
             then=sides.message_side),
    )  # fmt: skip


def _session_steps(team: frozenset[str]) -> tuple[Step, ...]:
    return (
        step("plan", N_("Plan a session"), at=TALKS, by=team, to="meeting", key="p", fields=sessions.PLAN_FIELDS,
             then=sessions.plan),
        step("hold", N_("Record a session"), at=("meeting",), by=team, key="v", undo=False,
             fields=sessions.HELD_FIELDS, then=sessions.hold),
        step("meet", N_("Record a meeting with one side"), at=TALKS, by=team, to="meeting", fields=sessions.MET_FIELDS,
             then=sessions.meet),
        step("call_off", N_("Call a session off"), at=("meeting",), by=team, undo=False, fields=sessions.OFF_FIELDS,
             then=sessions.call_off),
    )  # fmt: skip


def _agreement_steps(team: frozenset[str], *, by_itself: bool) -> tuple[Step, ...]:
    return (
        step("point", N_("Add a point"), at=TALKS, by=team, key="g", undo=False, fields=agreeing.POINT_FIELDS,
             then=agreeing.add_point),
        step("strike", N_("Take a point out"), at=TALKS, by=team, undo=False, fields=(agreeing.WHICH,),
             then=agreeing.strike_point),
        step("offer", N_("Send the agreement to every side"), at=TALKS, by=team, undo=False,
             fields=(Field("tell", N_("Send it now"), "boolean"),), then=agreeing.offer),
        step("accept", N_("Record a yes to the agreement"), at=TALKS, by=team, to="following", undo=False,
             fields=agreeing.ACCEPT_FIELDS, then=agreeing.accept),
        step("accept_own", N_("Yes of a side to the agreement"), at=TALKS, by={REPORTER}, to="following", undo=False,
             offered=False, then=agreeing.accept),
        step("ask_kept", N_("Ask whether it is kept"), at=("following",), undo=False, then=agreeing.ask_kept,
             by={SYSTEM, *team} if by_itself else team, fields=(Field("tell", N_("Send it now"), "boolean"),)),
        step("check", N_("Record how it is kept"), at=("following",), by=team, key="f", undo=False,
             fields=agreeing.CHECK_FIELDS, then=agreeing.check),
        step("tell_how", N_("A side says how it is kept"), at=("following",), by={REPORTER}, undo=False,
             offered=False, fields=agreeing.CHECK_FIELDS[1:], then=agreeing.check),
        step("again", N_("Talk again"), at=("following",), by=team, to="screened", undo=False,
             fields=(Field("reason", N_("Why"), "text", required=True),), then=agreeing.talk_again),
    )  # fmt: skip
