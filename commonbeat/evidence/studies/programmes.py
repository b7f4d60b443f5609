"""Sorts of programme that departments often judge: how a plan for one begins, and what misleads about it.

Plain declarations: neither Django nor statistics. The studio fills a new plan with them; nothing of it is binding
before somebody has frozen the plan. Every report tells the caveat of its own sort.
"""

from __future__ import annotations

from dataclasses import dataclass

from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence.offences import against, code_of


@dataclass(frozen=True)
class Programme:
    """A sort of programme. `crimes` is the NIBRS group that it means to reduce ("Property"), empty for none."""

    slug: str
    name: str
    done: str
    """What is usually done, to be put right by who plans."""
    dose: str
    """What is delivered, in the plural and with its unit."""
    caveat: str
    """What makes a mere before and after wrong, for a resident to read."""
    crimes: str = ""
    expected: float = -20.0

    def categories(self, known: list[str]) -> list[str]:
        """Those of a source's categories that the programme is about; all (an empty list) where it names no group."""
        if not self.crimes:
            return []
        return [name for name in known if (code := code_of(name)) and against(code.nibrs) == self.crimes]


PROGRAMMES: Registry[Programme] = Registry("sort of programme")

WATCH = PROGRAMMES.add(
    Programme(
        "watch", N_("Neighborhood watch"), crimes="Property",
        done=N_("Neighbors of a block look out for one another, meet with their officer and tell us what they see."),
        dose=N_("watch meetings"),
        caveat=N_(
            "Watch groups form where people know one another, or where a bad time has just passed, and such places "
            "calm down by themselves. Members also report more. A drop in the watch areas alone, however large, shows "
            "nothing: only the difference from places like them counts, and reports are looked at apart."
        ),
    )
)  # fmt: skip
PATROL = PROGRAMMES.add(
    Programme(
        "patrol", N_("Patrol of hot spots"),
        done=N_("Officers are seen on foot at the places with most events, at the hours in which these happen."),
        dose=N_("hours of foot patrol"),
        caveat=N_(
            "Hot spots are chosen after a bad time and calm down by themselves. Events may also move around the "
            "corner, so the areas next door are looked at by themselves and are no comparison."
        ),
    )
)  # fmt: skip
PLACES = PROGRAMMES.add(
    Programme(
        "places", N_("Lights, locks and other changes of places"), crimes="Property",
        done=N_("Lights are repaired, locks are changed or a place is cleared, on the days that are on record."),
        dose=N_("places put right"),
        caveat=N_(
            "Places are put right where people complain, and they complain in a bad time. Nights also grow longer and "
            "shorter: compare with the same months elsewhere."
        ),
    )
)  # fmt: skip


def caveat_of(slug: str) -> str:
    """What is told of a sort of programme; empty where the plan names none, or one that is not declared any more."""
    return PROGRAMMES[slug].caveat if slug in PROGRAMMES else ""
