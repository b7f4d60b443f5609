"""What is said of further outcomes and of groups: every one of them, whatever it found; needs no statistics."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from commonbeat.core.text import N_
from commonbeat.evidence.studies import words
from commonbeat.evidence.studies.plan import PRIMARY
from commonbeat.evidence.studies.words import Say

METHODS: Mapping[str, str] = {
    "romano-wolf": N_("p, corrected for several outcomes (Romano and Wolf)"),
    "false-discovery": N_("p, corrected for several outcomes (Benjamini and Hochberg)"),
    "": N_("p, corrected for several outcomes"),
}
NOT_RELEASED = N_("The answers of this survey were not released yet. The finding will stand here once they are.")
CLEAR, UNCLEAR = N_("A clear difference"), N_("No clear difference")
DECLINED, WITHHELD = N_("No answer"), N_("Not released yet")
NAMED_BEFORE, NAMED_AFTER = N_("Named beforehand"), N_("Named afterwards: only a hint")
TOO_FEW = N_("Too few events or areas in one of the groups, so neither is shown.")
LOOKS_BACK = N_("The follow-up was there already, so somebody could know what it says.")


def unseen(result: Mapping[str, Any], released: Collection[int]) -> set[str]:
    """Keys of outcomes that the public must not read: their survey was not released, or was withdrawn."""
    return {row["key"] for row in result.get("outcomes", ()) if not set(row.get("waves", ())) <= set(released)}


def outcomes(result: Mapping[str, Any], say: Say, *, hidden: Collection[str] = ()) -> list[dict[str, Any]]:
    """Every outcome of a study that has several, the one that counts first; empty where there is one alone."""
    if not result.get("outcomes"):
        return []
    adjusted = result["adjustment"]["p"]
    first = {
        "key": PRIMARY, "name": result["names"]["outcome_name"], "said": result["said"]["first"],
        "result": result["first"], "share": result["shares"]["first"], "adjusted": adjusted.get(PRIMARY),
    }  # fmt: skip
    rows = [_outcome(first, say, counts=True)]
    return rows + [
        _withheld(row, say) if row["key"] in hidden else _outcome(row, say) for row in result["outcomes"]
    ]  # fmt: skip


def _withheld(row: Mapping[str, Any], say: Say) -> dict[str, Any]:
    return {
        "name": row["name"], "head": row["name"], "counts": False, "finding": say(NOT_RELEASED), "change": "", "p": "",
        "adjusted": "", "tone": "neutral", "label": say(WITHHELD), "note": "", "checks": [], "sides": None,
    }  # fmt: skip


def _outcome(row: Mapping[str, Any], say: Say, *, counts: bool = False) -> dict[str, Any]:
    stored = row["result"]
    answered = stored.get("sort") == "effect"
    clear = answered and row.get("clear", _is_clear(stored))
    label = DECLINED if not answered else CLEAR if clear else UNCLEAR
    return {
        "name": row["name"], "head": "" if answered else row["name"], "counts": counts,
        "finding": words.said(row["said"], say) or _why(stored, say),
        "change": words.percent(row["share"]) if row["share"] else _points(stored, say),
        "p": words.p_value(stored.get("p")),
        "adjusted": words.p_value(row["adjusted"]), "tone": "active" if clear else "neutral", "label": say(label),
        "note": say(LOOKS_BACK) if row.get("known") else "", "checks": _checks(stored, say) if row.get("asked") else [],
        "sides": sides(stored, say) if row.get("asked") else None,
    }  # fmt: skip


def _is_clear(stored: Mapping[str, Any]) -> bool:
    """Whether the interval of the first outcome leaves “no difference” out."""
    bounds = [bound for bound in stored["interval"] if isinstance(bound, int | float)]
    nothing = 1.0 if stored["scale"] == "ratio" else 0.0
    return len(bounds) == 2 and not bounds[0] <= nothing <= bounds[1]


def _why(stored: Mapping[str, Any], say: Say) -> str:
    return " ".join([say(N_("It declined to answer.")), *words.reasons(stored, say)])


def _points(stored: Mapping[str, Any], say: Say) -> str:
    """A difference in points with its interval."""
    if stored.get("scale") not in ("points", "score"):
        return ""
    digits, (low, high) = (1 if stored["scale"] == "points" else 2), stored["interval"]
    text = f"{stored['estimate']:+.{digits}f} ({low:+.{digits}f} … {high:+.{digits}f})"
    return f"{text} {say(N_('percentage points'))}" if stored["scale"] == "points" else text


def _checks(stored: Mapping[str, Any], say: Say) -> list[dict[str, Any]]:
    """The checks of an outcome that is asked for: those of counts stand with the first one."""
    return words.checks(stored, say) if stored.get("sort") == "effect" else []


def sides(stored: Mapping[str, Any], say: Say) -> dict[str, Any] | None:
    """What people said on both sides in both waves, where no small group could be worked out."""
    series = stored.get("series") or []
    if len(series) < 2:
        return None
    digits = 0 if stored["scale"] == "points" else 2
    return {
        "heads": ["", *series[0]["at"]],
        "rows": [
            [words.said(one["label"], say), *(
                f"{value:.{digits}f} ({low:.{digits}f} … {high:.{digits}f})"
                for value, low, high in zip(one["values"], one["low"], one["high"], strict=True)
            )]
            for one in series
        ],
    }  # fmt: skip


def splits(result: Mapping[str, Any], say: Say) -> list[dict[str, Any]]:
    """Every pair of groups: what was named beforehand first, what came afterwards marked as a hint."""
    rows = sorted(result.get("splits", ()), key=lambda row: not row["planned"])
    return [_split(row, say) for row in rows]


def _split(row: Mapping[str, Any], say: Say) -> dict[str, Any]:
    told = {
        "name": row["name"], "planned": row["planned"], "label": say(NAMED_BEFORE if row["planned"] else NAMED_AFTER),
        "tone": "done" if row["planned"] else "waiting", "finding": words.said(row["said"], say), "groups": [],
        "gap": "", "p": "", "adjusted": words.p_value(row["adjusted"]),
    }  # fmt: skip
    gap = row["gap"]
    if not gap:
        few = {short["precondition"] for short in row["refusal"]["shortfalls"]} == {"events-of-groups"}
        reasons = " ".join(words.reasons(row["refusal"], say))
        return told | {"finding": say(TOO_FEW) if few else f"{say(N_('It declined to answer.'))} {reasons}"}
    low, high = gap["interval"]
    groups = zip((row["first"], row["second"]), gap["ratios"], gap["intervals"], gap["units"], strict=True)
    return told | {
        "gap": f"× {gap['gap']:.2f} ({low:.2f} … {high:.2f})", "p": words.p_value(gap["p"]),
        "groups": [
            {"name": name, "units": units,
             "change": words.percent([100 * (value - 1) for value in (ratio, *interval)])}
            for name, ratio, interval, units in groups
        ],
    }  # fmt: skip


def foretold(further: Iterable[Mapping[str, Any]], ahead: Mapping[str, Any], say: Say) -> list[dict[str, Any]]:
    """What each further outcome can see, before anybody looks: its name, the sentence, and whether it is known."""
    seen = ahead.get("further", {})
    return [
        {"name": one["name"], "text": words.foretold(seen[one["key"]], say),
         "note": say(LOOKS_BACK) if seen[one["key"]].get("known") else ""}
        for one in further if one["key"] in seen
    ]  # fmt: skip


def plan_rows(plan: Mapping[str, Any], labels: Mapping[str, str], say: Say) -> list[tuple[str, str]]:
    """Further outcomes and groups of a plan as terms and texts."""
    rows = [(N_("Further outcome"), _outcome_words(one, say)) for one in plan.get("further", ())]
    return rows + [(N_("Groups"), _split_words(one, labels, say)) for one in plan.get("splits", ())]


def _outcome_words(one: Mapping[str, Any], say: Say) -> str:
    if one["wave"]:
        frame = say(N_("{name} (survey; asked again from {day} on)"))
        return frame.format(name=one["name"], day=one["again_from"])
    what = one["column"] or "; ".join(one["sorts"])
    return f"{one['name']} ({what})" if what and what != one["name"] else str(one["name"])


def _split_words(one: Mapping[str, Any], labels: Mapping[str, str], say: Say) -> str:
    what = one["column"] or "; ".join(one["sorts"]) or ", ".join(labels.get(unit, unit) for unit in one["areas"])
    frame = say(N_("{name}: {first} ({what}) and {second}"))
    return frame.format(name=one["name"], first=one["first"], second=one["second"], what=what)
