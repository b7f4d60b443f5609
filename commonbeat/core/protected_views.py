"""Finds words for what people believe, stand for or belong to: such words may not label a matter (28 CFR 23.20(b)).

A list of stems in English, Spanish and Arabic, not an understanding: it refuses the plain cases, so that nobody makes
a file of views by a slip. Places of worship and demonstrations are places and events, and stay sayable.
"""

from __future__ import annotations

import re
from typing import Final

_STEMS: Final = (
    # religion
    "religio", "muslim", "musulm", "islam", "christian", "cristian", "catholic", "católic", "catolic", "evangelic",
    "evangélic", "protestant", "jewish", "judai", "judío", "judio", "jews", "hindu", "buddhis", "budist", "sikh",
    "mormon", "atheis", "ateo", "ateís", "believer", "creyente", "مسلم", "مسيحي", "يهودي", "ديني", "ملحد",
    # politics
    "politic", "polític", "republican", "democrat", "demócrat", "socialis", "communis", "comunis", "anarchis",
    "anarquis", "liberals", "conservativ", "libertarian", "leftis", "rightis", "left-wing", "right-wing", "antifa",
    "extremis", "radicals", "activis", "protester", "protestor", "dissident", "disident", "manifestante", "سياسي",
    "ناشط", "متظاهر",
    # other views and associations of people
    "ideolog", "ideólog", "union member", "sindicalist", "feminis", "lgbt", "queer", "gays", "lesbian", "transgender",
    "ethnic", "étnic", "immigra", "inmigra", "illegals", "مهاجر",
)  # fmt: skip
_FOUND: Final = re.compile(
    r"(?<!\w)(?:ال)?(?:" + "|".join(re.sub(r"[ -]", r"[\\s_-]+", stem) for stem in _STEMS) + ")", re.IGNORECASE
)


def names_views(text: str) -> str:
    """The first word in a text for a view, belief, origin or association of people; empty when there is none."""
    found = _FOUND.search(text)
    if not found:
        return ""
    rest = re.match(r"\w*", text[found.end() :])
    return found[0] + (rest[0] if rest else "")
