"""Backups made under load, restored elsewhere, and files that must be refused."""

from __future__ import annotations

import json
import tarfile
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

SETTINGS = """
from commonbeat.config.database import data_folder, database_settings, database_url
SECRET_KEY = "only-for-tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
DATABASES = {"default": database_settings(database_url())}
FILES_ROOT = data_folder() / "files"
USE_TZ = True
"""


@pytest.fixture
def site(installation: Any, tmp_path: Path) -> Any:
    """A small installation: two tables that only ever grow together, one upload, one key."""
    (tmp_path / "small_settings.py").write_text(SETTINGS)
    installation.environment |= {"DJANGO_SETTINGS_MODULE": "small_settings", "PYTHONPATH": str(tmp_path)}
    assert installation.commonbeat("database", "start")[0] == 0
    assert installation.commonbeat("migrate")[0] == 0
    with connect(installation) as connection:
        connection.execute("CREATE TABLE report (id serial PRIMARY KEY, words text)")
        connection.execute("CREATE TABLE entry (report_id int REFERENCES report)")
    add_report(installation, "CREATE SCHEMA public\nCOPY ; 'quoted' \\. é")
    (installation.data / "files" / "2013").mkdir(parents=True)
    (installation.data / "files" / "2013" / "photo.jpg").write_bytes(b"\xff\xd8 a photo")
    (installation.data / "keys").mkdir()
    (installation.data / "keys" / "current").write_text("a secret key")
    return installation


def connect(site: Any) -> psycopg.Connection[Any]:
    return psycopg.connect(site.cluster.url(), autocommit=True)


def add_report(site: Any, words: str) -> None:
    with connect(site) as connection, connection.transaction():
        connection.execute("INSERT INTO report (words) VALUES (%s)", [words])
        connection.execute("INSERT INTO entry SELECT max(id) FROM report")


def everything(site: Any) -> list[Any]:
    with connect(site) as connection:
        return connection.execute("SELECT r.id, r.words FROM report r JOIN entry e ON e.report_id = r.id").fetchall()


def clear(site: Any) -> None:
    """Leave what a fresh, migrated installation has."""
    with connect(site) as connection:
        connection.execute("DROP TABLE entry, report")
    (site.data / "files" / "2013" / "photo.jpg").unlink()


def contents(file: Path) -> tuple[list[str], dict[str, Any]]:
    with tarfile.open(file) as archive:
        listing = archive.extractfile("manifest.json")
        assert listing is not None
        return archive.getnames(), json.load(listing)


def test_a_backup_made_while_people_write_is_one_consistent_moment(site: Any, tmp_path: Path) -> None:
    enough = threading.Event()

    def write() -> None:
        number = 0
        while not enough.is_set():
            add_report(site, f"report {number}")
            number += 1

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        code, said = site.commonbeat("backup", tmp_path / "b.tar.gz")
    finally:
        enough.set()
        for writer in writers:
            writer.join()
    assert code == 0, said
    counts = contents(tmp_path / "b.tar.gz")[1]["counts"]
    assert counts["report"] == counts["entry"] > 1
    assert len(everything(site)) > counts["report"], "writing went on"
    clear(site)

    code, said = site.commonbeat("restore", tmp_path / "b.tar.gz")
    assert code == 0, said
    restored = everything(site)
    assert len(restored) == counts["report"]
    assert restored[0] == (1, "CREATE SCHEMA public\nCOPY ; 'quoted' \\. é")
    assert (site.data / "files" / "2013" / "photo.jpg").read_bytes() == b"\xff\xd8 a photo"
    add_report(site, "numbering goes on where it was")


def test_keys_are_left_out_and_said_so_unless_they_are_asked_for(site: Any, tmp_path: Path) -> None:
    code, said = site.commonbeat("backup", tmp_path / "without.tar")
    assert code == 0 and "keys are not in it" in said
    names, manifest = contents(tmp_path / "without.tar")
    assert not any(name.startswith("keys") for name in names) and manifest["keys"] == {}

    code, said = site.commonbeat("backup", tmp_path / "with.tar", "--with-keys")
    assert code == 0 and "like a password" in said
    assert "keys/current" in contents(tmp_path / "with.tar")[0]
    assert (tmp_path / "with.tar").stat().st_mode & 0o077 == 0


def test_restoring_over_data_is_refused_and_changes_nothing_unless_forced(site: Any, tmp_path: Path) -> None:
    assert site.commonbeat("backup", tmp_path / "b.tar")[0] == 0
    add_report(site, "came later")
    code, said = site.commonbeat("restore", tmp_path / "b.tar")
    assert code == 1 and "is not empty" in said and "--force" in said and "Traceback" not in said
    assert len(everything(site)) == 2

    code, said = site.commonbeat("restore", tmp_path / "b.tar", "--force")
    assert code == 0, said
    assert len(everything(site)) == 1


def test_a_damaged_a_cut_off_and_a_foreign_file_are_refused_before_anything_changes(site: Any, tmp_path: Path) -> None:
    assert site.commonbeat("backup", tmp_path / "b.tar")[0] == 0
    whole = (tmp_path / "b.tar").read_bytes()
    damaged, cut, foreign = tmp_path / "damaged.tar", tmp_path / "cut.tar", tmp_path / "foreign.tar"
    damaged.write_bytes(whole.replace(b"\xff\xd8 a photo", b"\xff\xd8 A photo"))
    cut.write_bytes(whole[: len(whole) // 3])
    foreign.write_text("minutes of a meeting")
    for file in (damaged, cut, foreign):
        code, said = site.commonbeat("restore", file, "--force")
        assert code == 1 and "Nothing was changed" in said and "Traceback" not in said, (file, said)
    assert len(everything(site)) == 1


def test_rows_that_do_not_match_the_manifest_roll_the_restore_back(site: Any, tmp_path: Path) -> None:
    assert site.commonbeat("backup", tmp_path / "b.tar")[0] == 0
    add_report(site, "came later")
    with tarfile.open(tmp_path / "b.tar") as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    manifest = json.loads((tmp_path / "parts" / "manifest.json").read_text())
    manifest["counts"]["report"] += 1
    (tmp_path / "parts" / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(tmp_path / "wrong.tar", "w") as archive:
        for part in sorted((tmp_path / "parts").iterdir()):
            archive.add(part, part.name)
    code, said = site.commonbeat("restore", tmp_path / "wrong.tar", "--force")
    assert code == 1 and "report has not the 2 rows" in said, said
    assert len(everything(site)) == 2


def test_a_backup_does_not_replace_a_file_by_accident(site: Any, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_text("last month's")
    code, said = site.commonbeat("backup", tmp_path / "b.tar")
    assert code == 1 and "--force" in said
    assert (tmp_path / "b.tar").read_text() == "last month's"
    assert site.commonbeat("backup", tmp_path / "b.zip")[0] == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
