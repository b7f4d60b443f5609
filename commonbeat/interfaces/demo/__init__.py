"""The demo: an invented department in a real city, loaded once, with somebody of every role to sign in as."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path

import click
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from commonbeat.community.models import Agency
from commonbeat.core.actor import SYSTEM
from commonbeat.interfaces.demo import cast, city, filing, matters
from commonbeat.interfaces.demo.care import play_care
from commonbeat.interfaces.demo.disclosure import play_requests
from commonbeat.interfaces.demo.field import play_field
from commonbeat.interfaces.demo.incidents import load_incidents
from commonbeat.interfaces.demo.meetings import play_meetings
from commonbeat.interfaces.demo.problems import play_problems
from commonbeat.interfaces.demo.scorecard import load_scorecard
from commonbeat.interfaces.demo.standards import play_standards
from commonbeat.interfaces.demo.stories import Player, load_stories
from commonbeat.interfaces.demo.studies import load_studies
from commonbeat.interfaces.demo.surveys import load_surveys
from commonbeat.interfaces.demo.talks import play_talks
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record

FOLDER = Path(__file__).resolve().parents[3] / "demo"
SMALL_ROWS = 150
WORDS = ("harbor", "maple", "lantern", "river", "garden", "meadow", "bridge", "willow", "corner", "sparrow")


@dataclass
class Secrets:
    """What the demo prints at every start; kept in the data folder, readable by its owner only."""

    password: str
    api_key: str = ""
    reference: str = ""
    code: str = ""
    tip_code: str = ""

    @classmethod
    def read(cls, path: Path) -> Secrets:
        """The stored secrets, or a new password."""
        if path.exists():
            return cls(**json.loads(path.read_text()))
        words = [secrets.choice(WORDS) for _ in range(2)]
        return cls(f"{words[0]}-{words[1]}-{secrets.randbelow(9000) + 1000}")

    def write(self, path: Path) -> None:
        """Keep them for the next start."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=1))


@dataclass(frozen=True)
class Loading:
    """What a stage of the load has at hand; `keys` are written whenever one learns a new one."""

    keys: Secrets
    path: Path
    small: bool
    console: Console


@dataclass(frozen=True)
class Stage:
    """A part of the load: what is said while it runs, and what it does. `whole` is one transaction around it."""

    slug: str
    words: str
    play: Callable[[Loading], object]
    whole: bool = True


def _is_done(stage: str) -> bool:
    return Entry.objects.about("demo", 1).filter(verb=f"demo.{stage}").exists()


@contextmanager
def _stage(stage: str, words: str, console: Console) -> Iterator[bool]:
    """Say what is being loaded; yields whether it still has to be, and notes that it is done."""
    if _is_done(stage):
        yield False
        return
    console.print(f"[bold]{words}[/bold] …")
    yield True
    with transaction.atomic():
        record("demo", 1, f"demo.{stage}", actor=SYSTEM, at=timezone.now())


def _city(loading: Loading) -> None:
    at = timezone.now()
    city.load_places(FOLDER, at=at)
    people = cast.load_people(FOLDER, password=loading.keys.password, at=at)
    cast.load_rules(FOLDER, people, at=at)
    loading.keys.api_key = cast.make_api_key(at=at)
    loading.keys.write(loading.path)


def _stories(loading: Loading) -> None:
    player = Player(load_stories(FOLDER), now=timezone.now())
    player.play()
    loading.keys.reference, loading.keys.code = player.receipt()
    loading.keys.write(loading.path)


def _tips(loading: Loading) -> None:
    loading.keys.tip_code = matters.load(FOLDER, "tips.json", now=timezone.now())
    loading.keys.write(loading.path)


def _from_folder(play: Callable[..., object]) -> Callable[[Loading], object]:
    """A stage that needs nothing but its files."""
    return lambda loading: play(FOLDER, now=timezone.now())


CITY = Stage("city", "Drawing the city's map and hiring its people", _city)
STAGES = (
    Stage("stories", "Playing two months of worked concerns", _stories),
    Stage("tips", "Sending a few tips that nobody knows the senders of", _tips),
    Stage("services", "Asking for a few services", lambda _: matters.load(FOLDER, "services.json", now=timezone.now())),
    Stage("problems", "Solving three problems, or trying to", _from_folder(play_problems)),
    Stage("standards", "Hearing complaints and thanks", _from_folder(play_standards)),
    Stage("care", "Looking for missing persons", _from_folder(play_care)),
    Stage("meetings", "Meeting the neighbors", _from_folder(play_meetings)),
    Stage("field", "Walking the streets: observations and field reports", _from_folder(play_field)),
    Stage("talks", "Talking things over", _from_folder(play_talks)),
    Stage("records", "Answering requests for records", _from_folder(play_requests)),
    Stage(
        "incidents", "Importing real incidents of 2010 to 2019", whole=False,
        play=lambda loading: load_incidents(FOLDER, small=loading.small, console=loading.console),
    ),
    Stage("studies", "Asking what worked: four studies", _from_folder(load_studies), whole=False),
    Stage("surveys", "Asking residents: invented answers to two surveys", _from_folder(load_surveys)),
    Stage("scorecard", "Choosing five numbers, and what residents see of them", _from_folder(load_scorecard)),
)  # fmt: skip
"""Played in this order, while old requests are filed beside them."""


def is_here() -> bool:
    """Whether the demo's data lies beside the package: only a checkout has it."""
    return (FOLDER / "cast.json").exists()


def load(data: Path, *, small: bool, console: Console, processes: int = 1) -> Secrets:
    """Load what is missing; what to sign in with is kept in the folder `data`.

    A load that was interrupted continues: each stage is whole or finds what it did. With more than one of `processes`
    old requests are filed beside the stories.
    """
    path = data / "demo.json"
    keys = Secrets.read(path)
    keys.write(path)  # before people get the password: an interrupted load must not lose it
    _load(Loading(keys, path, small, console), processes=processes)
    keys.write(path)
    return keys


def _load(loading: Loading, *, processes: int) -> None:
    _check_what_is_there()
    console, rows = loading.console, SMALL_ROWS if loading.small else None
    _play(CITY, loading)
    with ExitStack() as stack:
        if stack.enter_context(_stage("requests", "Filing real service requests of 2012 to 2016", console)):
            stack.enter_context(filing.under_way(FOLDER / "requests", rows=rows, processes=processes, console=console))
        for stage in STAGES:
            _play(stage, loading)


def _check_what_is_there() -> None:
    """Refuse a real installation, and a city of an earlier version."""
    found = Agency.objects.first()
    if found and found.jurisdiction != cast.agency(FOLDER)["jurisdiction"]:
        raise click.ClickException(
            f"This data folder holds {found.name}. The demo never mixes with a real installation: choose another "
            "folder with COMMONBEAT_DATA."
        )
    if _is_done("city") and cast.is_incomplete(FOLDER):
        raise click.ClickException(
            "The demo city in this data folder was made by an earlier version, which had fewer people and stories. "
            "Start over with `make demo-reset`; nothing but the demo is lost."
        )


def _play(stage: Stage, loading: Loading) -> None:
    with _stage(stage.slug, stage.words, loading.console) as missing:
        if missing:
            with transaction.atomic() if stage.whole else nullcontext():
                stage.play(loading)


def welcome(address: str, keys: Secrets) -> str:
    """Where to go and who to sign in as."""
    out = Console(file=StringIO(), width=100, force_terminal=False)
    table = Table(title="Sign in at " + address + "/desk/ with one of these", title_justify="left")
    table.add_column("E-mail")
    table.add_column("Who")
    table.add_column("Role")
    for email, who, role in cast.sign_ins(FOLDER):
        table.add_row(email, who, role)
    out.print(f"\nThe demo city is open at {address}/\n")
    out.print(table)
    out.print(f"Password of everybody: {keys.password}")
    if keys.code:
        out.print(f"A resident's report:   {keys.reference}, return code {keys.code}, at {address}/return/")
    if keys.tip_code:
        out.print(f"A tip's return code:   {keys.tip_code}, at {address}/tip/return/")
    if keys.api_key:
        out.print(f"Key for Open311/API:   {keys.api_key}")
    out.print("Everybody and everything that is said is invented; the map and the old requests are Chicago's.")
    out.print("Mail is kept on the outbox page instead of being sent. Ctrl-C stops the demo; it keeps its data.")
    return out.file.getvalue()  # type: ignore[attr-defined,no-any-return]
