"""A workflow is plain data: states, the steps between them, who may take each, and which procedure asks for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field
from commonbeat.core.text import N_

REPORTER = "reporter"
SYSTEM = "system"
KEY = "key"
"""A program with an API key: it may take the steps whose `by` names it."""


class NotAllowed(Exception):
    """The step does not lead out of this state, or not for this actor.

    `message` is source text; `names` are source texts that it names, each translated by itself.
    """

    def __init__(self, message: str, **names: str) -> None:
        super().__init__(message % names if names else message)
        self.message = message
        self.names = names


@dataclass(frozen=True, slots=True)
class State:
    """Where a matter stands. `public` is what a resident reads; `waits` pauses the clocks.

    `runs` names the one clock that runs here while the others stand still: the days that an owner has to put
    something right are not the department's.
    """

    slug: str
    label: str
    public: str
    closed: bool = False
    waits: bool = False
    runs: str = ""

    @property
    def pauses(self) -> bool:
        """True where the clocks that a case was opened with stand still."""
        return self.waits or bool(self.runs)


@dataclass(frozen=True, slots=True)
class Procedure:
    """A way of working that only some categories call for; they switch it on. `hint` says when."""

    slug: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a matter ended, in the department's words and in the resident's.

    `offered` is False for outcomes that nobody chooses: steps of their own, or an import, bring them about.
    """

    slug: str
    label: str
    public: str
    offered: bool = True


@dataclass(frozen=True)
class Step:
    """One thing that can be done.

    `at` are the states it leads out of, `to` the state it leads to (None: the state stays). `by` are roles.
    `then` adds what else happens, in the same transaction. `tells` are the audiences that hear of it. `undo` is
    True when it can be taken back while nothing has left the house. `meets` are clocks that it stops.
    `closes` marks steps that need an outcome. `offered` is False for steps that have their own front door.
    `procedure` limits a step to categories that switched this on. `stays` is True for a step that leaves a state
    with a clock of its own as it is. `letter` marks a step that a letter on paper goes with.
    """

    slug: str
    label: str
    at: frozenset[str]
    by: frozenset[str]
    to: str | None = None
    fields: tuple[Field, ...] = ()
    then: Callable[[Any], None] | None = None
    tells: tuple[str, ...] = ()
    audience: str = "internal"
    said: str = ""
    undo: bool = True
    meets: tuple[str, ...] = ()
    closes: bool = False
    offered: bool = True
    key: str = ""
    bulk: bool = False
    procedure: str = ""
    stays: bool = False
    letter: bool = False

    @property
    def lettered(self) -> bool:
        """True where a form letter says something: to the reporter, or on paper."""
        return self.letter or any(field.code == "message" for field in self.fields)


def step(slug: str, label: str, *, at: Iterable[str], by: Iterable[str], **more: Any) -> Step:
    """Declare a step; lists of states and roles may be any iterable."""
    return Step(slug, label, frozenset(at), frozenset(by), **more)


@dataclass(frozen=True)
class Workflow:
    """States, steps and outcomes of one kind of matter, checked for soundness when it is made."""

    start: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...] = ()
    procedures: tuple[Procedure, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_states", {state.slug: state for state in self.states})
        object.__setattr__(self, "_steps", {step.slug: step for step in self.steps})
        object.__setattr__(self, "_outcomes", {outcome.slug: outcome for outcome in self.outcomes})
        wrong = self.problems()
        if wrong:
            raise ValueError("This workflow is not sound: " + " ".join(wrong))

    def state(self, slug: str) -> State:
        """The state called `slug`."""
        return self._states[slug]  # type: ignore[attr-defined,no-any-return]

    def outcome(self, slug: str) -> Outcome | None:
        """The outcome called `slug`, if it is declared."""
        return self._outcomes.get(slug)  # type: ignore[attr-defined,no-any-return]

    @property
    def open_states(self) -> frozenset[str]:
        """States in which somebody still has to do something."""
        return frozenset(state.slug for state in self.states if not state.closed)

    def step(self, state: str, slug: str, *, actor: Actor, procedures: Collection[str] = ()) -> Step:
        """The step `slug` out of `state` for `actor`; raises `NotAllowed` with the reason.

        `procedures` are those of the case's category.
        """
        found: Step | None = self._steps.get(slug)  # type: ignore[attr-defined]
        if found is None:
            raise NotAllowed(N_("There is no step “%(step)s”."), step=slug)
        if state not in found.at:
            raise NotAllowed(
                N_("“%(step)s” is not possible while this is “%(state)s”."),
                step=found.label,
                state=self.state(state).label,
            )
        if found.by.isdisjoint(actor.roles):
            raise NotAllowed(N_("“%(step)s” needs another role."), step=found.label)
        if found.procedure and found.procedure not in procedures:
            raise NotAllowed(N_("“%(step)s” is not a part of how this category is worked."), step=found.label)
        return found

    def named(self, slug: str) -> Step | None:
        """The step called `slug` whatever the state, for wording and diagrams."""
        return self._steps.get(slug)  # type: ignore[attr-defined,no-any-return]

    def options(self, state: str, *, actor: Actor, procedures: Collection[str] = ()) -> tuple[Step, ...]:
        """Every step this actor may take now, in declared order; `procedures` are those of the case's category."""
        return tuple(
            s
            for s in self.steps
            if s.offered
            and state in s.at
            and not s.by.isdisjoint(actor.roles)
            and (not s.procedure or s.procedure in procedures)
        )

    def problems(self) -> list[str]:
        """What is unsound: unknown or unreachable states, dead ends, closings without an outcome."""
        known = {state.slug for state in self.states}
        wrong: list[str] = []
        if self.start not in known:
            wrong.append(f"It starts in “{self.start}”, which is not declared.")
        for item in self.steps:
            unknown = (item.at | ({item.to} if item.to else set())) - known
            if unknown:
                wrong.append(f"“{item.slug}” names unknown states: {', '.join(sorted(unknown))}.")
            if item.procedure and item.procedure not in {procedure.slug for procedure in self.procedures}:
                wrong.append(f"“{item.slug}” belongs to “{item.procedure}”, which is not declared.")
            if not item.at or not item.by:
                wrong.append(f"“{item.slug}” can never be taken.")
            ends = item.to in known and self._states[item.to].closed  # type: ignore[attr-defined]
            if ends and not item.closes:
                wrong.append(f"“{item.slug}” closes without an outcome.")
        reached = self._reachable(known)
        for state in self.states:
            if state.slug not in reached:
                wrong.append(f"“{state.slug}” cannot be reached.")
            leads_on = any(state.slug in s.at and s.to and s.to != state.slug for s in self.steps)
            if not state.closed and not leads_on:
                wrong.append(f"“{state.slug}” is a dead end.")
        if any(s.closes for s in self.steps) and not self.outcomes:
            wrong.append("It closes but declares no outcomes.")
        return wrong

    def _reachable(self, known: set[str]) -> set[str]:
        reached, frontier = {self.start} & known, [self.start]
        while frontier:
            here = frontier.pop()
            for item in self.steps:
                if here in item.at and item.to and item.to not in reached and item.to in known:
                    reached.add(item.to)
                    frontier.append(item.to)
        return reached

    def mermaid(self) -> str:
        """The workflow as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        lines += [f"    {state.slug} : {state.label}" for state in self.states]
        for item in self.steps:
            if item.to:
                lines += [f"    {a} --> {item.to} : {item.label}" for a in sorted(item.at) if a != item.to]
        lines += [f"    {state.slug} --> [*]" for state in self.states if state.closed]
        return "\n".join(lines) + "\n"
