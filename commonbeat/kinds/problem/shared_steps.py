"""Steps that a problem and a joint project share: each says in which of its states they are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from commonbeat.cases import effects
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import give_back_step, note_step, pass_on_step, unlink_step
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, Step, step
from commonbeat.kinds.problem import linking, planning
from commonbeat.kinds.problem.vocabulary import ACTION_STATES, PARTNER_ROLES, PLACE_ROLES

STAFF = WORKERS | {Role.SUPERVISOR, Role.ANALYST}
DESK = STAFF | {Role.PARTNER}
SEES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(WORKERS, ("all", "assigned")),
    **dict.fromkeys((Role.SUPERVISOR, Role.ANALYST, Role.RECORDS, Role.EDITOR, Role.ADMIN), ("all",)),
    Role.PARTNER: ("team", "assigned"),
}
COUNTERS = {Role.SUPERVISOR, Role.ANALYST}
"""Recorded incidents have places and times: they are counted by those who plan by them."""
REASON = Field("reason", N_("Reason"), "text", required=True, maximum=400)
NOTE = Field("note", N_("Note"), maximum=400)


def choice(code: str, words: str, choices: tuple[Choice, ...], *, required: bool = False, hint: str = "") -> Field:
    """A question with these answers."""
    return Field(code, words, "singlevaluelist", choices=choices, required=required, hint=hint)


def case_steps(at: Iterable[str]) -> tuple[Step, ...]:
    """Cases: many linked at once, each taken off again."""
    return (
        step(
            "connect", N_("Link cases"), at=at, by=STAFF, then=linking.connect,
            fields=(Field("references", N_("References"), "text", required=True,
                          hint=N_("One or several, with spaces or on lines of their own.")),),
        ),
        unlink_step(at=at, by=STAFF),
    )  # fmt: skip


def place_steps(at: Iterable[str]) -> tuple[Step, ...]:
    """Places, as rows with a point or an area: added, changed, taken off."""
    asked = (
        Field("name", N_("Place"), required=True, hint=N_("An address, a corner, a park, a shop.")),
        Field("role", N_("What it has to do with it"), "singlevaluelist", required=True, choices=PLACE_ROLES,
              initial="scene"),
        Field("point", N_("Point on the map"), maximum=60,
              hint=N_("Latitude and longitude, such as 41.8781, -87.6298. Empty: as in earlier cases here.")),
        Field("area", N_("Area"), source="problem_any_area", hint=N_("Empty: the area of the point.")),
        Field("note", N_("What happens there"), maximum=400),
    )  # fmt: skip
    which = Field("place", N_("Place to change"), required=True, source="problem_place")
    return (
        step("add_place", N_("Add a place"), at=at, by=STAFF, then=linking.add_place, fields=asked),
        step("change_place", N_("Change a place"), at=at, by=STAFF, undo=False, then=linking.change_place,
             fields=(which, *asked)),
        step("remove_place", N_("Take a place off"), at=at, by=STAFF, undo=False, then=linking.remove_place,
             fields=(Field("place", N_("Place to take off"), required=True, source="problem_place"), REASON)),
    )  # fmt: skip


def partner_steps(at: Iterable[str]) -> tuple[Step, ...]:
    """Organisations with what they have to do with it: added, changed, taken off."""
    asked = (choice("role", N_("What it has to do with it"), PARTNER_ROLES, required=True), NOTE)
    which = Field("partner", N_("Organisation"), required=True, source="problem_partner")
    body = Field("organisation", N_("Organisation"), required=True, source="problem_organisation")
    return (
        step("add_partner", N_("Add an organisation"), at=at, by=STAFF, then=linking.add_partner,
             fields=(body, *asked)),
        step("change_partner", N_("Change an organisation"), at=at, by=STAFF, undo=False, then=linking.change_partner,
             fields=(which, *asked)),
        step("remove_partner", N_("Take an organisation off"), at=at, by=STAFF, undo=False,
             then=linking.remove_partner, fields=(which, REASON)),
    )  # fmt: skip


def incident_steps(at: Iterable[str]) -> tuple[Step, ...]:
    """Recorded incidents by query: counted, counted again, taken off."""
    which = Field("counted", N_("Count of incidents"), required=True, source="problem_count")
    return (
        step(
            "count_incidents", N_("Count recorded incidents"), at=at, by=COUNTERS, then=linking.count_incidents,
            fields=(
                Field("source", N_("Which records?"), required=True, source="problem_incident_source"),
                Field("sorts", N_("Only these sorts"), maximum=300,
                      hint=N_("With semicolons between them, as the records write them. Empty for all.")),
                Field("first_on", N_("From"), "datetime", hint=N_("Empty: a year before the last day.")),
                Field("last_on", N_("Until"), "datetime", hint=N_("Empty: the last day that the records know of.")),
                Field("around", N_("Around a place"), source="problem_place"),
                Field("radius_m", N_("So far around it (metres)"), "number", minimum=50, maximum=5000),
                Field("area", N_("Or in an area"), source="problem_any_area"),
            ),
        ),
        step("count_again", N_("Count again"), at=at, by=COUNTERS, undo=False, then=linking.count_again,
             fields=(which,)),
        step("remove_count", N_("Take a count off"), at=at, by=COUNTERS, undo=False, then=linking.remove_count,
             fields=(which, REASON)),
    )  # fmt: skip


def plan_steps(at: Iterable[str], *, answered_at: Iterable[str]) -> tuple[Step, ...]:
    """The plan of action: added to, worked off, asked about; `answered_at` is where a partner's link still works."""
    action = Field("action", N_("Action"), required=True, source="problem_action")
    return (
        step(
            "plan", N_("Add an action"), at=at, by=STAFF, then=planning.plan,
            fields=(
                Field("action_text", N_("What is done"), required=True),
                Field("user", N_("Who does it, or looks after it here"), source="user"),
                Field("organisation", N_("Organisation that does it"), source="problem_organisation"),
                Field("starts_on", N_("From"), "datetime", hint=N_("Empty means today.")),
                Field("due_on", N_("Due"), "datetime", required=True),
                Field("after", N_("Only after"), source="problem_action"),
            ),
        ),
        step(
            "progress", N_("Say how far an action is"), at=at, by=DESK, undo=False, then=planning.progress,
            fields=(
                action, choice("state", N_("It is"), ACTION_STATES, required=True),
                Field("due_on", N_("New day it is due"), "datetime"),
                Field("note", N_("Note, or why it is dropped"), maximum=400),
            ),
        ),
        step(
            "ask_partner", N_("Ask a partner"), at=at, by=STAFF, then=planning.ask_partner,
            fields=(
                action, Field("name", N_("Name of the person"), personal=True),
                Field("email", N_("E-mail address"), required=True, personal=True,
                      hint=N_("They answer through a link that works once. No account is needed.")),
                Field("question", N_("Question"), "text", required=True),
            ),
        ),
        step(
            "answer", N_("Answer"), at=answered_at, by={REPORTER}, undo=False, offered=False, then=planning.answer,
            fields=(Field("text", N_("Answer"), "text", required=True, personal=True),), audience="reporter",
            said=N_("You answered our question."),
        ),
    )  # fmt: skip


def desk_steps(at: tuple[str, ...], ended: tuple[str, ...]) -> tuple[Step, ...]:
    """What is done with every case: given to somebody, passed on, noted, tagged."""
    return (
        step(
            "assign", N_("Assign"), at=at, by=STAFF, then=effects.assign, key="s", bulk=True,
            fields=(Field("user", N_("Person"), source="user"), Field("team", N_("Team or partner"), source="team")),
        ),
        pass_on_step(at=at),
        give_back_step(at=at),
        note_step(at=(*at, *ended), by=DESK),
        tag_step(at=(*at, *ended), by=STAFF),
    )  # fmt: skip
