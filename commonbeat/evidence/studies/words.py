"""What pages, files and the command line say about a study; needs no statistics, as a run stores its phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from commonbeat.core.text import N_

Say = Callable[[str], str]

VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "no-answer": (
        "neutral", N_("These data cannot answer the question"),
        N_("The design needs more than the data hold. It says so instead of giving a number that means nothing."),
    ),
    "unreliable": (
        "problem", N_("Do not rely on this number"),
        N_("At least one check failed. Something else than the programme can explain what was found."),
    ),
    "unclear": (
        "waiting", N_("We cannot tell whether anything changed"),
        N_("What was found can be chance. A change as large as we expected is possible, and so is none."),
    ),
    "nothing-large": (
        "neutral", N_("No change as large as expected"),
        N_("No clear change was found. A change as large as we expected does not fit the numbers."),
    ),
    "doubtful": (
        "waiting", N_("There was a change, with doubts about the cause"),
        N_("The change is larger than chance, but several checks give reason for doubt."),
    ),
    "clear": (
        "done", N_("There was a clear change"),
        N_("It is larger than chance, and the checks found no other explanation."),
    ),
}  # fmt: skip
"""By verdict: tone, headline, and what it means."""

STATES: Mapping[str, tuple[str, str]] = {
    "pass": ("done", N_("Passed")),
    "warn": ("waiting", N_("Take care")),
    "fail": ("problem", N_("Failed")),
    "note": ("neutral", N_("To know")),
}
"""By state of a check: tone and label."""

CHECKS: Mapping[str, str] = {
    "registered": N_("Was everything decided beforehand?"),
    "unchanged": N_("Are the old numbers still the same?"),
    "complete": N_("Was it measured as long as planned?"),
    "regression": N_("Would such places have calmed down by themselves?"),
    "detectable": N_("Is the study large enough?"),
    "agreement": N_("Do both designs say the same?"),
    "naive": N_("What would a mere before and after have said?"),
    "dose": N_("Did the programme take place?"),
    "one-outcome": N_("How many outcomes were looked at?"),
    "several-outcomes": N_("How many outcomes were looked at?"),
    "explored": N_("Was something looked at that nobody had planned?"),
    "answers": N_("Are there enough answers?"),
    "sampling": N_("How were people chosen?"),
    "areas-as-units": N_("Do the places agree, or do single ones move that much by themselves?"),
    "who-answers": N_("Can those who answer have changed?"),
    "reporting": N_("Can reporting have changed?"),
    "programme": N_("What misleads about such programmes?"),
    "trend-before": N_("Did the places drift apart before?"),
    "flat-before": N_("Were the paths before the start parallel?"),
    "parallel-before": N_("Were the paths before the start parallel?"),
    "alike-before": N_("Were the places alike before?"),
    "balance": N_("Were the places alike before?"),
    "breakdown": N_("How much departure from parallel paths would undo the result?"),
    "placebo-start": N_("Is there an effect where there was none: at an earlier date?"),
    "placebo-space": N_("Is there an effect where there was none: in other places?"),
    "placebo-in-space": N_("Is there an effect where there was none: in other places?"),
    "unusual": N_("How unusual is the result among similar places?"),
    "displacement": N_("Did events move around the corner?"),
    "small-counts": N_("Are there enough events?"),
    "few-units": N_("Are there enough places?"),
    "dominance": N_("Does one place decide the result?"),
    "dropped": N_("Was anything left out?"),
    "denominator": N_("What are the rates divided by?"),
    "dispersion": N_("How much do the counts vary?"),
    "effective-comparison": N_("How many places stand behind the comparison?"),
    "autocorrelation": N_("Do neighbouring periods hang together?"),
    "no-comparison": N_("Is there anything to compare with?"),
    "past-only": N_("Is there anything to compare with?"),
    "two-way-weights": N_("Would a simple regression have been misled?"),
}  # fmt: skip

PICTURES: Mapping[str, str] = {
    "estimates": N_("The answers beside each other"),
    "course": N_("Events by period"),
    "dose": N_("What was delivered"),
    "path": N_("Before and after, step by step"),
    "rings": N_("Around the corner"),
    "first": N_("The design that was named first"),
    "second": N_("The second opinion"),
}

NOT_FORETOLD: Mapping[str, str] = {
    "detectable": N_("How small a change the study can find cannot be said. {why}"),
    "regression-to-the-mean": N_("How much such places change by themselves cannot be said. {why}"),
}
"""By the forecast that declined: what it would have told."""

RUN_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("waiting", N_("Waiting")),
    "running": ("active", N_("Running")),
    "done": ("done", N_("Done")),
    "failed": ("problem", N_("Failed")),
    "cancelled": ("neutral", N_("Cancelled")),
}


def said(stored: Mapping[str, Any] | None, say: Say) -> str:
    """A stored phrase in the language of `say`, beginning with a capital letter."""
    if not stored:
        return ""
    text = say(stored["template"]).format(**stored["values"])
    return text[:1].upper() + text[1:]


def reasons(result: Mapping[str, Any] | None, say: Say) -> list[str]:
    """Why a design declined to answer; empty when it answered."""
    if not result or result.get("sort") != "refusal":
        return []
    frame = say(N_("{found} Needed: {needed}"))
    return [
        frame.format(found=said(short["found"], say), needed=said(short["needed"], say))
        for short in result["shortfalls"]
    ]


def foretold(stored: Mapping[str, Any], say: Say) -> str:
    """A forecast of the plan in a sentence, or why there is none."""
    if stored.get("said"):
        return said(stored["said"], say)
    return say(NOT_FORETOLD[stored["design"]]).format(why=" ".join(reasons(stored, say)))


def finding(result: Mapping[str, Any], which: str, say: Say) -> str:
    """What one of the two designs found, or why it declined."""
    return said(result["said"].get(which), say) or " ".join(reasons(result[which], say))


def expectation(plan: Mapping[str, Any], say: Say) -> str:
    """What was expected, in a sentence."""
    percent = abs(float(plan["expected"]))
    if float(plan["expected"]) < 0:
        return say(N_("We expected {percent:.0f} % fewer than without the programme.")).format(percent=percent)
    return say(N_("We expected {percent:.0f} % more than without the programme.")).format(percent=percent)


def in_events(result: Mapping[str, Any], say: Say) -> str:
    """The effect as a number of events over all treated places, with its interval; empty where there is none."""
    effect = result["first"]
    if effect.get("sort") != "effect" or effect.get("events") is None or not effect.get("events_interval"):
        return ""
    low, high = effect["events_interval"]
    if not all(isinstance(bound, int | float) for bound in (low, high)):
        return ""
    frame = say(N_("In events: {events:+z,.0f} over the whole time (between {low:+z,.0f} and {high:+z,.0f})."))
    return frame.format(events=effect["events"], low=low, high=high)


def checks(result: Mapping[str, Any], say: Say) -> list[dict[str, Any]]:
    """Every check with its question, state and meaning; failed ones first."""
    order = ("fail", "warn", "pass", "note")
    rows = [
        {
            "slug": check["slug"], "title": say(CHECKS.get(check["slug"], check["slug"])), "state": check["state"],
            "tone": STATES[check["state"]][0], "label": say(STATES[check["state"]][1]),
            "meaning": said(check["meaning"], say),
        }
        for check in result["checks"]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: order.index(row["state"]))


def verdict(result: Mapping[str, Any], say: Say) -> dict[str, str]:
    """The headline of a finished study."""
    tone, title, text = VERDICTS[result["verdict"]]
    return {"tone": tone, "title": say(title), "text": say(text), "slug": result["verdict"]}


def estimates(result: Mapping[str, Any], say: Say) -> list[dict[str, Any]]:
    """Both designs and the mere before and after, in percent with their intervals."""
    rows = []
    for which, label in (("first", N_("Named first in the plan")), ("second", N_("Second opinion"))):
        stored, share = result[which], result["shares"][which]
        rows.append(
            {
                "label": say(label), "design": say(result["designs"][which]["title"]),
                "share": percent(share), "events": events(stored), "p": p_value(stored.get("p")),
                "reasons": reasons(stored, say),
            }
        )  # fmt: skip
    naive = result["naive"]
    if naive.get("sort") == "effect":
        low, high = naive["interval"]
        values = [100 * (bound - 1) for bound in (naive["estimate"], low, high) if isinstance(bound, int | float)]
        rows.append(
            {
                "label": say(N_("Mere before and after: do not use")), "design": "", "events": "", "p": "",
                "share": percent(values if len(values) == 3 else None), "reasons": [],
            }
        )  # fmt: skip
    return rows


def percent(share: Any) -> str:
    """A change with its interval, as tables show it."""
    return f"{share[0]:+.1f} % ({share[1]:+.1f} … {share[2]:+.1f})" if share else ""


def events(stored: Mapping[str, Any]) -> str:
    """A number of events with its interval, as tables show it."""
    if stored.get("events") is None or not stored.get("events_interval"):
        return ""
    bounds = [f"{bound:+,.0f}" if isinstance(bound, int | float) else "∞" for bound in stored["events_interval"]]
    return f"{stored['events']:+,.0f} ({bounds[0]} … {bounds[1]})"


def p_value(value: Any) -> str:
    """A p-value as tables show it."""
    return "" if value is None else ("< 0.001" if value < 0.001 else f"{value:.3f}")
