"""The embedded database under several users, sudden deaths and broken folders."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from commonbeat.config import database
from commonbeat.config.cluster import SUPERUSER, DatabaseUnavailable, programs
from tests.config.conftest import PATIENCE_SECONDS

USER = """
from commonbeat.config.database import database_url
import psycopg, sys
connection = psycopg.connect(database_url(), autocommit=True)
print("ready", connection.execute("SELECT current_database()").fetchone()[0], flush=True)
sys.stdin.readline()
connection.execute("SELECT 1")
print("still there", flush=True)
"""


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate("\n", timeout=PATIENCE_SECONDS)
    return said.strip()


def run_sql(installation: Any, statement: str, **place: str) -> Any:
    with psycopg.connect(installation.cluster.url(**place), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def wait_until(true: Any, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_two_processes_that_start_together_share_one_server_and_the_last_one_stops_it(
    installation: Any,
) -> None:
    first, second = installation.python(USER), installation.python(USER)
    assert line_of(first) == line_of(second) == "ready commonbeat"
    server = installation.cluster.server()

    assert finish(first) == "still there"
    assert installation.cluster.server() == server, "the second process still uses it"
    assert finish(second) == "still there"
    assert not installation.cluster.is_running()


def test_killing_the_process_that_started_the_server_does_not_take_it_from_the_others(
    installation: Any,
) -> None:
    first = installation.python(USER)
    assert line_of(first) == "ready commonbeat"
    second = installation.python(USER)
    assert line_of(second) == "ready commonbeat"

    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert finish(second) == "still there"
    assert not installation.cluster.is_running(), "the dead process is no user any more"


def test_a_command_that_is_told_to_end_stops_the_server_that_it_was_the_last_to_use(installation: Any) -> None:
    wait = "from django.db import connection as c; c.ensure_connection(); print('ready', flush=True); input()"
    process = installation.start(
        installation.python_path, "-m", "commonbeat", "django", "shell", "--no-imports", "-c", wait
    )
    assert line_of(process) == "ready" and installation.cluster.is_running()
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 128 + signal.SIGTERM
    assert not installation.cluster.is_running()


def test_after_kill_9_of_postgres_the_next_start_recovers_what_was_committed(installation: Any) -> None:
    assert installation.commonbeat("database", "start")[0] == 0
    run_sql(installation, "CREATE TABLE said (word text)")
    run_sql(installation, "INSERT INTO said VALUES ('kept')")
    server = installation.cluster.server()
    server.kill()

    code, said = installation.commonbeat("database", "start")
    assert code == 0, said
    assert run_sql(installation, "SELECT word FROM said") == ("kept",)


def test_a_user_that_lives_through_the_servers_death_can_revive_it(installation: Any) -> None:
    user = installation.python(
        "from commonbeat.config import database\n"
        "import sys\n"
        "database.join(); print('joined', flush=True); sys.stdin.readline()\n"
        "print(database.revive(), database.revive(), flush=True); sys.stdin.readline()"
    )
    assert line_of(user) == "joined"
    installation.cluster.server().kill()
    wait_until(lambda: not installation.cluster.is_running())
    assert user.stdin is not None
    user.stdin.write("\n")
    user.stdin.flush()
    assert line_of(user) == "True False", "revived once; then there is nothing to revive"
    assert run_sql(installation, "SELECT 1") == (1,)
    finish(user)
    assert not installation.cluster.is_running()


def test_a_pid_file_whose_number_was_given_to_another_program_does_not_keep_the_server_down(
    installation: Any,
) -> None:
    installation.commonbeat("database", "start")
    notes = installation.cluster.pgdata / "postmaster.pid"
    lines = notes.read_text().splitlines()
    server = installation.cluster.server()
    server.kill()
    wait_until(lambda: not installation.cluster.is_running())
    notes.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    code, said = installation.commonbeat("database", "start")
    assert code == 0, said


def test_a_first_start_that_was_cut_off_is_begun_again(installation: Any) -> None:
    unfinished = installation.data / "postgres.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    process = installation.python(USER)
    assert line_of(process) == "ready commonbeat"
    assert not unfinished.exists()


def test_a_server_that_was_asked_to_stay_outlives_its_users_until_it_is_stopped(installation: Any) -> None:
    assert installation.commonbeat("database", "start")[0] == 0
    process = installation.python(USER)
    assert line_of(process) == "ready commonbeat"

    code, said = installation.commonbeat("database", "stop")
    assert code == 1
    assert "Other processes use the database" in said and "Traceback" not in said
    assert installation.commonbeat("database", "start")[0] == 0
    finish(process)
    assert installation.commonbeat("database", "status")[0] == 0
    assert installation.commonbeat("database", "stop") == (0, "The database is stopped.\n")
    assert installation.commonbeat("database", "status")[0] == 3


def test_help_starts_no_database(installation: Any) -> None:
    code, said = installation.commonbeat("serve", "--help")
    assert code == 0 and "--port" in said
    assert not installation.data.exists()


def test_a_folder_of_another_major_version_is_left_alone_and_the_command_is_named(installation: Any) -> None:
    installation.cluster.pgdata.mkdir(parents=True)
    (installation.cluster.pgdata / "PG_VERSION").write_text("15\n")
    code, said = installation.commonbeat("database", "start")
    assert code == 1
    assert "made by PostgreSQL 15" in said
    assert "commonbeat database upgrade" in said
    assert "Traceback" not in said
    assert [path.name for path in installation.cluster.pgdata.iterdir()] == ["PG_VERSION"]


def test_an_upgrade_without_the_old_programs_says_what_is_possible(installation: Any) -> None:
    installation.cluster.pgdata.mkdir(parents=True)
    (installation.cluster.pgdata / "PG_VERSION").write_text("9.6\n")
    code, said = installation.commonbeat("database", "upgrade")
    assert code == 1
    assert "postgresql-9" in said and "commonbeat restore" in said


def test_a_folder_of_postgresql_16_is_upgraded_with_its_rows_and_the_old_one_is_kept(
    installation: Any,
) -> None:
    try:
        programs(16)
    except DatabaseUnavailable:
        pytest.skip("the programs of PostgreSQL 16 are not on this machine")
    old = replace(installation.cluster, major=16)
    installation.data.mkdir()
    old.let_account_in()
    old.pgdata.mkdir(mode=0o700)
    if account := old.account():
        os.chown(old.pgdata, *account)
    old.run("initdb", "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "-D", old.pgdata)
    options = f"-c listen_addresses='' -c unix_socket_directories='{old.sockets}'"
    old.run("pg_ctl", "-w", "-o", options, "-l", old.log, "-D", old.pgdata, "start")
    run_sql(installation, "CREATE ROLE commonbeat LOGIN CREATEDB", role=SUPERUSER, database="postgres")
    run_sql(installation, "CREATE DATABASE commonbeat OWNER commonbeat", role=SUPERUSER, database="postgres")
    run_sql(installation, "CREATE TABLE said AS SELECT 'kept' AS word")
    server = old.server()
    assert server is not None
    server.kill()  # the upgrade must recover it first

    code, said = installation.commonbeat("database", "upgrade")
    assert code == 0, said
    assert (installation.data / "postgres-16-before-upgrade" / "PG_VERSION").read_text() == "16\n"
    assert installation.commonbeat("database", "start")[0] == 0
    assert run_sql(installation, "SELECT word FROM said") == ("kept",)
    assert run_sql(installation, "SHOW data_checksums") == ("on",)


def test_a_data_folder_with_a_very_long_path_works(installation: Any, tmp_path: Path) -> None:
    installation.environment["COMMONBEAT_DATA"] = str(installation.data / ("long-" * 30))
    installation.cluster = replace(installation.cluster, data=installation.data / ("long-" * 30))
    process = installation.python(USER)
    assert line_of(process) == "ready commonbeat"
    assert installation.cluster.sockets != installation.cluster.pgdata
    assert installation.cluster.sockets.stat().st_mode & 0o077 == 0, "nobody else can enter"


def test_a_data_folder_that_cannot_be_made_is_said_in_one_sentence(installation: Any) -> None:
    installation.data.write_text("a file where a folder should be")
    code, said = installation.commonbeat("database", "start")
    installation.data.unlink()
    assert code == 1
    assert "COMMONBEAT_DATA" in said and "Traceback" not in said


def test_durability_is_on_and_nothing_listens_on_the_network(installation: Any) -> None:
    installation.commonbeat("database", "start")
    for name, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "jit": "off",
    }.items():
        assert run_sql(installation, f"SHOW {name}") == (value,)
    assert run_sql(installation, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == (False,)
    server = psutil.Process(installation.cluster.server().pid)
    assert [c for c in server.net_connections() if c.status == psutil.CONN_LISTEN] == []
    assert installation.cluster.pgdata.stat().st_mode & 0o077 == 0


def test_database_url_wins_and_nothing_is_started(installation: Any) -> None:
    installation.environment["DATABASE_URL"] = "postgresql://somebody@db.example.org/elsewhere"
    process = installation.python("from commonbeat.config import database as d; print(d.database_url(), d.join())")
    assert finish(process) == "postgresql://somebody@db.example.org/elsewhere False"
    assert not installation.data.exists()
    code, said = installation.commonbeat("database", "stop")
    assert code == 1 and "its own tools" in said


def test_an_address_becomes_djangos_settings() -> None:
    made = database.database_settings("postgresql://ann:p%40ss@db.example.org:6432/beat?sslmode=require")
    assert made == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "beat",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize("address", ["mysql://a/b", "postgresql://ann@host", "postgresql://[broken"])
def test_an_address_that_cannot_be_used_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="Write it as postgresql://"):
        database.database_settings(address)
