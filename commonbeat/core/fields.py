"""Fields as plain data: one description serves intake pages, category questions, step forms and the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from commonbeat.core.text import N_

DATATYPES = (
    "string", "text", "number", "datetime", "boolean", "singlevaluelist", "multivaluelist", "moment", "time", "photos"
)  # fmt: skip
"""Open311's data types, plus boolean; `datetime` here is a day unless `hint` asks for more. `moment` is a day with a
time and `time` a time of day, both as clocks on the wall show them: whoever reads them knows the zone. `photos` are
the tokens of pictures that were sent before the answer; only steps ask for them."""

MAX_LENGTH = {"string": 300, "text": 4000}


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer; `labels` by language, `label` the source text.

    `danger` marks an answer that says that somebody is in danger now: the emergency number then comes first.
    """

    key: str
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)
    danger: bool = False


@dataclass(frozen=True, slots=True)
class ShowWhen:
    """The field is asked only when an earlier answer is one of these keys."""

    code: str
    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    `source` names a list that the interface fills (user, team, area, category, case, template, outcome, tag, tag_on);
    `personal` answers are kept out of everything public and are shredded with the person. `past` is for a day or a
    moment when something happened: `ahead` finds those that lie in the future.
    """

    code: str
    label: str
    datatype: str = "string"
    required: bool = False
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    show_when: ShowWhen | None = None
    source: str = ""
    personal: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    maximum: float | None = None
    minimum: float | None = None
    initial: Any = None
    past: bool = False

    def __post_init__(self) -> None:
        if self.datatype not in DATATYPES:
            raise ValueError(f"“{self.datatype}” is not a data type. Use one of {', '.join(DATATYPES)}.")

    def asked(self, answers: Mapping[str, Any]) -> bool:
        """True when earlier answers make this question one to ask."""
        if self.show_when is None:
            return True
        given = answers.get(self.show_when.code)
        keys = given if isinstance(given, list | tuple) else [given]
        return any(str(key) in self.show_when.among for key in keys if key is not None)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one answer: a message with parameters, worded and translated by the interface."""

    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Invalid(ValueError):
    """Some answers cannot be taken; `problems` says which and why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.code}: {p}" for p in self.problems))


REQUIRED = N_("Answer this question.")
NOT_A_NUMBER = N_("Enter a number, for example 3 or 2.5.")
NOT_A_DATE = N_("Enter a day such as 2026-03-14.")
NOT_A_CHOICE = N_("Choose one of the answers listed.")
NOT_A_MOMENT = N_("Enter a day and a time such as 2026-03-14 22:30.")
NOT_A_TIME = N_("Enter hours and minutes, such as 14:05.")
TOO_LONG = N_("Shorten this to %(limit)s characters or fewer; it has %(length)s.")
TOO_SMALL = N_("Enter a number that is at least %(limit)s.")
TOO_LARGE = N_("Enter a number that is at most %(limit)s.")
HAS_NULL = N_("Remove the invisible control characters from this text.")


def _text(item: Field, value: Any) -> str:
    text = str(value).replace("\r\n", "\n").strip()
    if "\x00" in text:
        raise Invalid([Problem(item.code, HAS_NULL)])
    limit = int(item.maximum or MAX_LENGTH[item.datatype])
    if len(text) > limit:
        raise Invalid([Problem(item.code, TOO_LONG, {"limit": limit, "length": len(text)})])
    return text


def _number(item: Field, value: Any) -> float | int:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        raise Invalid([Problem(item.code, NOT_A_NUMBER)]) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise Invalid([Problem(item.code, NOT_A_NUMBER)])
    if item.minimum is not None and number < item.minimum:
        raise Invalid([Problem(item.code, TOO_SMALL, {"limit": item.minimum})])
    if item.maximum is not None and number > item.maximum:
        raise Invalid([Problem(item.code, TOO_LARGE, {"limit": item.maximum})])
    return int(number) if number.is_integer() else number


def _moment(item: Field, value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value).strip().replace(" ", "+") if "T" in str(value) else str(value).strip()
    try:
        return dt.datetime.fromisoformat(text).isoformat() if "T" in text else dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise Invalid([Problem(item.code, NOT_A_DATE)]) from None


def _wall_clock(item: Field, value: Any) -> str:
    try:
        return dt.datetime.strptime(str(value).strip().replace("T", " ")[:16], "%Y-%m-%d %H:%M").isoformat()
    except ValueError:
        raise Invalid([Problem(item.code, NOT_A_MOMENT)]) from None


def _time(item: Field, value: Any) -> str:
    try:
        return dt.datetime.strptime(str(value).strip().replace(".", ":")[:5], "%H:%M").strftime("%H:%M")
    except ValueError:
        raise Invalid([Problem(item.code, NOT_A_TIME)]) from None


def _choices(item: Field, value: Any) -> list[str]:
    given = [str(v) for v in (value if isinstance(value, list | tuple) else [value]) if v not in (None, "")]
    known = {choice.key for choice in item.choices}
    if item.choices and not known.issuperset(given):
        raise Invalid([Problem(item.code, NOT_A_CHOICE)])
    return list(dict.fromkeys(given))


def clean_one(item: Field, value: Any) -> Any:
    """Return the answer in its stored form, JSON-able; raise `Invalid` with what to do."""
    if item.datatype == "boolean":
        return value in (True, "on", "true", "True", "1", "yes")
    empty = value in (None, "", []) or (isinstance(value, str) and not value.strip())
    if empty:
        if item.required:
            raise Invalid([Problem(item.code, REQUIRED)])
        return None
    match item.datatype:
        case "number":
            return _number(item, value)
        case "datetime":
            return _moment(item, value)
        case "moment":
            return _wall_clock(item, value)
        case "time":
            return _time(item, value)
        case "photos":
            return [str(token)[:200] for token in value] if isinstance(value, list | tuple) else [str(value)[:200]]
        case "multivaluelist":
            return _choices(item, value)
        case "singlevaluelist":
            chosen = _choices(item, value)
            return chosen[0] if chosen else None
        case _:
            return _text(item, value)


AHEAD = N_("This lies in the future. Enter when it was.")
SLACK = dt.timedelta(minutes=10)
"""No two clocks show the same; what happened this minute must never be refused."""


def ahead(
    fields: Iterable[Field], answers: Mapping[str, Any], *, now: Callable[[], dt.datetime]
) -> list[Problem]:  # fmt: skip
    """What cannot have happened yet among clean answers.

    `now` says what the agency's clocks show, without a zone; nearly no form asks for a day that is past, so it is only
    asked then.
    """
    given = {item.code: str(answers.get(item.code) or "")[:19] for item in fields if item.past}
    if not given:
        return []
    latest = (now() + SLACK).isoformat(timespec="seconds")
    return [Problem(code, AHEAD) for code, value in given.items() if value > latest[: len(value)]]


def clean(fields: Iterable[Field], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that were asked and given; raise one `Invalid` with every problem found.

    Answers to questions that earlier answers hide are dropped: nobody was asked them.
    """
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for item in fields:
        if not item.asked(answers):
            continue
        if item.datatype == "boolean" and item.code not in data and item.initial is None:
            continue  # nobody decided: whoever reads it decides by the case
        try:
            value = clean_one(item, data.get(item.code))
        except Invalid as refused:
            problems.extend(refused.problems)
            continue
        if value is not None:
            answers[item.code] = value
    if problems:
        raise Invalid(problems)
    return answers
