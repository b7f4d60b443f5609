"""Installations of their own, made once per run and copied for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.site import MailServer, Site


@pytest.fixture(scope="session")
def founded() -> Iterator[Path]:
    """A data folder with areas and categories, stopped."""
    folder = Path(tempfile.mkdtemp(prefix="cb-found-"))
    folder.chmod(0o755)
    made = Site(folder / "data")
    made.found()
    made.end()
    yield made.data
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server that remembers what it took."""
    server = MailServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(founded: Path, mail: MailServer) -> Iterator[Site]:
    """A running installation."""
    folder = Path(tempfile.mkdtemp(prefix="cb-hard-"))
    folder.chmod(0o755)
    shutil.copytree(founded, folder / "data", symlinks=True)
    _same_owners(founded, folder / "data")
    made = Site(folder / "data", mail_port=mail.port)
    try:
        made.start()
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def _same_owners(source: Path, target: Path) -> None:
    """Give every file its owner: the database may belong to another user than the tests."""
    for one in [source, *source.rglob("*")]:
        owner = one.lstat()
        os.chown(target / one.relative_to(source), owner.st_uid, owner.st_gid, follow_symlinks=False)
