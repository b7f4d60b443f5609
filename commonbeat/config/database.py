"""Says which PostgreSQL to use, and keeps the embedded one running exactly as long as somebody uses it.

Every process that uses the embedded server holds a shared lock on `<data>/database.users`. The system
drops it however the process ends, `kill -9` included. The last one out stops the server, unless
`commonbeat database start` asked to keep it.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from commonbeat.config.cluster import MAJOR, Cluster, DatabaseUnavailable

if sys.platform != "win32":
    import fcntl

__all__ = [
    "MAJOR", "Cluster", "DatabaseUnavailable", "data_folder", "database_settings", "database_url", "embedded",
    "hold_off", "join", "keep", "keys_folder", "leave", "locked", "others_use_it", "revive",
]  # fmt: skip

_seat: tuple[int, int] | None = None  # (process number, file descriptor) while this process uses the server
_held_off = False


def data_folder() -> Path:
    """Return the folder of everything an installation keeps: COMMONBEAT_DATA, or the platform's place."""
    named = os.environ.get("COMMONBEAT_DATA")
    return Path(named).expanduser().absolute() if named else platformdirs.user_data_path("commonbeat")


def keys_folder() -> Path:
    """Return the folder of the encryption keys (COMMONBEAT_KEYS); never part of a backup unless asked."""
    named = os.environ.get("COMMONBEAT_KEYS")
    return Path(named).expanduser().absolute() if named else data_folder() / "keys"


def embedded() -> Cluster | None:
    """Return the embedded server's cluster, or None where DATABASE_URL names another server."""
    if os.environ.get("DATABASE_URL"):
        return None
    if sys.platform == "win32":
        raise DatabaseUnavailable(
            "The embedded database runs on Linux and macOS. On Windows set DATABASE_URL to a PostgreSQL server."
        )
    return Cluster(data_folder())


def database_url() -> str:
    """Return the address of the database; starts the embedded server or joins it, unless held off."""
    cluster = embedded()
    if cluster is None:
        return os.environ["DATABASE_URL"]
    if not _held_off:
        join()
    return cluster.url()


def hold_off(value: bool = True) -> None:
    """Let database_url() name the embedded server without starting it (help texts, translations, checks)."""
    global _held_off
    _held_off = value


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for a PostgreSQL address; parameters of the address become OPTIONS."""
    try:
        if not url.startswith(("postgresql://", "postgres://")):
            raise ProgrammingError("not a postgresql:// address")
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError as error:
        raise DatabaseUnavailable(
            f"DATABASE_URL cannot be read ({error}). Write it as postgresql://user:password@host:5432/name."
        )
    if not parts.get("dbname"):
        raise DatabaseUnavailable("DATABASE_URL names no database. Write it as postgresql://user@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


@contextmanager
def locked(cluster: Cluster) -> Iterator[None]:
    """Hold the folder's lock: whoever starts, stops or upgrades the server does it alone."""
    try:
        cluster.data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(cluster.data / "database.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The data folder {cluster.data} cannot be used: {error.strerror}. "
            "Correct its owner and free space, or set COMMONBEAT_DATA to another folder."
        )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def join() -> bool:
    """Use the embedded server from this process on, starting it if needed; return whether it was started."""
    global _seat
    cluster = embedded()
    if cluster is None:
        return False
    with locked(cluster):
        if _seat is None or _seat[0] != os.getpid():
            _seat = (os.getpid(), _sit_down(cluster))
            atexit.register(leave)
        return cluster.start()


def revive() -> bool:
    """Start the embedded server again if it died under us; cheap enough to be asked every second."""
    cluster = embedded()
    return cluster is not None and not cluster.is_running() and join()


def leave() -> None:
    """Stop using the embedded server; the last process out stops it, unless it is kept."""
    global _seat
    if _seat is None or _seat[0] != os.getpid():
        return  # never joined, or a forked child whose parent still holds the seat
    os.close(_seat[1])
    _seat = None
    cluster = embedded()
    if cluster is None or not cluster.data.exists():
        return
    with locked(cluster):
        if not others_use_it(cluster) and not _is_kept(cluster):
            cluster.stop()


def others_use_it(cluster: Cluster) -> bool:
    """Return whether a process other than this one uses the server. Ask only inside `locked`."""
    descriptor = os.open(cluster.data / "database.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _seat is not None:
            fcntl.flock(_seat[1], fcntl.LOCK_UN)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
        if _seat is not None:
            fcntl.flock(_seat[1], fcntl.LOCK_SH)


def keep(cluster: Cluster, kept: bool) -> None:
    """Note that the running server outlives its users (or not). The note is void for the next server."""
    note = cluster.data / "database.kept"
    if kept and (server := cluster.server()):
        note.write_text(f"{server.pid} {server.create_time()}\n")
    else:
        note.unlink(missing_ok=True)


def _is_kept(cluster: Cluster) -> bool:
    try:
        note = (cluster.data / "database.kept").read_text()
    except FileNotFoundError:
        return False
    server = cluster.server()
    return server is not None and note == f"{server.pid} {server.create_time()}\n"


def _sit_down(cluster: Cluster) -> int:
    descriptor = os.open(cluster.data / "database.users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor
