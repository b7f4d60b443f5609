"""Which column of a survey's file is what: guessed from names and answers; what points at a person stays out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django.utils.text import slugify

from commonbeat.core.fields import Problem
from commonbeat.core.personal_data import find_personal
from commonbeat.core.protected_views import names_views
from commonbeat.core.text import N_

OUT, SCALE, YES_NO, CHOICE, NUMBER = "", "scale", "yesno", "choice", "number"
GROUP, AREA, WEIGHT, STRATUM, CLUSTER, KEY, DAY = "group", "area", "weight", "stratum", "cluster", "key", "day"
QUESTIONS = (SCALE, YES_NO, CHOICE, NUMBER)
ROLES = {
    OUT: N_("Leave out"),
    SCALE: N_("Question with a scale"),
    YES_NO: N_("Question: yes or no"),
    CHOICE: N_("Question: one of several answers"),
    NUMBER: N_("Question: a number"),
    GROUP: N_("Group, such as age band or language"),
    AREA: N_("Area where they live"),
    WEIGHT: N_("Weight of the sample"),
    STRATUM: N_("Stratum of the sample"),
    CLUSTER: N_("Cluster of the sample"),
    KEY: N_("Number of the questionnaire"),
    DAY: N_("Day of the answer"),
}
_ONCE = (AREA, WEIGHT, STRATUM, CLUSTER, KEY, DAY)
MOST_CATEGORIES = 30

NAMES_PERSON = N_("It holds names, addresses or numbers that point at a person.")
FREE_TEXT = N_("It holds what people wrote in their own words, in which anybody may be named.")
VIEWS = N_("It asks what people believe or belong to (“%(word)s”). Such answers are not kept.")

NO_DATA = frozenset(
    ("", "na", "n/a", "nan", "null", "none", "-", "--", ".", "dk", "don't know", "don’t know", "do not know", "refused",
     "no answer", "no response", "prefer not to say", "prefer not to answer", "not sure", "unsure", "no opinion",
     "no sé", "no se", "no contesta", "ns/nc", "skipped")
)  # fmt: skip
"""Words that are no answer; they count as not answered."""
YES = frozenset(("yes", "y", "true", "1", "sí", "si", "x", "checked", "selected"))
NO = frozenset(("no", "n", "false", "0", "unchecked", "not selected"))
SCALES = (
    ("Not at all", "A little", "Somewhat", "A lot", "To a great extent"),
    ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"),
    ("Strongly disagree", "Disagree", "Agree", "Strongly agree"),
    ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"),
    ("Very unsafe", "Unsafe", "Neither safe nor unsafe", "Safe", "Very safe"),
    ("Very unsafe", "Somewhat unsafe", "Somewhat safe", "Very safe"),
    ("Very poor", "Poor", "Fair", "Good", "Very good"),
    ("Poor", "Fair", "Good", "Very good", "Excellent"),
    ("Never", "Rarely", "Sometimes", "Often", "Always"),
)
_PERSON = re.compile(
    r"\b(names?|first ?name|last ?name|surname|nombre|apellidos?|e ?-?mail|correo|phone|mobile|telephone|tel[eé]fono|"
    r"street|address|direcci[oó]n|zip ?4|ip|ip ?address|birth ?(day|date)|date of birth|dob|ssn|social security|"
    r"latitude|longitude|lat|lon|contact|license|plate|handle|user ?name|device)\b", re.I,
)  # fmt: skip
_SURE = frozenset(("email", "phone", "ssn", "card", "address_unit"))
_OPEN = re.compile(r"\b(comments?|comentarios?|other ?text|open ?end(ed)?|verbatim|remarks?|explain|why|text)\b", re.I)
_NAMED = (
    (WEIGHT, r"^(design |sample |base |final )?w(eigh)?ts?$|weight"),
    (STRATUM, r"^(strat(um|a)|layer)$"),
    (CLUSTER, r"^(cluster|psu|block ?group|sampling point)$"),
    (DAY, r"^(date|day|completed|submitted|interview date|start ?date|end ?date|timestamp)$"),
    (KEY, r"^(id|number|no|case ?id|resp(ondent)?( ?id| ?no)?|questionnaire|record ?id|serial)$"),
    (AREA, r"area|ward|neighbou?rhood|beat|district|precinct|community|barrio|zone"),
    (GROUP, r"^(age|sex|gender|language|idioma|race|tenure|income|education|home|housing|years)\b|band|group$"),
)


@dataclass(frozen=True)
class Use:
    """What one column is. `scale` is worst to best: 1-5, 5-1, or words with bars between. `key` names a question."""

    column: str
    role: str = OUT
    label: str = ""
    scale: str = ""
    key: str = ""

    @property
    def is_question(self) -> bool:
        """Whether it is an answer."""
        return self.role in QUESTIONS

    def words(self) -> list[str]:
        """The answers of a scale in words, worst first; empty when it is a scale of numbers."""
        return [word.strip() for word in self.scale.split("|") if word.strip()] if "|" in self.scale else []

    def ends(self) -> tuple[float, float] | None:
        """The worst and the best number of a scale; None when they cannot be read."""
        if words := self.words():
            return (1.0, float(len(words))) if len(words) > 1 else None
        match = re.fullmatch(r"\s*(-?\d+)\s*(?:-|–|to|a)\s*(-?\d+)\s*", self.scale)
        return (float(match[1]), float(match[2])) if match and match[1] != match[2] else None

    def as_dict(self) -> dict[str, str]:
        """What JSON stores."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Use:
        """What `as_dict` wrote."""
        return cls(**{field.name: str(stored.get(field.name, "")) for field in fields(cls)})


def is_answer(text: str) -> bool:
    """Whether somebody answered."""
    return text.strip().casefold() not in NO_DATA


def locked(column: str, texts: Sequence[str]) -> Problem | None:
    """Why a column must not be taken in, whoever wants it; None when it may."""
    name = re.sub(r"[_\W]+", " ", column).strip()
    said = [text.strip() for text in texts if is_answer(text)]
    if _PERSON.search(name) and not _is_yes_no(said):
        return Problem(column, NAMES_PERSON)
    if any(map(_points_at_somebody, list(dict.fromkeys(said))[:40])):
        return Problem(column, NAMES_PERSON)
    if word := names_views(name):
        return Problem(column, VIEWS, {"word": word})
    long = [text for text in said if len(text) > 40 or len(text.split()) > 7]
    different = len({text.casefold() for text in said})
    if different > 0.5 * len(said) and sum(len(text.split()) > 2 for text in said) > max(8, 0.5 * len(said)):
        return Problem(column, FREE_TEXT)
    if said and not _is_numbers(said) and different > max(8, 0.5 * len(said)) and (long or _OPEN.search(name)):
        return Problem(column, FREE_TEXT)
    if len(long) > 0.3 * len(said) and different > max(12, 0.2 * len(said)):
        return Problem(column, FREE_TEXT)
    return None


def _points_at_somebody(text: str) -> bool:
    return any(found.sure and found.kind in _SURE for found in find_personal(text[:500], language="en"))


def guess(
    columns: Mapping[str, Sequence[str]], *, area_names: frozenset[str], earlier: Iterable[Use] = ()
) -> list[Use]:
    """The likeliest use of each column; as in an earlier wave where it had the same column. `columns` hold a sample."""
    known = {use.column: use for use in earlier}
    taken: set[str] = {use.role for name, use in known.items() if name in columns}
    found = []
    for name, texts in columns.items():
        use = known[name] if name in known else _guessed(name, texts, area_names, taken)
        if locked(name, texts):
            use = replace(use, role=OUT)
        taken.add(use.role)
        found.append(use)
    return found


def _guessed(name: str, texts: Sequence[str], area_names: frozenset[str], taken: set[str]) -> Use:
    plain = re.sub(r"[_\W]+", " ", name).strip()
    said = [text.strip() for text in texts if is_answer(text)]
    base = Use(name, OUT, plain[:1].upper() + plain[1:])
    if not said:
        return base
    for role, pattern in _NAMED:
        if re.search(pattern, plain, re.I) and role not in taken - {GROUP} and _holds(role, said, area_names):
            return replace(base, role=role)
    return _question(base, said)


def _holds(role: str, said: list[str], area_names: frozenset[str]) -> bool:
    different = len({text.casefold() for text in said})
    if role == WEIGHT:
        return _is_numbers(said)
    if role == AREA:
        return sum(text.casefold() in area_names for text in said) > 0.5 * len(said)
    if role == KEY:
        return different > 0.9 * len(said)
    if role == DAY:
        return bool(re.match(r"\d{1,4}[-/.]\d{1,2}", said[0]))
    return different <= MOST_CATEGORIES if role == GROUP else True


def _question(base: Use, said: list[str]) -> Use:
    folded = {text.casefold() for text in said}
    for words in SCALES:
        on_it = {word.casefold() for word in words}
        # A few odd answers do not make it another question; they are told row by row.
        if sum(text.casefold() in on_it for text in said) >= 0.9 * len(said) and len(folded & on_it) > 1:
            return replace(base, role=SCALE, scale=" | ".join(words))
    if _is_numbers(said):
        numbers = {float(text) for text in said}
        if numbers <= {0.0, 1.0}:
            return replace(base, role=YES_NO)
        low, high = min(numbers), max(numbers)
        if all(number.is_integer() for number in numbers) and low >= 0 and high <= 10:
            top = next(end for end in (3, 4, 5, 7, 10) if high <= end)
            return replace(base, role=SCALE, scale=f"{min(int(low), 1)}-{top}")
        return replace(base, role=NUMBER) if len(numbers) > 2 else base
    if _is_yes_no(said):
        return replace(base, role=YES_NO)
    return replace(base, role=CHOICE) if len(folded) <= 12 else base


def _is_yes_no(said: Sequence[str]) -> bool:
    folded = {text.casefold() for text in said}
    return bool(folded) and folded <= YES | NO


def _is_numbers(said: Sequence[str]) -> bool:
    try:
        return all(abs(float(text)) < 1e12 for text in said) and bool(said)
    except ValueError:
        return False


class BadUses(ValueError):
    """The columns are not said well enough; problems by column number (from 0), or -1 for all of them."""

    def __init__(self, problems: Mapping[int, Problem]) -> None:
        super().__init__(" ".join(map(str, problems.values())))
        self.problems = dict(problems)


NO_QUESTION = N_("Say which columns are questions: at least one is needed.")
TWICE = N_("Two columns cannot both be this. Leave one of them out.")
NO_SCALE = N_("Write the scale from worst to best: 1-5, or 5-1 where 1 is best, or its words with | between them.")
NO_AREAS = N_("Nobody said yet which areas this survey speaks of. Bring the file in again and choose them.")
SAME_KEY = N_("Two columns are the same question or group. Leave one of them out.")
TOO_MANY = N_("It has %(count)s different values, which is too many for a group or a choice. Join some of them first.")


def check(uses: Sequence[Use], columns: Mapping[str, Sequence[str]], *, with_areas: bool) -> list[Use]:
    """The uses with a key for each question and group. Raises `BadUses`; `columns` hold every value of the file."""
    problems: dict[int, Problem] = {}
    seen: dict[str, int] = {}
    out = []
    for number, use in enumerate(uses):
        if use.is_question or use.role == GROUP:
            chosen = use.key if use.is_question else ""
            use = replace(use, key=chosen or slugify(use.column)[:50] or f"column-{number + 1}")
        problem = _wrong(use, columns.get(use.column, ()), with_areas) if use.role else None
        for mark in _marks(use):
            if mark in seen:
                problem = Problem(use.column, TWICE if use.role in _ONCE else SAME_KEY)
            seen[mark] = number
        if problem:
            problems[number] = problem
        out.append(use)
    if not any(use.is_question for use in out):
        problems[-1] = Problem("", NO_QUESTION)
    if problems:
        raise BadUses(problems)
    return out


def _marks(use: Use) -> list[str]:
    """What no second column may be."""
    if use.role in _ONCE:
        return [use.role]
    if use.role == GROUP:
        return [f"group {use.key}"]
    return [f"question {use.key}"] if use.is_question else []


def _wrong(use: Use, texts: Sequence[str], with_areas: bool) -> Problem | None:
    if found := locked(use.column, texts):
        return found
    named = [use.label, *(set(texts) if use.role == GROUP else ())]
    if (use.is_question or use.role == GROUP) and (word := next(filter(None, map(names_views, named)), "")):
        return Problem(use.column, VIEWS, {"word": word})
    if use.role == AREA and not with_areas:
        return Problem(use.column, NO_AREAS)
    if use.role == SCALE and use.ends() is None:
        return Problem(use.column, NO_SCALE)
    different = len({text.strip().casefold() for text in texts if is_answer(text)})
    if use.role in (GROUP, CHOICE) and different > MOST_CATEGORIES:
        return Problem(use.column, TOO_MANY, {"count": different})
    return None
