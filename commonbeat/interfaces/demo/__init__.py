"""The demo: an invented department in a real city, loaded once, with somebody of every role to sign in as."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from commonbeat.interfaces.demo import cast, city, filing
from commonbeat.interfaces.demo.stories import Player, load_stories
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
    _load(keys, path, small=small, console=console, processes=processes)
    keys.write(path)
    return keys


def _load(keys: Secrets, path: Path, *, small: bool, console: Console, processes: int) -> None:
    found = Agency.objects.first()
    if found and found.jurisdiction != cast.agency(FOLDER)["jurisdiction"]:
        raise click.ClickException(
            f"This data folder holds {found.name}. The demo never mixes with a real installation: choose another "
            "folder with COMMONBEAT_DATA."
        )
    with _stage("city", "Drawing the city's map and hiring its people", console) as missing:
        if missing:
            with transaction.atomic():
                at = timezone.now()
                city.load_places(FOLDER, at=at)
                people = cast.load_people(FOLDER, password=keys.password, at=at)
                cast.load_rules(FOLDER, people, at=at)
                keys.api_key = cast.make_api_key(at=at)
                keys.write(path)
    rows = SMALL_ROWS if small else None
    with ExitStack() as stack:
        if stack.enter_context(_stage("requests", "Filing real service requests of 2012 to 2016", console)):
            stack.enter_context(filing.under_way(FOLDER / "requests", rows=rows, processes=processes, console=console))
        with _stage("stories", "Playing two months of worked concerns", console) as missing:
            if missing:
                with transaction.atomic():
                    player = Player(load_stories(FOLDER), now=timezone.now())
                    player.play()
                    keys.reference, keys.code = player.receipt()
                    keys.write(path)


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
    if keys.api_key:
        out.print(f"Key for Open311/API:   {keys.api_key}")
    out.print("Everybody and everything that is said is invented; the map and the old requests are Chicago's.")
    out.print("Mail is kept on the outbox page instead of being sent. Ctrl-C stops the demo; it keeps its data.")
    return out.file.getvalue()  # type: ignore[attr-defined,no-any-return]
