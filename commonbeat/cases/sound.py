"""Sound: a measurement as a step, and what it means beside the limit that the agency has set for that hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from commonbeat.cases.deed import Deed
from commonbeat.cases.work_records import HIGHEST_DB, LOWEST_DB, SoundLimit, SoundMeasurement
from commonbeat.community.agency import local_day, wall_clock, zone
from commonbeat.community.reference import Remembered
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.text import N_

SPOTS = (
    Choice("inside", N_("Inside, where it disturbs")),
    Choice("window", N_("At the open window of who is disturbed")),
    Choice("boundary", N_("At the property line")),
    Choice("street", N_("On the street")),
    Choice("source", N_("At the source")),
)
FIELDS = (
    Field("measured_at", N_("When it was measured"), "moment", required=True),
    Field("spot", N_("Where it was measured"), "singlevaluelist", required=True, choices=SPOTS),
    Field("level_db", N_("Average level, dB(A)"), "number", required=True, minimum=LOWEST_DB, maximum=HIGHEST_DB,
          hint=N_("The average over the time measured (LAeq), as the meter shows it. One decimal is enough.")),
    Field("seconds", N_("How long it was measured, in seconds"), "number", required=True, minimum=1, maximum=86400),
    Field("background_db", N_("Background level, dB(A)"), "number", minimum=LOWEST_DB, maximum=HIGHEST_DB,
          hint=N_("With the source silent. Leave empty when it could not be measured.")),
    Field("zone", N_("Zone"), source="sound_zone", hint=N_("It decides which limit holds.")),
    Field("instrument", N_("Instrument"), required=True, maximum=120, hint=N_("Make, model and serial number.")),
    Field("calibrated_on", N_("Day of its last calibration"), "datetime"),
    Field("user", N_("Who measured"), source="user", hint=N_("Leave empty when it was you.")),
    Field("text", N_("What else matters"), "text", hint=N_("What was heard, weather, doors and windows.")),
)  # fmt: skip

IN_FUTURE = N_("This is in the future. Enter when it was.")
LOUDER_THAN_ALL = N_("The background cannot be louder than everything together. Check both levels.")
AFTER_USE = N_("This is after the measurement. Enter the last calibration before it.")
WHOLE_SECONDS = N_("Enter whole seconds, for example 60.")
TOO_NEAR_BACKGROUND = 3.0
"""dB: closer to the background than this, the source cannot be told from it."""
STALE_CALIBRATION = dt.timedelta(days=366)


def _load() -> list[SoundLimit]:
    return list(SoundLimit.objects.filter(retired_at=None).order_by("zone", "starts", "id"))


sound_limits = Remembered(_load, "sound_limits")
"""The limits in force, from memory."""


def zones() -> list[str]:
    """Zones that have a limit."""
    return list(dict.fromkeys(limit.zone for limit in sound_limits()))


def limit_for(zone_name: str, time: dt.time) -> SoundLimit | None:
    """The limit of a zone at a time of day; the strictest where several hold, None where none is set."""
    holding = [limit for limit in sound_limits() if limit.zone == zone_name and _holds(limit, time)]
    return min(holding, key=lambda limit: limit.level_db, default=None)


def _holds(limit: SoundLimit, time: dt.time) -> bool:
    if limit.starts < limit.ends:
        return limit.starts <= time < limit.ends
    return limit.starts == limit.ends or time >= limit.starts or time < limit.ends


def measure(deed: Deed) -> None:
    """Keep a measurement with the limit that holds now for its zone and hour."""
    given = deed.data
    at = wall_clock(given["measured_at"])
    calibrated = dt.date.fromisoformat(given["calibrated_on"][:10]) if given.get("calibrated_on") else None
    _check(given, at, calibrated, deed)
    limit = limit_for(str(given.get("zone") or ""), at.astimezone(zone()).time())
    row = SoundMeasurement(
        case=deed.case, measured_at=at, measured_by_id=int(given.get("user") or 0) or deed.actor.user_id,
        spot=given["spot"], level_db=given["level_db"], background_db=given.get("background_db"),
        seconds=given["seconds"], instrument=given["instrument"], calibrated_on=calibrated,
        zone=given.get("zone") or "", limit_db=limit.level_db if limit else None,
        limit_starts=limit.starts if limit else None, limit_ends=limit.ends if limit else None,
        limit_source=limit.source if limit else "",
    )  # fmt: skip
    deed.make(row)
    deed.facts |= {"measurement": row.pk, "level_db": row.level_db, "limit_db": row.limit_db}
    deed.personal["text"] = given.get("text") or ""


def _check(given: Any, at: dt.datetime, calibrated: dt.date | None, deed: Deed) -> None:
    problems = []
    if at > deed.at:
        problems.append(Problem("measured_at", IN_FUTURE))
    if given.get("background_db") is not None and given["background_db"] > given["level_db"]:
        problems.append(Problem("background_db", LOUDER_THAN_ALL))
    if not isinstance(given["seconds"], int):
        problems.append(Problem("seconds", WHOLE_SECONDS))
    if calibrated and calibrated > local_day(at):
        problems.append(Problem("calibrated_on", AFTER_USE))
    if problems:
        raise Invalid(problems)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: source text and what it names; the interface translates it."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)


def findings(row: SoundMeasurement) -> Iterable[Said]:
    """What a measurement means: beside its limit, beside the background, and whether the meter can be trusted."""
    if row.limit_db is None or row.limit_starts is None or row.limit_ends is None:
        yield Said(
            N_("No limit is set for %(zone)s at this hour, so this says nothing about a breach.")
            if row.zone
            else N_("No zone was chosen, so there is no limit to compare this with."),
            {"zone": row.zone},
        )
    else:
        yield Said(
            N_("%(above)s dB above the limit of %(limit)s dB(A) for %(zone)s, %(hours)s.")
            if is_above(row)
            else N_("Not above the limit of %(limit)s dB(A) for %(zone)s, %(hours)s."),
            {
                "above": f"{row.level_db - row.limit_db:g}", "limit": f"{row.limit_db:g}", "zone": row.zone,
                "hours": f"{row.limit_starts:%H:%M}–{row.limit_ends:%H:%M}",
            },
        )  # fmt: skip
    if row.background_db is not None and row.level_db - row.background_db < TOO_NEAR_BACKGROUND:
        yield Said(N_("It is so close to the background that the source cannot be told from it."))
    if row.calibrated_on is None:
        yield Said(N_("The day of the last calibration was not recorded."))
    elif local_day(row.measured_at) - row.calibrated_on > STALE_CALIBRATION:
        yield Said(N_("The instrument was calibrated more than a year before."))


def is_above(row: SoundMeasurement) -> bool:
    """True when it was louder than the limit that held."""
    return row.limit_db is not None and row.level_db > row.limit_db
