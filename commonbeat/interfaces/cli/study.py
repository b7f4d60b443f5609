"""`commonbeat study`: lists studies, runs one here and now, and recomputes a report from its file."""

from __future__ import annotations

import json
from pathlib import Path

import click
from django.utils import timezone

from commonbeat.evidence.studies import telling, words


def as_written(text: str) -> str:
    """No translation: what stands on a terminal is English."""
    return text


@click.group(name="study", help=__doc__)
def command() -> None:
    """Commands for analysts."""


@command.command("list")
def list_command() -> None:
    """Every study with its frozen version and its latest finding."""
    from commonbeat.evidence.studies.models import Run, Study

    for study in Study.objects.order_by("id"):
        plan = study.plans.order_by("-number").first()
        run = plan.runs.filter(state=Run.State.DONE).order_by("-id").first() if plan else None
        found = words.finding(run.result, "first", as_written) if run and run.result else ""
        frozen = f"version {plan.number}" if plan else "not frozen"
        click.echo(f"{study.pk}  {study.slug}  {frozen}  {found}".rstrip())


@command.command("run")
@click.argument("study")
def run_command(study: str) -> None:
    """Run the frozen plan of STUDY (its number or short name) in this terminal, with progress."""
    from commonbeat.evidence.studies.actions import latest_plan
    from commonbeat.evidence.studies.models import Run, Study
    from commonbeat.evidence.studies.running import carry_out

    rows = Study.objects.filter(pk=int(study)) if study.isdigit() else Study.objects.filter(slug=study)
    found = rows.first()
    if found is None:
        raise click.ClickException(f"There is no study “{study}”. “commonbeat study list” shows all.")
    plan = latest_plan(found)
    if plan is None:
        raise click.ClickException("The plan is not frozen yet. Freeze it on the desk first.")
    run = Run.objects.create(plan=plan, dataset=found.dataset, asked_at=timezone.now())
    done = carry_out(run.pk, lambda percent, stage: click.echo(f"{percent:3} %  {stage}"))
    if done.state != Run.State.DONE or not done.result:
        raise click.ClickException(done.problem or f"The run is {done.state}.")
    click.echo(words.verdict(done.result, as_written)["title"])
    click.echo(words.finding(done.result, "first", as_written))
    for row in telling.outcomes(done.result, as_written)[1:]:
        click.echo(f"{row['label']}: {row['finding']} p {row['p'] or '–'}, corrected {row['adjusted'] or '–'}")
    for split in telling.splits(done.result, as_written):
        click.echo(f"{split['name']} ({split['label']}): {split['finding']}")
    for check in words.checks(done.result, as_written):
        click.echo(f"{check['label']:>9}  {check['title']} {check['meaning']}")


@command.command("recompute")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def recompute_command(file: Path) -> None:
    """Do the calculation of a report's FILE (JSON) again, from the data in it, and compare every number."""
    from commonbeat.evidence.studies.analysis import differences, run

    told = json.loads(file.read_text(encoding="utf-8"))
    if "job" not in told:
        raise click.ClickException("This file holds no data: take the one from the report on the desk.")
    again = json.loads(json.dumps(run(told["job"])))
    found = differences(told["result"], again)
    for line in found[:20]:
        click.echo(line)
    if found:
        raise click.ClickException(f"{len(found)} numbers differ.")
    click.echo("Every number is the same.")
