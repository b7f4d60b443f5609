"""Makes the embedded database's folder fit a newer PostgreSQL, on a copy, keeping the old folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from commonbeat.config.cluster import MAJOR, SUPERUSER, Cluster, DatabaseUnavailable, programs
from commonbeat.config.database import locked, others_use_it


def upgrade_cluster(cluster: Cluster, *, old_programs: Path | None = None) -> Path | None:
    """Upgrade by pg_upgrade and return where the old folder is kept; None if there is nothing to do.

    Needs the old version's programs: those in the wheel, of the distribution, or `old_programs`. Without
    them the way is a backup made with the old version of Commonbeat and `commonbeat restore` with this one.
    Costs disk space for a second copy while it runs, and until the old folder is removed.
    """
    with locked(cluster):
        made_by = cluster.made_by()
        if made_by is None or made_by == cluster.major:
            return None
        if made_by > MAJOR:
            raise DatabaseUnavailable(
                f"The database folder was made by PostgreSQL {made_by}, which is newer than this version's "
                f"{MAJOR}. Install the newer version of Commonbeat that made it."
            )
        old_folder = old_programs or _find_programs(made_by)
        old = replace(cluster, major=made_by)
        if others_use_it(cluster):
            raise DatabaseUnavailable("Other processes use the database. Stop them, then upgrade.")
        _stop_cleanly(old, old_folder)
        new = replace(cluster, name="postgres.upgraded")
        shutil.rmtree(new.pgdata, ignore_errors=True)
        new.initialise()
        _copy(old, new, old_folder)
        kept = cluster.data / f"postgres-{made_by}-before-upgrade"
        if kept.exists():
            raise DatabaseUnavailable(f"{kept} is in the way. Move it elsewhere, then upgrade again.")
        cluster.pgdata.rename(kept)
        new.pgdata.rename(cluster.pgdata)
        return kept


def _find_programs(major: int) -> Path:
    try:
        return programs(major)
    except DatabaseUnavailable:
        raise DatabaseUnavailable(
            f"The upgrade needs the programs of PostgreSQL {major}, which are not on this machine. Install "
            f"them (on Debian: postgresql-{major}), or name their folder with --programs. Or run the version "
            "of Commonbeat that made the folder, `commonbeat backup` there, and `commonbeat restore` here."
        )


def _stop_cleanly(old: Cluster, old_programs: Path) -> None:
    """Shut the old server down: pg_upgrade refuses a folder that crashed."""
    if old.is_running():
        old.run(str(old_programs / "pg_ctl"), "-w", "-D", old.pgdata, "stop")
    elif "shut down" not in old.run(str(old_programs / "pg_controldata"), "-D", old.pgdata):
        old.clear_leftovers()
        with tempfile.TemporaryDirectory(prefix="cb-") as folder:
            Path(folder).chmod(0o777)
            options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
            log = old.pgdata / "upgrade.log"
            old.run(str(old_programs / "pg_ctl"), "-w", "-l", log, "-o", options, "-D", old.pgdata, "start")
            old.run(str(old_programs / "pg_ctl"), "-w", "-D", old.pgdata, "stop")


def _copy(old: Cluster, new: Cluster, old_programs: Path) -> None:
    """Run pg_upgrade in copy mode: the old folder stays usable whatever happens."""
    if re.search(r"checksum version:\s+0\b", old.run(str(old_programs / "pg_controldata"), "-D", old.pgdata)):
        new.run("pg_checksums", "--disable", "-D", new.pgdata)
    account = new.account()
    work = Path(tempfile.mkdtemp(prefix="cb-", dir="/tmp" if Path("/tmp").is_dir() else None))
    try:
        if account:
            os.chown(work, *account)
        paths: list[str | Path] = [
            "-b",
            old_programs,
            "-B",
            programs(new.major),
            "-d",
            old.pgdata,
            "-D",
            new.pgdata,
            "-s",
            work,
        ]
        new.run("pg_upgrade", *paths, "-U", SUPERUSER, cwd=work)
    except subprocess.CalledProcessError as error:
        said = " / ".join([line for line in (error.stdout + error.stderr).splitlines() if line.strip()][-6:])
        raise DatabaseUnavailable(f"The upgrade failed and changed nothing; the old folder is as it was. {said}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    new.run("pg_checksums", "--enable", "-D", new.pgdata)
