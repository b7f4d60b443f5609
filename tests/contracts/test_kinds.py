"""Every kind of case is sound: each state is reached and left, each ending has an outcome and a time to be kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonbeat.cases.handover import GIVE_BACK, PASS_ON
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.core.actor import ROLE_LABELS, Role
from commonbeat.core.workflow import KEY, REPORTER, SYSTEM, Outcome, State, Workflow, step

EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
STATES = ("new", "working", "waiting", "done")
MOST_COLUMNS = 25
"""What is filtered, counted or joined is a column; what is only shown goes to `details`, what repeats elsewhere."""


@EVERY
def test_every_state_is_reached_and_no_open_state_is_a_dead_end(kind: Kind) -> None:
    flow, reached = kind.workflow, {kind.workflow.start}
    for _ in flow.states:
        reached |= {s.to for s in flow.steps if s.to and not s.at.isdisjoint(reached)}
    assert reached == {state.slug for state in flow.states}
    ends = {state.slug for state in flow.states if state.closed}
    for state in flow.states:
        here = {state.slug}
        for _ in flow.states:
            here |= {s.to for s in flow.steps if s.to and not s.at.isdisjoint(here)}
        assert here & ends, f"{state.slug} never ends"


@EVERY
def test_every_ending_has_outcomes_and_a_retention_with_a_reason(kind: Kind) -> None:
    flow = kind.workflow
    assert flow.outcomes
    for item in flow.steps:
        if item.to and flow.state(item.to).closed:
            assert item.closes, item.slug
    assert set(kind.retention) - {"default"} <= {outcome.slug for outcome in flow.outcomes}
    for outcome in flow.outcomes:
        kept = kind.declared(outcome.slug)
        assert kept.reason and (kept.days is None or kept.days >= 0)
        assert kept.days is None or kept.dispose_on(dt.date(2026, 1, 1)) >= dt.date(2026, 1, 1)  # type: ignore[operator]


@EVERY
def test_every_role_named_is_one_that_exists(kind: Kind) -> None:
    known = {*ROLE_LABELS, REPORTER, SYSTEM, KEY}
    assert set(kind.sees) <= known
    for item in kind.workflow.steps:
        assert item.by <= known, item.slug
        # Whoever may take a step must be able to see the case.
        assert {role for role in item.by if role not in {REPORTER, SYSTEM}} <= set(kind.sees), item.slug


@EVERY
def test_cases_that_can_be_assigned_change_hands_when_somebody_leaves(kind: Kind) -> None:
    flow = kind.workflow
    assigned = any(field.source == "user" for item in flow.steps if item.offered for field in item.fields)
    for slug in (PASS_ON, GIVE_BACK) if assigned else ():
        found = flow.named(slug)
        assert found, f"{kind.slug} can be assigned but has no step “{slug}”"
        # Where administrators may not look, the product itself brings cases back to those who may.
        hands = {SYSTEM, Role.ADMIN} & {SYSTEM, *kind.sees}
        assert found.at == flow.open_states and hands <= found.by and not found.offered


@EVERY
def test_every_kind_can_be_tagged_by_staff_alone_in_every_state(kind: Kind) -> None:
    found = kind.workflow.named("tag")
    assert found and found.bulk and found.undo and found.audience == "internal" and not found.tells
    assert found.at == {state.slug for state in kind.workflow.states}
    assert found.by.isdisjoint({REPORTER, Role.PARTNER, Role.OVERSIGHT}) and found.by & set(kind.sees)


@EVERY
def test_every_word_for_residents_is_there(kind: Kind) -> None:
    flow = kind.workflow
    assert all(state.label and state.public for state in flow.states)
    assert all(outcome.label and outcome.public for outcome in flow.outcomes)
    assert kind.personal, "say which personal data it keeps"
    for item in flow.steps:
        if item.audience != "internal" and not item.closes:
            assert item.said, f"{item.slug} is told to the reporter, but has no words for it"


def test_the_table_that_all_kinds_share_stays_narrow() -> None:
    stored = [column.name for column in Case._meta.concrete_fields if not column.generated]
    assert len(stored) <= MOST_COLUMNS, f"{len(stored)} columns that we store: {', '.join(stored)}"


@EVERY
def test_keys_of_the_keyboard_are_used_once(kind: Kind) -> None:
    keys = [item.key for item in kind.workflow.steps if item.key]
    assert len(keys) == len(set(keys))


def _good() -> Workflow:
    return Workflow(
        start="new",
        states=tuple(State(slug, slug, slug, closed=slug == "done") for slug in STATES),
        steps=(
            step("take", "Take", at=("new",), by={"officer"}, to="working"),
            step("ask", "Ask", at=("working",), by={"officer"}, to="waiting"),
            step("answer", "Answer", at=("waiting",), by={"reporter"}, to="working"),
            step("close", "Close", at=("working", "waiting"), by={"officer"}, to="done", closes=True),
        ),
        outcomes=(Outcome("fixed", "Fixed", "Fixed"),),
    )


def _break(flow: Workflow, how: str, which: int) -> Workflow:
    steps = list(flow.steps)
    chosen = steps[which % len(steps)]
    match how:
        case "no way out":
            return replace(flow, steps=tuple(s for s in steps if "waiting" not in s.at and s.slug != "close"))
        case "unknown target":
            steps[which % len(steps)] = replace(chosen, to="nowhere")
        case "unknown source":
            steps[which % len(steps)] = replace(chosen, at=chosen.at | {"nowhere"})
        case "nobody may":
            steps[which % len(steps)] = replace(chosen, by=frozenset())
        case "never possible":
            steps[which % len(steps)] = replace(chosen, at=frozenset())
        case "closes without outcome":
            steps[3] = replace(steps[3], closes=False)
        case "no outcomes":
            return replace(flow, outcomes=())
        case "unreachable":
            return replace(flow, states=(*flow.states, State("island", "Island", "Island", closed=True)))
        case "unknown start":
            return replace(flow, start="nowhere")
    return replace(flow, steps=tuple(steps))


BREAKS = (
    "no way out", "unknown target", "unknown source", "nobody may", "never possible", "closes without outcome",
    "no outcomes", "unreachable", "unknown start",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(how=st.sampled_from(BREAKS), which=st.integers(0, 3))
def test_whatever_breaks_a_good_workflow_is_found(how: str, which: int) -> None:
    with pytest.raises(ValueError, match="not sound"):
        _break(_good(), how, which)
