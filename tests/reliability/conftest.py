"""Installations of their own, made once per run and copied for each test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    try:
        with _running(founded, folder, mail) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def site_on_a_small_disk(founded: Path, mail: MailServer) -> Iterator[Site]:
    """A running installation on a disk of its own that has some megabytes to spare."""
    needed = sum(one.lstat().st_size for one in founded.rglob("*")) // 2**20
    with small_disk(f"{needed + 60}m") as folder, _running(founded, folder, mail) as made:
        yield made


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A folder on a disk of its own, of so many bytes; skips where none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="cb-full-"))
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    if not mounted:
        folder.rmdir()
        pytest.skip("Only root can mount a small disk here.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def without_space(folder: Path) -> Iterator[None]:
    """Take all the space that is left on a disk, and give it back at the end."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as taken, pytest.raises(OSError, match="No space"):
            while True:
                taken.write(bytes(4096))
        yield
    finally:
        filler.unlink()


@pytest.fixture
def full_disk() -> Iterator[Path]:
    """A folder on a disk of its own without any space left."""
    with small_disk("64k") as folder, without_space(folder):
        yield folder


@contextmanager
def _running(founded: Path, folder: Path, mail: MailServer) -> Iterator[Site]:
    folder.chmod(0o755)
    shutil.copytree(founded, folder / "data", symlinks=True)
    _same_owners(founded, folder / "data")
    made = Site(folder / "data", mail_port=mail.port)
    made.log = folder.with_suffix(".log")
    try:
        made.start()
        yield made
    finally:
        made.end()
        made.log.unlink(missing_ok=True)


def _same_owners(source: Path, target: Path) -> None:
    """Give every file its owner: the database may belong to another user than the tests."""
    for one in [source, *source.rglob("*")]:
        owner = one.lstat()
        os.chown(target / one.relative_to(source), owner.st_uid, owner.st_gid, follow_symlinks=False)
