"""What somebody who is not sworn may not do: found, refused, and led to a call for sworn officers (RULES 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from commonbeat.community.models import User
from commonbeat.core.danger import danger_in
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.field_report.models import FieldReport, SwornCall
from commonbeat.kinds.field_report.sorts import sort_of
from commonbeat.kinds.field_report.vocabulary import SIGNS, label

CALL = N_("This needs a sworn officer: %(why)s. Use “Call sworn officers”; go on when one of them has taken it.")
SOUNDS = N_(
    "“%(words)s” sounds like work of sworn officers. Call them, or say below why it is not: it is over, or somebody "
    "only told you about it."
)

# What a report by somebody without police powers should not say that they did or met. English and Spanish stems.
_WORDS: Final[Mapping[str, str]] = {
    "arrest": r"arrest\w*|handcuff\w*|detain\w*|took \w+ into custody|in custody|frisk\w*|pat(?:ted)? down|"
              r"search(?:ed)? (?:him|her|them|his|the suspect)|arrestad\w*|esposad\w*|detuv\w*|detenid\w*",
    "pursuit": r"chas(?:ed|ing)|pursu(?:ed|ing|it)|ran after|followed (?:him|her|them|the (?:suspect|car|driver))|"
               r"pulled (?:him|her|them) over|traffic stop|persegu\w*|perseci\w*",
    "weapon": r"guns?|pistols?|rifles?|firearms?|knife|knives|machete|shots? fired|armed|arma de fuego|pistola|"
              r"cuchillo|navaja",
    "violence": r"fight(?:ing)?|punch\w*|assault\w*|attack(?:ed|ing)|threaten\w*|agredi\w*|golpe[oóa]\w*|amenaz\w*",
    "present": r"suspect (?:is|was|remained|stood|came)\b|still (?:here|inside|on scene)|"
               r"el sospechoso (?:está|estaba|sigue)",
}  # fmt: skip
_FINDERS: Final = {sign: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.I) for sign, pattern in _WORDS.items()}
_HARMLESS: Final = re.compile(
    r"(?<!\w)(?:fight(?:ing)? graffiti|glue gun|nail gun|no (?:weapons?|knife|guns?))(?!\w)", re.I
)


def words_of_powers(text: str, *, language: str) -> dict[str, str]:
    """Signs in a text, each with the words that gave it away; danger that goes on now counts as violence."""
    bare = _HARMLESS.sub(" ", text)
    found = {sign: hit[0] for sign, finder in _FINDERS.items() if (hit := finder.search(bare))}
    danger = danger_in(bare, language=language)
    if danger and danger.level == "now" and not found:
        found["violence"] = danger.words[0] if danger.words else ""
    return found


def is_sworn(user_id: int | None) -> bool:
    """True for somebody with police powers."""
    return User.objects.filter(pk=user_id, sworn=True, is_active=True).exists()


def all_signs(sort: str, signs: Iterable[str]) -> list[str]:
    """The signs that were given, with that of the sort."""
    known = sort_of(sort)
    return sorted({*signs, *([known.sworn] if known and known.sworn else [])})


def reasons(sort: str, signs: Iterable[str]) -> list[str]:
    """Why sworn officers are needed, in source words; nothing where they are not."""
    return [label(SIGNS, sign) for sign in all_signs(sort, signs)]


def taken_over(report: FieldReport) -> bool:
    """True when a sworn officer has taken the latest call of this report."""
    last = SwornCall.objects.filter(report=report).order_by("-asked_at", "-pk").first()
    return last is not None and last.accepted_at is not None


def check_signs(report: FieldReport, *, sort: str, signs: Iterable[str], user_id: int | None) -> None:
    """Raise `Invalid` where somebody who is not sworn goes on with what only sworn officers do."""
    why = reasons(sort, signs)
    if why and not is_sworn(user_id) and not (taken_over(report) and set(all_signs(sort, signs)) <= set(report.signs)):
        raise Invalid([Problem("signs", CALL, {"why": "; ".join(why)})])


def check_words(report: FieldReport, text: str, *, not_now: str, language: str, user_id: int | None) -> None:
    """Raise `Invalid` for words of police powers that nobody has explained and no sworn officer has taken over."""
    found = words_of_powers(text, language=language)
    if found and not not_now.strip() and not is_sworn(user_id) and not taken_over(report):
        raise Invalid([Problem("not_now", SOUNDS, {"words": ", ".join(found.values())})])
