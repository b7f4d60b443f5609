"""Sections that a kind or a way of working adds to the page of a case, and the lists that its steps choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from commonbeat.cases.categories import procedures_of
from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.core.actor import Actor
from commonbeat.core.registry import Registry
from commonbeat.core.workflow import Step
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options

TOP, MAIN, ASIDE = "top", "main", "aside"
"""Where a panel stands: before what was reported, after it, or in the narrow column."""

Reading = Callable[[Story, Actor, Words], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """One section of the page of a case. What is done there are steps of the workflow, so there are no forms here.

    `words` reads what the template shows as `panel.words`; None leaves the panel out. `kinds` and `procedure`
    say for which cases it is (none: for all), `readers` for which roles (none: whoever sees the case). `steps` are
    those whose buttons stand in the panel: the page does not list them a second time.
    """

    slug: str
    template: str
    words: Reading
    kinds: frozenset[str] = frozenset()
    procedure: str = ""
    readers: frozenset[str] = frozenset()
    steps: tuple[str, ...] = ()
    place: str = MAIN

    def __post_init__(self) -> None:
        if self.place not in {TOP, MAIN, ASIDE}:
            raise ValueError(f"{self.slug}: a panel stands at {TOP}, {MAIN} or {ASIDE}, not at “{self.place}”.")

    def fits(self, case: Case, actor: Actor) -> bool:
        """True when this is a panel for such a case and such a reader."""
        return (
            (not self.kinds or case.kind in self.kinds)
            and (not self.procedure or self.procedure in procedures_of(case.category_id))
            and (not self.readers or actor.has(*self.readers))
        )


@dataclass(frozen=True)
class Source:
    """A list that fields of a kind's steps name in `Field.source`: what it offers for one case."""

    slug: str
    options: Callable[[Case], Options]


@dataclass(frozen=True)
class Filling:
    """What the form of a step says before anybody typed: how things stand now. `slug` is `kind.step`.

    `answers` gets the case and the answers that the address gives, such as the row that the step is about.
    """

    slug: str
    answers: Callable[[Case, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Called:
    """What the people of a kind's cases are called on its page, where “somebody else” would say too little.

    `slug` is the kind; `names` gives the words by the number of the participant.
    """

    slug: str
    names: Callable[[Story], Mapping[int, str]]


PANELS: Registry[Panel] = Registry("panel")
SOURCES: Registry[Source] = Registry("source")
FILLINGS: Registry[Filling] = Registry("filling")
CALLED: Registry[Called] = Registry("called")


@dataclass(frozen=True)
class Shown:
    """A panel of this page: its words, and the steps that this reader may take in it, by name."""

    panel: Panel
    words: Mapping[str, Any]
    offers: Mapping[str, Step]

    @property
    def template(self) -> str:
        """The template that shows it."""
        return self.panel.template


def panels_of(story: Story, steps: Iterable[Step], *, actor: Actor, shown: Words) -> dict[str, Any]:
    """The panels of a page by place, and the steps that are left for its list."""
    left, made = tuple(steps), []
    for panel in PANELS:
        if not panel.fits(story.case, actor):
            continue
        words = panel.words(story, actor, shown)
        if words is not None:
            made.append(Shown(panel, words, {step.slug: step for step in left if step.slug in panel.steps}))
    inside = {slug for one in made for slug in one.panel.steps}
    places = {place: [one for one in made if one.panel.place == place] for place in (TOP, MAIN, ASIDE)}
    return {"panels": places, "steps": [step for step in left if step.slug not in inside]}


def filled_in(case: Case, step: Step, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that a step's form starts with; those of the address come before those of the case."""
    slug = f"{case.kind}.{step.slug}"
    return (dict(FILLINGS[slug].answers(case, given)) if slug in FILLINGS else {}) | dict(given)


def own_sources(case: Case, step: Step) -> dict[str, Options]:
    """The lists of this step that its kind declared itself."""
    return {field.source: SOURCES[field.source].options(case) for field in step.fields if field.source in SOURCES}
