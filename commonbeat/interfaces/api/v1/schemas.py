"""What goes in and out of the JSON API."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field, StringConstraints


def _no_null(value: str) -> str:
    if "\x00" in value:
        raise ValueError("Remove the null character.")
    return value


Text = Annotated[str, AfterValidator(_no_null)]
Code = Annotated[str, StringConstraints(max_length=60), AfterValidator(_no_null)]


class Error(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(Schema):
    """Why a request cannot be served, and what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Error] | None = None


class Choice(Schema):
    """One possible answer."""

    key: str
    label: str


class Question(Schema):
    """One question of a category."""

    code: str
    label: str
    datatype: str
    required: bool
    hint: str
    choices: list[Choice]
    show_when: dict[str, Any] | None = Field(description="Asked only if the answer to `question` is `in` this list.")


class Category(Schema):
    """A category of concern in one language."""

    code: str
    kind: str
    language: str
    group: str
    name: str
    description: str
    keywords: list[str]
    questions: list[Question]
    retired: bool


class Categories(Schema):
    """Every category, in the order in which residents see them."""

    categories: list[Category]


class Card(Schema):
    """What the public may know of a case. The place is blurred."""

    reference: str
    kind: str
    category: str | None
    area: int | None
    state: str
    closed: bool
    outcome: str | None
    text: str
    answer: str
    lat: float | None
    long: float | None
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    expected_at: dt.datetime | None
    agency: str


class Cards(Schema):
    """One page of cards, newest first."""

    cards: list[Card]
    next: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


class CaseOut(Schema):
    """A case as a program of the department sees it: without who reported it."""

    reference: str
    kind: str
    state: str
    version: int
    category: str | None
    area: int | None
    team: int | None
    channel: str
    language: str
    text: str
    answers: dict[str, Any]
    address: str
    lat: float | None
    long: float | None
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    due_at: dt.datetime | None
    outcome: str | None
    tags: list[str] = Field(description="Codes of the department's tags: what the matter is about.")
    steps: list[str] = Field(description="Steps that this key may take now.")


class CaseTaken(CaseOut):
    """A case after a step."""

    notice: str | None = Field(None, description="Show this first: what was written sounds like danger in progress.")


class Cases(Schema):
    """One page of cases, newest first."""

    cases: list[CaseOut]
    next: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


class Tag(Schema):
    """One word of the department for a sort of matter."""

    code: str
    name: str
    description: str
    retired: bool


class Tags(Schema):
    """Every tag, by name."""

    tags: list[Tag]


class Event(Schema):
    """One entry of a case's journal, without personal words."""

    number: int
    verb: str
    at: dt.datetime
    by: str = Field(description="staff, key, reporter, system or anonymous")
    from_state: str | None
    to_state: str | None


class Timeline(Schema):
    """What happened to a case, oldest first."""

    events: list[Event]


class Contact(Schema):
    """A reporter's contact details; a hidden reporter has none here."""

    role: str
    hidden: bool
    name: str
    email: str
    phone: str
    told_by: str
    language: str


class Contacts(Schema):
    """Everybody who reported a case."""

    contacts: list[Contact]


class NewCase(Schema):
    """A report to open a case from. Say where: a point, an address, or an area."""

    category: Code
    text: Annotated[Text, StringConstraints(max_length=4000)] = ""
    address: Annotated[Text, StringConstraints(max_length=300)] = ""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    long: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    area: Annotated[int, Field(ge=1, le=2**62)] | None = None
    answers: dict[Code, Text | bool | Annotated[float, Field(allow_inf_nan=False)] | list[Text]] = {}
    name: Annotated[Text, StringConstraints(max_length=200)] = ""
    email: Annotated[Text, StringConstraints(max_length=254)] = ""
    phone: Annotated[Text, StringConstraints(max_length=40)] = ""
    hidden: bool = Field(False, description="Staff see who this is only after an approved request.")
    language: Annotated[Text, StringConstraints(max_length=10, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,6})?$")] = "en"


class Opened(Schema):
    """The case that a report became."""

    reference: str
    state: str
    version: int
    code: str | None = Field(description="The reporter's return code. It is told once; a replay gets null.")
    notice: str | None = Field(description="Show this first: the report sounds like danger in progress.")


class StepIn(Schema):
    """A step to take. `version` is what you read; without it the step is taken whatever happened since."""

    data: dict[Code, Text | bool | Annotated[float, Field(allow_inf_nan=False)] | list[Text] | None] = {}
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class NewCall(Schema):
    """A call that dispatch hands over. Say where: a point, an address, or an area."""

    number: Annotated[Text, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)] = Field(
        description="The number of the call in your system. The same number again finds the first call."
    )
    sort: Code = Field(description="A code of `/calls/sorts`.")
    text: Annotated[Text, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
    happened_at: dt.datetime = Field(description="With an offset; without one it counts as UTC.")
    address: Annotated[Text, StringConstraints(max_length=300)] = ""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    long: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    area: Annotated[int, Field(ge=1, le=2**62)] | None = None
    in_progress: bool = Field(False, description="It goes on now: only sworn officers take it.")
    caller: Annotated[Text, StringConstraints(max_length=200)] = ""
    phone: Annotated[Text, StringConstraints(max_length=40)] = ""
    language: Annotated[Text, StringConstraints(max_length=10, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,6})?$")] = "en"
    unfit: Literal["return", "sworn"] = Field(
        "return", description="A call that only sworn officers take: comes back to you, or goes to them."
    )


class CallOut(Schema):
    """What became of a call."""

    number: str
    reference: str
    sort: str
    state: str = Field(description="queued, sworn, taken, reported, or returned: then it is yours again")
    why: str = Field(description="Why it is yours again, or was put back.")
    changed_at: dt.datetime


class Calls(Schema):
    """Calls that this key reaches, the last changed first."""

    calls: list[CallOut]


class SortOut(Schema):
    """A sort of incident in use."""

    code: str
    name: str
    sworn_only: bool


class Sorts(Schema):
    """Every sort in use."""

    sorts: list[SortOut]
