"""The sides of talks: who they are, what they need, whether they said yes. Nobody hears what another one said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Participant, Task
from commonbeat.cases.telling import PATHS, context, tell_owner, tell_participant
from commonbeat.community.agency import close_of, local_day, setting
from commonbeat.community.people import find_or_make_person
from commonbeat.core.fields import Choice, Field, Invalid, Problem, ShowWhen
from commonbeat.core.text import N_
from commonbeat.journal.verbs import Tell
from commonbeat.talks.models import Session, Side
from commonbeat.talks.vocabulary import ANSWERED, NEEDS, NO, PAGE, WAYS, YES, YES_NO

LINK, CODE = "talks", "code"
"""The purpose of a side's link; and the way of somebody who looks in with a code."""
NO_SUCH_SIDE = N_("Choose one of the sides of this case.")
BAD_EMAIL = N_("Enter a whole e-mail address such as lou@example.org.")
NO_ADDRESS = N_("Enter where a letter reaches them. A name is not needed: “upstairs, 12 Elm Street” will do.")
NO_PHONE = N_("Enter a telephone number with at least six digits.")
GUARDIAN = N_("Ask a parent or guardian first. Nobody under 18 is asked without their yes.")
TWO_SIDES = N_("Talks need two sides. Add the other side first.")
NOT_ALL = N_("Not everybody has said yes. Nothing goes on without the yes of every side.")
NO_LEADER = N_("Choose first who leads the talks, so that conflicts of interest are looked at.")
ASK_BEFORE = N_("Choose a day after today.")

SIDE = Field("side", N_("Side"), source="talks_side", required=True)
NEED_FIELDS = (
    Field("needs", N_("What they need to take part"), "multivaluelist", choices=NEEDS),
    Field("needs_text", N_("Anything else they need"), maximum=500, personal=True),
)
WHO_FIELDS = (
    Field("called", N_("What the others hear them called"), required=True, maximum=120, personal=True,
          hint=N_("For example “the upstairs neighbour”. A real name only if they agree.")),
    Field("name", N_("Name, if it is known"), personal=True, maximum=200),
    Field("way", N_("How we reach them"), "singlevaluelist", required=True, choices=WAYS),
    Field("email", N_("E-mail address"), personal=True, maximum=254, show_when=ShowWhen("way", frozenset({"email"}))),
    Field("address", N_("Where the letter goes"), personal=True, maximum=300,
          show_when=ShowWhen("way", frozenset({"letter"}))),
    Field("phone", N_("Telephone number"), personal=True, maximum=40,
          show_when=ShowWhen("way", frozenset({"phone"}))),
    Field("language", N_("Their language"), source="language", required=True, initial="en"),
    Field("minor", N_("They are under 18"), "boolean"),
    Field("guardian", N_("Under 18: a parent or guardian said yes to asking them"), "boolean"),
)  # fmt: skip
ABOUT = Field(
    "about", N_("What it is about, in words that both sides can accept"), "text", required=True, maximum=2000,
    hint=N_("Every side reads this. Blame nobody, repeat nothing that one side told you, name no contact details."),
)  # fmt: skip
ANSWER_FIELDS = (
    SIDE,
    Field("answer", N_("Do they want to take part?"), "singlevaluelist", required=True, choices=YES_NO),
    Field("how", N_("How they answered"), "singlevaluelist", required=True, choices=ANSWERED),
)
OWN_FIELDS = (
    Field("answer", N_("Do you want to take part?"), "singlevaluelist", required=True, choices=(
        Choice(YES, N_("Yes, I take part")), Choice(NO, N_("No, I do not take part")))),
    Field("needs", N_("What do you need to take part?"), "multivaluelist", choices=NEEDS),
    Field("needs_text", N_("Anything else that you need"), maximum=500, personal=True),
)  # fmt: skip


def sides_of(case: Case) -> list[Side]:
    """The sides of a case in the order in which they came, with who they are."""
    rows = Side.objects.filter(case=case).select_related("participant__person", "participant__user")
    return list(rows.order_by("pk"))


def all_agree(sides: Iterable[Side]) -> bool:
    """True when two sides at least, and everybody who is needed, said yes; supporters are not waited for."""
    rows = [side for side in sides if side.needed]
    return len(rows) > 1 and all(side.agrees for side in rows)


def check_all_agree(case: Case) -> list[Side]:
    """The sides, every one of which said yes. Raises `Invalid`: nothing goes on without."""
    sides = sides_of(case)
    if not all_agree(sides):
        raise Invalid([Problem("", NOT_ALL)])
    return sides


def chosen_side(deed: Deed) -> Side:
    """The side that a form names, or whose own page it is. Raises `Invalid`."""
    number = str(deed.data.get("side") or "")
    for side in sides_of(deed.case):
        if str(side.pk) == number or (not number and side.participant_id == deed.actor.participant_id):
            return side
    raise Invalid([Problem("side", NO_SUCH_SIDE)])


def by_side(deed: Deed) -> bool:
    """True when a side does it on their own page; the entry says so."""
    own = deed.actor.participant_id is not None
    if own:
        deed.facts["by_side"] = True
    return own


# --- who takes part --------------------------------------------------------------------------------


def add_reporter(deed: Deed, *, role: str, called: str) -> Side | None:
    """Whoever asked for the talks as a side, unless they are one already."""
    participant = deed.case.participants.filter(role=Participant.Role.REPORTER).select_related("person").first()
    if participant is None or Side.objects.filter(participant=participant).exists():
        return None
    way = {"email": "email", "call": "phone"}.get(participant.told_by, CODE)
    made = Side(
        case=deed.case, participant=participant, role=role, called=called, way=way, language=deed.case.language,
        made_at=deed.at,
    )  # fmt: skip
    deed.make(made)
    return made


def add_side(deed: Deed, *, role: str, needed: bool = True) -> Side:
    """Somebody else as a side, as the form of `WHO_FIELDS` tells of them: also unknown by name."""
    given = {name: str(deed.data.get(name) or "").strip() for name in ("name", "way", "email", "address", "phone")}
    wrong = _unreachable(given)
    if deed.data.get("minor") and not deed.data.get("guardian"):
        wrong = Problem("guardian", GUARDIAN)
    if wrong:
        raise Invalid([wrong])
    if deed.data.get("minor"):
        deed.facts["minor"] = True
    language = str(deed.data["language"])
    person = find_or_make_person(
        name=given["name"] or str(deed.data["called"]), email=given["email"], phone=given["phone"],
        address=given["address"], language=language, apart=True, at=deed.at,
    )  # fmt: skip
    told = {"email": "email", "phone": "call"}.get(given["way"], "none")
    part = Participant(
        case=deed.case, role=Participant.Role.THIRD_PARTY, person=person, told_by=told, created_at=deed.at
    )
    deed.make(part)
    made = Side(
        case=deed.case, participant=part, role=role, called=str(deed.data["called"]), way=given["way"],
        language=language, needed=needed, needs=list(deed.data.get("needs") or []), made_at=deed.at,
        needs_text=str(deed.data.get("needs_text") or ""),
    )  # fmt: skip
    deed.make(made)
    deed.personal["text"] = made.called
    return made


def _unreachable(given: dict[str, str]) -> Problem | None:
    match given["way"]:
        case "email" if "@" not in given["email"].strip("@"):
            return Problem("email", BAD_EMAIL)
        case "letter" if not given["address"]:
            return Problem("address", NO_ADDRESS)
        case "phone" if sum(one.isdigit() for one in given["phone"]) < 6:
            return Problem("phone", NO_PHONE)
    return None


def change_side(deed: Deed) -> None:
    """What somebody is called, their language, and what they need."""
    side = chosen_side(deed)
    Side.objects.filter(pk=side.pk).update(
        called=str(deed.data["called"]), language=str(deed.data["language"]),
        needs=list(deed.data.get("needs") or []), needs_text=str(deed.data.get("needs_text") or ""),
    )  # fmt: skip
    deed.personal["text"] = str(deed.data["called"])


# --- their yes -------------------------------------------------------------------------------------


def ask_sides(deed: Deed, *, template: str, days: int) -> None:
    """Ask every side that has not answered, each by their own way; who is silent for so many days is looked after."""
    sides = sides_of(deed.case)
    if len(sides) < 2:
        raise Invalid([Problem("about", TWO_SIDES)])
    if deed.case.assignee_id is None:
        raise Invalid([Problem("about", NO_LEADER)])
    waiting = [side for side in sides if not side.answer]
    about = str(deed.data["about"])
    deed.columns["details"] = deed.case.details | {"about": about}
    deed.personal["text"] = about
    Side.objects.filter(pk__in=[side.pk for side in waiting]).update(asked_at=deed.at)
    tell_sides(deed, "", template=template, text=about, only=waiting)
    deed.runs_until = close_of(local_day(deed.at) + dt.timedelta(days=days))
    deed.facts["due"] = deed.runs_until


def answer(deed: Deed) -> None:
    """One side's yes or no. With the last yes the step goes on; a no is told to whoever leads the talks, to no side."""
    side, said = chosen_side(deed), str(deed.data["answer"])
    own = by_side(deed)
    changes = {"answer": said, "answered_at": deed.at, "answered_by": PAGE if own else str(deed.data["how"])}
    if own:
        changes |= {
            "needs": list(deed.data.get("needs") or []), "needs_text": str(deed.data.get("needs_text") or "")
        }  # fmt: skip
    Side.objects.filter(pk=side.pk).update(**changes)
    deed.personal["text"] = side.called
    deed.facts["answer"] = said
    if all_agree(sides_of(deed.case)):
        tell_sides(deed, N_("Everybody said yes. We now arrange the talks, and write to you about a time."))
    else:
        deed.columns.pop("state", None)
    if own:
        tell_owner(deed, "staff_added", what=N_("A side of the talks answered."))


def call_off_all(deed: Deed) -> None:
    """Nobody sits down with somebody who does not want to: sessions that were planned do not take place."""
    planned = Session.objects.filter(case=deed.case, held_at=None, off_at=None)
    if planned.update(off_at=deed.at):
        tell_sides(deed, N_("The session that was planned does not take place."))


def forget_answers(deed: Deed) -> None:
    """Every yes was given for talks that are over: everybody is asked anew."""
    Side.objects.filter(case=deed.case).update(
        asked_at=None, answer="", answered_at=None, answered_by="", accepted_at=None, accepted_by=""
    )


# --- telling them ----------------------------------------------------------------------------------


def tell_sides(
    deed: Deed, said: str, *, template: str = "talks_news", text: str = "", only: Iterable[Side] | None = None
) -> None:
    """The same words to every side, each by their own way and in their language, with the way to their own page.

    Of talks that are led `by_hand` nothing goes out unless a person decides it for this step (RULES 6): it is a task.
    """
    decided = deed.data.get("tell")
    if decided is False:
        return
    by_mail = decided or not deed.case.detail("by_hand")
    for side in sides_of(deed.case) if only is None else only:
        tells = _mail(deed, side, template, {"said": said, "text": text}) if by_mail and side.way == "email" else []
        deed.tell += tells
        if not tells and side.way != CODE:
            deed.later.append(lambda: _call(deed))


def _mail(deed: Deed, side: Side, template: str, words: dict[str, str]) -> list[Tell]:
    part = side.participant
    if part.user is None:
        return tell_participant(part, deed.case, template, words=dict(words), purpose=LINK)
    link = {
        "purpose": LINK, "subject": ["participant", part.pk], "days": setting("link_days"), "path": PATHS[LINK]
    }  # fmt: skip
    told = {**context(deed.case, language=side.language), **words, "link": link}
    return [Tell("email", part.user.email, template, side.language, told)]


def _call(deed: Deed) -> None:
    """Who has no e-mail is told by telephone or letter: that is a task of whoever works the case."""
    owner = deed.columns.get("assignee_id", deed.case.assignee_id)
    if Task.objects.filter(case=deed.case, sort="tell_side", done_at=None).exists():
        return
    deed.make(
        Task(case=deed.case, sort="tell_side", text="", owner_id=owner, due_at=deed.at + dt.timedelta(days=2),
             created_at=deed.at)
    )  # fmt: skip


def message_side(deed: Deed) -> None:
    """Words to one side alone."""
    side, text = chosen_side(deed), str(deed.data["message"])
    deed.personal["text"] = text
    deed.facts["to"] = side.pk
    tell_sides(deed, N_("We wrote to you."), text=text, only=[side])
