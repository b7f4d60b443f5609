"""`commonbeat docs`: writes the pages that are made of declarations, or says which of them are out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click
from django.urls import URLPattern, URLResolver, get_resolver

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.personal import PERSONAL, PersonalTable
from commonbeat.core.retention import LONGEST
from commonbeat.interfaces.access import Reader
from commonbeat.interfaces.cli._notebooks import executed, notebooks
from commonbeat.interfaces.seeing import READS, SCOPES, WHO
from commonbeat.publishing import following
from commonbeat.publishing.records import personal as requests

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "generated"
NOTE = "<!-- Written by `make docs` from the declarations in the code. Change those, not this page. -->\n\n"
READERS = {
    "anyone": "Anyone", "resident": "Whoever has the secret address", "staff": "Staff", "key": "A program with a key",
    "signed_in": "Whoever is signed in",
}  # fmt: skip


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _workflow(kind: Kind) -> str:
    flow = kind.workflow
    steps = [
        (
            step.label, f"`{step.slug}`", "stays" if step.to is None else flow.state(step.to).label,
            ", ".join(sorted(WHO.get(role, role) for role in step.by)), "yes" if step.undo else "no",
            "yes" if "reporter" in step.tells else "no",
        )
        for step in flow.steps
    ]  # fmt: skip
    states = [
        (s.label, f"`{s.slug}`", s.public, "closed" if s.closed else "waits" if s.waits else "open")
        for s in flow.states
    ]
    outcomes = [(o.label, f"`{o.slug}`", o.public) for o in flow.outcomes]
    return "\n".join(
        [
            f"## {kind.label}\n", "```mermaid", flow.mermaid().rstrip(), "```\n",
            _table(("State", "Name in code", "What a resident reads", ""), states),
            _table(("Step", "Name in code", "Leads to", "Who", "Can be undone", "Tells the reporter"), steps),
            _table(("Outcome", "Name in code", "What a resident reads"), outcomes),
        ]
    )  # fmt: skip


def workflows() -> str:
    """Diagram, states, steps and outcomes of each kind of case."""
    return "# Workflows\n\n" + NOTE + "\n".join(_workflow(kind) for kind in KINDS)


def access() -> str:
    """Who sees which kind of case."""
    rows = [
        (WHO[role], *(" and ".join(SCOPES[s] for s in kind.sees.get(role, ())) or "none" for kind in KINDS))
        for role in READS
    ]
    rest = (
        "\nA reporter sees the one case that a code or link opens. A person recorded as the subject of a case never "
        "sees it, whatever their role. Everybody else reads public cards and publications only.\n"
    )
    cases = "# Who sees which cases\n\n" + NOTE + _table(("Role", *(kind.plural for kind in KINDS)), rows) + rest
    return cases + "\n# Who plans and reads which activities\n\n" + _activities()


def _activities() -> str:
    """Every kind of activity, by role: plans in the areas of the grant, reads on the desk, or neither."""
    rows = [
        (WHO[role], *("plans, changes, records" if role in kind.plans else "reads" if role in kind.reads else "none"
                      for kind in ACTIVITIES))
        for role in READS
    ]  # fmt: skip
    heads = ("Kind", "Formats", "Points of its agenda", "Earlier promises come onto it", "Inside kept after it")
    said = [
        (
            kind.plural, ", ".join(choice.label for choice in kind.formats), ", ".join(kind.agenda.values()),
            "yes" if kind.promises else "no", "for ever" if kind.note.days is None else f"{kind.note.days} days",
        )
        for kind in ACTIVITIES
    ]  # fmt: skip
    rest = (
        "\nWhoever leads or planned one changes it, too, where their role plans at all. Everybody reads what is public "
        "on the website; what is by invitation is read in the areas of one's grant only.\n\n"
    )
    return _table(("Role", *(kind.plural for kind in ACTIVITIES)), rows) + rest + _table(heads, said)


def retention() -> str:
    """How long cases are kept, by how they ended."""
    rows = [
        (
            kind.label, outcome, "for ever" if kept.days is None else f"{kept.days} days after closing",
            "nothing else" if kept.days is None else f"{kept.lowest} to {LONGEST} days", kept.reason,
        )
        for kind in KINDS
        for outcome, kept in kind.retention.items()
    ]  # fmt: skip
    rows += [
        (kind.label, "internal note and words of its history", f"{kind.note.days} days after it ended", "nothing else",
         kind.note.reason)
        for kind in ACTIVITIES
    ]  # fmt: skip
    rows += [(following.LABEL, what, kept, "nothing else", why) for what, kept, why in following.KEPT]
    heads = ("Kind", "Outcome", "Kept", "An agency may set", "Why")
    rest = (
        "\nThese are the declared times. An agency sets its own, inside these bounds and with the law that says so, "
        "under *Administration → Times to keep*; what holds in a department is shown under *Keeping and disposal*.\n"
    )
    return "# How long cases are kept\n\n" + NOTE + _table(heads, rows) + rest


def personal_data() -> str:
    """What is known about people, why, and how long."""
    rows = [(kind.label, field.name, field.purpose, field.kept) for kind in KINDS for field in kind.personal]
    rows += [(kind.label, field.name, field.purpose, field.kept) for kind in ACTIVITIES for field in kind.personal]
    rows += [(following.LABEL, field.name, field.purpose, field.kept) for field in following.PERSONAL]
    rows += [(requests.LABEL, field.name, field.purpose, field.kept) for field in requests.INVENTORY]
    first = "# Personal data\n\n" + NOTE + _table(("Kind", "What", "What for", "How long"), rows)
    heads = (
        "Table", "Reached by code of its own", "Told to the person", "Emptied when their words go",
        "Stays or is not theirs, because",
    )  # fmt: skip
    return (
        first + _REACHED + _table(heads, [_reached(t) for t in sorted(PERSONAL, key=lambda t: t.model) if not t.nobody])
    )


_REACHED = (
    "\n## What the report and the erasure of a person reach\n\n"
    "Under *Administration → Requests of persons*. Tables with nothing about private people are left out; a test fails "
    "for a field that could name somebody and is not here.\n\n"
)


def _reached(table: PersonalTable) -> tuple[str, ...]:
    def names(fields: Iterable[str]) -> str:
        return ", ".join(f"`{name}`" for name in fields)

    why: dict[str, list[str]] = {}
    for name, reason in {**table.kept, **table.apart}.items():
        why.setdefault(reason, []).append(name)
    reasons = " ".join(f"{names(fields)}: {reason}" for reason, fields in why.items())
    return f"`{table.model}`", names(table.by_hand), names(table.told), names(table.erased), reasons


def walk(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the product with its whole pattern, written as Django writes `ResolverMatch.route`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        own = str(pattern.pattern)
        here = before + own.removeprefix("^") if before else own
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, here)
        else:
            yield here, pattern


def routes() -> str:
    """Every address and who may read it."""
    rows = []
    for path, pattern in walk():
        reader: Reader | None = getattr(pattern.callback, "reader", None)
        who = READERS.get(reader.sort, reader.sort) if reader else "Sign-in pages of django-allauth"
        needs = ", ".join(sorted(WHO.get(str(need), str(need)) for need in reader.needs)) if reader else ""
        rows.append((f"`/{path}`", f"{who}: {needs}" if needs else who))
    return "# Addresses\n\n" + NOTE + _table(("Address", "Who may read it"), rows)


def designs() -> str:
    """Which design of a study answers which question."""
    from commonbeat.evidence import stats  # statistics are heavy to load, and no other page needs them

    rows = [
        (
            situation.label, f"[{design.title}](../methods/{design.slug}.md)", design.question, design.compares,
            ", ".join(dict.fromkeys(f"`{need.slug}`" for need in design().preconditions())),
        )
        for situation in stats.Situation
        for design in stats.designs()
        if situation in design.situations
    ]  # fmt: skip
    asked = stats.SurveyDiD
    needs = ", ".join(f"`{slug}`" for slug in asked.needs())
    rows.append(
        (asked.situation, f"[{asked.title}](../methods/{asked.slug}.md)", asked.question, asked.compares, needs)
    )
    heads = ("You have", "Design", "It answers", "It compares with", "It refuses without")
    return "# Which design answers which question\n\n" + NOTE + _table(heads, rows)


PAGES: dict[str, Callable[[], str]] = {
    "workflows.md": workflows, "access.md": access, "retention.md": retention, "personal-data.md": personal_data,
    "routes.md": routes, "designs.md": designs,
    **{f"notebook-{path.stem.replace('_', '-')}.md": partial(executed, path, NOTE) for path in notebooks()},
}  # fmt: skip


def out_of_date() -> list[str]:
    """Names of pages that differ from what the declarations say now."""
    return [
        name for name, make in PAGES.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != make()
    ]  # fmt: skip


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is out of date.")
def command(check: bool) -> None:
    """Write the pages of docs/generated from the declarations in the code."""
    wrong = out_of_date()
    if check:
        if wrong:
            raise click.ClickException(f"Out of date: {', '.join(wrong)}. Run “make docs” and commit what it writes.")
        click.echo("The generated pages are up to date.")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in wrong:
        (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
    click.echo(f"Wrote {', '.join(wrong)}." if wrong else "The generated pages were up to date.")
