"""A backup taken while reports come in holds a whole state, which works on another machine."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from pathlib import Path

import pytest

from tests.reliability.site import Site

pytestmark = pytest.mark.chaos


def test_a_backup_under_load_restores_elsewhere_with_the_same_counts_and_a_valid_chain(site: Site) -> None:
    taken, stop = [], threading.Event()

    def keep_reporting() -> None:
        while not stop.is_set():
            number = len(taken)
            taken.append(site.report_until_taken(number, uuid.uuid4()))

    residents = [threading.Thread(target=keep_reporting) for _ in range(4)]
    for resident in residents:
        resident.start()
    while len(taken) < 40:
        stop.wait(0.05)
    before = len(taken)
    archive = site.data.parent / "backup.tar"
    site.run("backup", str(archive), "--with-keys")
    after = len(taken)
    stop.set()
    for resident in residents:
        resident.join()

    folder = Path(tempfile.mkdtemp(prefix="cb-elsewhere-"))
    folder.chmod(0o755)
    elsewhere = Site(folder / "data")
    try:
        elsewhere.run("restore", str(archive))
        elsewhere.start()
        assert elsewhere.flaws() == "[]"
        counts = elsewhere.sql(
            "SELECT (SELECT count(*) FROM cases_case), "
            "(SELECT count(*) FROM journal_entry WHERE number = 1 AND subject_kind = 'case'), "
            "(SELECT count(*) FROM cases_participant), (SELECT count(*) FROM publishing_publiccase), "
            "(SELECT count(*) FROM journal_delivery)"
        )[0]
        assert len(set(counts)) == 1, counts
        assert before - 4 <= counts[0] <= after + 4
        # Work goes on there: ids continue, and nothing collides.
        assert elsewhere.report_until_taken(99_999, uuid.uuid4())
    finally:
        elsewhere.end()
        shutil.rmtree(folder, ignore_errors=True)
