"""Saves an installation in one file while it runs, and loads such a file into an empty installation.

The file is a tar: `database.dump` (pg_dump's custom format), `files/…`, `keys/…` only when asked, and
`manifest.json` with the version, a count of every table and a SHA-256 of every part. Counts and dump
come from one snapshot of the database, so they agree under load.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from commonbeat import __version__
from commonbeat.config import database as databases
from commonbeat.config.cluster import DatabaseUnavailable, programs

FORMAT = 1
# Tables that a migrated but unused installation already fills.
BOOKKEEPING = ("django_migrations", "django_content_type", "django_site", "auth_permission", "procrastinate_")
CLIENT_VARIABLES = {
    "dbname": "PGDATABASE",
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
LIST_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


class BackupFailed(Exception):
    """A backup or restore could not be done; the message says why, what to do, and what changed."""


@dataclass
class Manifest:
    """What a backup file says about itself; `files` and `keys` map names to SHA-256."""

    version: str
    made_at: str
    counts: dict[str, int]
    dump: str
    files: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def has_keys(self) -> bool:
        return bool(self.keys)


def make_backup(file: Path, *, with_keys: bool = False, force: bool = False) -> Manifest:
    """Write the backup; `file` appears under its name only when it is complete and on disk.

    Uploaded files are read after the database's snapshot: each one that the database names is there,
    unless it was disposed of in these minutes.
    """
    if file.exists() and not force:
        raise BackupFailed(f"{file} exists. Choose another name, or add --force to replace it.")
    if not file.name.endswith((".tar", ".tar.gz", ".tgz")):
        raise BackupFailed(f"Name the file with .tar or .tar.gz at the end, not {file.name}.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
            dump = Path(folder) / "database.dump"
            counts = _dump_database(dump)
            manifest = Manifest(
                version=__version__,
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                counts=counts,
                dump=_digest(dump),
            )
            draft = Path(folder) / "backup"
            _write_tar(draft, file.name, dump, manifest, with_keys=with_keys)
            draft.replace(file)
            return manifest
    except OSError as error:
        raise BackupFailed(f"The backup could not be written: {error.strerror} ({error.filename or file}).")


def restore_backup(file: Path, *, force: bool = False) -> Manifest:
    """Check the file, then load it: the database in one transaction, files after it.

    Refuses an installation that holds anything, unless forced; then what was there is lost. If the
    database part fails, nothing has changed.
    """
    if not force and (held := _what_is_held()):
        raise BackupFailed(
            f"This installation is not empty: {held}. Restore into a fresh one (set COMMONBEAT_DATA to a new "
            "folder), or add --force to replace what is here."
        )
    data = databases.data_folder()
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as name:
        folder = Path(name)
        try:
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        except (tarfile.TarError, EOFError, OSError) as error:
            raise BackupFailed(f"{file} cannot be read as a backup ({error}). Nothing was changed.")
        manifest = _read_manifest(folder, file)
        _load_database(folder / "database.dump", manifest.counts)
        _put_files(folder / "files", _files_folder())
        if manifest.has_keys:
            _put_files(folder / "keys", databases.keys_folder(), private=True)
        return manifest


def _dump_database(target: Path) -> dict[str, int]:
    """Dump and count in one snapshot; returns rows per table."""
    with _connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        _run("pg_dump", "--format=custom", "--compress=6", "--no-owner", "--no-privileges", "--schema=public",
             f"--snapshot={snapshot[0]}", f"--file={target}")  # fmt: skip
        return _count(connection)


def _count(connection: psycopg.Connection[Any]) -> dict[str, int]:
    counts = {}
    for (table,) in connection.execute(LIST_TABLES).fetchall():
        row = connection.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def _write_tar(draft: Path, name: str, dump: Path, manifest: Manifest, *, with_keys: bool) -> None:
    mode: Literal["w", "w:gz"] = "w" if name.endswith(".tar") else "w:gz"
    draft.touch(mode=0o600)
    with tarfile.open(draft, mode) as archive:
        archive.add(dump, "database.dump")
        dump.unlink()
        manifest.files = _add_folder(archive, _files_folder(), "files")
        if with_keys:
            manifest.keys = _add_folder(archive, databases.keys_folder(), "keys")
            if not manifest.keys:
                raise BackupFailed(f"There are no keys in {databases.keys_folder()}. Set COMMONBEAT_KEYS.")
        text = json.dumps(asdict(manifest), indent=1, sort_keys=True)
        listing = draft.with_name("manifest.json")
        listing.write_text(text)
        archive.add(listing, "manifest.json")
    with draft.open("rb") as written:
        os.fsync(written.fileno())


def _add_folder(archive: tarfile.TarFile, folder: Path, prefix: str) -> dict[str, str]:
    """Add regular files; one that disappears while we read was disposed of and is left out."""
    digests = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_symlink() or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        with contextlib.suppress(FileNotFoundError):
            digests[name] = _digest(path)
            archive.add(path, f"{prefix}/{name}")
    return digests


def _read_manifest(folder: Path, file: Path) -> Manifest:
    """Read the manifest and check every part against it before anything is changed."""
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError):
        raise BackupFailed(f"{file} is not a backup made by this product, or is cut short. Nothing was changed.")
    if manifest.format > FORMAT or _numbers(manifest.version) > _numbers(__version__):
        raise BackupFailed(
            f"The backup was made by version {manifest.version}; this is {__version__}. Install that version "
            "or a newer one, then restore. Nothing was changed."
        )
    parts = {"database.dump": manifest.dump}
    parts |= {f"files/{name}": digest for name, digest in manifest.files.items()}
    parts |= {f"keys/{name}": digest for name, digest in manifest.keys.items()}
    for name, digest in parts.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise BackupFailed(f"{file} is damaged: {name} is not what was saved. Nothing was changed.")
    return manifest


def _load_database(dump: Path, counts: dict[str, int]) -> None:
    """Replace the schema, load, and compare the counts, all in one transaction."""
    script, check = dump.with_name("database.sql"), dump.with_name("check.sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    clear = dump.with_name("clear.sql")
    clear.write_text("DROP SCHEMA IF EXISTS public CASCADE;\n")
    checks = [
        f"IF (SELECT count(*) FROM public.{_quoted(table)}) <> {int(count)} THEN "
        f"RAISE EXCEPTION '% has not the % rows that were saved', {_literal(table)}, {int(count)}; END IF;"
        for table, count in counts.items()
    ]
    check.write_text("DO $check$ BEGIN\n" + "\n".join([*checks, "NULL;"]) + "\nEND $check$;\n")
    _ensure_schema(script)
    files = [f"--file={part}" for part in (clear, script, check)]
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    _run("psql", *options, "--output=/dev/null", *files)


def _ensure_schema(script: Path) -> None:
    """A dump of one schema creates it, one of a default schema may not; make sure exactly one line does."""
    with script.open(errors="replace") as lines:
        for line in lines:
            if line.startswith("CREATE SCHEMA public"):
                return
            if line.startswith(("CREATE TABLE", "COPY ")):  # from here on, lines may be people's words
                break
    with script.with_name("clear.sql").open("a") as clear:
        clear.write("CREATE SCHEMA public;\n")


def _what_is_held() -> str:
    """Return in words what keeps this installation from being empty, or nothing."""
    with _connect() as connection:
        held = {t: n for t, n in _count(connection).items() if n and not t.startswith(BOOKKEEPING)}
    uploads = _files_folder()
    files = sum(1 for path in uploads.rglob("*") if path.is_file()) if uploads.is_dir() else 0
    parts = [f"{sum(held.values()):,} rows in {len(held)} tables"] if held else []
    parts += [f"{files:,} uploaded files"] if files else []
    return " and ".join(parts)


def _put_files(source: Path, target: Path, *, private: bool = False) -> None:
    """Copy files in place without removing others: a file that the database does not name harms nobody."""
    if not source.is_dir():
        return
    try:
        target.mkdir(parents=True, exist_ok=True)
        if private:
            target.chmod(0o700)
        shutil.copytree(source, target, dirs_exist_ok=True)
    except OSError as error:
        raise BackupFailed(
            f"The database is restored, but files could not be written into {target}: {error}. "
            "Free some space or correct the folder's owner, then run the restore again with --force."
        )


def _files_folder() -> Path:
    from django.conf import settings

    return Path(settings.FILES_ROOT)


@contextlib.contextmanager
def _connect() -> Iterator[psycopg.Connection[Any]]:
    url = databases.database_url()
    try:
        connection = psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"The database cannot be reached: {error}")
    with connection:
        yield connection


def _run(program: str, *arguments: str) -> None:
    """Run a PostgreSQL client program on our database; a password goes by environment, not by argument."""
    parts = {key: str(value) for key, value in conninfo_to_dict(databases.database_url()).items()}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    environment |= {CLIENT_VARIABLES[key]: value for key, value in parts.items() if key in CLIENT_VARIABLES}
    where = () if program == "pg_restore" else ("--dbname", parts.get("dbname", ""))
    done = subprocess.run(
        [_client(program), *where, *arguments],
        env=environment, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        said = next((line for line in lines if "ERROR:" in line or "error:" in line), lines[-1])
        raise BackupFailed(f"{program} failed: {said}. Nothing was changed.")


def _client(program: str) -> str:
    """Return the wheel's program, or the one on PATH where the wheel has none for this machine."""
    try:
        return str(programs() / program)
    except DatabaseUnavailable:
        found = shutil.which(program)
        if found is None:
            raise BackupFailed(f"{program} is not on this machine. Install PostgreSQL's client programs.")
        return found


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
