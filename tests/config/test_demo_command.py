"""`commonbeat demo` as a newcomer meets it: loaded by several processes, cut off, continued."""

from __future__ import annotations

import time

import psutil
import psycopg

from tests.config.conftest import PATIENCE_SECONDS, Installation


def test_a_load_that_was_killed_leaves_no_process_and_the_next_one_completes_the_city(
    installation: Installation,
) -> None:
    command = ("-m", "commonbeat", "demo", "--small", "--load-only", "--port", "18390")
    first = installation.start(installation.python_path, *command)
    assert first.stdout is not None
    while "Playing" not in (line := first.stdout.readline()):
        assert line, "The load ended before the stories began."
    family = [p for p in psutil.Process(first.pid).children(recursive=True) if not p.name().startswith("postgres")]
    first.kill()
    first.communicate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family):
        assert time.monotonic() < deadline, family
        time.sleep(0.1)

    again = installation.start(installation.python_path, *command)
    said, _ = again.communicate(timeout=2 * PATIENCE_SECONDS)
    assert again.returncode == 0 and "omar@demo.example" in said, said
    assert not installation.cluster.is_running(), "the last one out stops it"
    assert installation.commonbeat("database", "start")[0] == 0
    with psycopg.connect(installation.cluster.url()) as connection:
        filed = connection.execute("SELECT source, count(*), count(DISTINCT key) FROM cases_importedrecord GROUP BY 1")
        counts = {str(source): (rows, keys) for source, rows, keys in filed}
        [[cases, cards, stories]] = connection.execute(
            "SELECT count(*), (SELECT count(*) FROM publishing_publiccase), "
            "count(*) FILTER (WHERE channel <> 'import') FROM cases_case WHERE kind = 'concern'"
        )
        stages = connection.execute("SELECT verb FROM journal_entry WHERE subject_kind = 'demo'").fetchall()
    assert all(rows == keys for rows, keys in counts.values()), counts
    files = [rows for source, (rows, _) in counts.items() if source.endswith(".csv.gz")]
    assert len(files) == 4 and all(100 < rows <= 150 for rows in files), counts
    assert cases == cards == stories + sum(rows for rows, _ in counts.values()) and stories > 50
    parts = (
        "care",
        "city",
        "field",
        "incidents",
        "meetings",
        "problems",
        "records",
        "requests",
        "scorecard",
        "services",
        "standards",
        "stories",
        "studies",
        "surveys",
        "talks",
        "tips",
    )
    assert sorted(verb for [verb] in stages) == [f"demo.{part}" for part in parts]
